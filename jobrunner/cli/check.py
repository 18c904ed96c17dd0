"""`jobrunner check`: what `serve` would find wrong, without starting."""

from __future__ import annotations

import argparse

from jobrunner.cli.settings import is_open, settings_for
from jobrunner.cli.terminal import Terminal
from jobrunner.config import Settings
from jobrunner.web.app import check


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print what was looked at; raises the error that `serve` would end with."""
    settings = settings_for(arguments)
    for line in (*check(settings), f"rights: {_rights(settings)}"):
        terminal.print(line)
    return 0


def _rights(settings: Settings) -> str:
    if is_open(settings):
        return "none, insecure: whoever reaches the server may do everything"
    return "keys and tokens" if settings.auth else "this machine only, which may do everything"
