"""`jobrunner check`: what `serve` would find wrong, without starting."""

from __future__ import annotations

import argparse

from jobrunner.cli.settings import settings_for
from jobrunner.cli.terminal import Terminal
from jobrunner.web.app import check


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print what was looked at; raises the error that `serve` would end with."""
    for line in check(settings_for(arguments)):
        terminal.print(line)
    return 0
