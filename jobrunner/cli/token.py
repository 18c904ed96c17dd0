"""`jobrunner token USER`: a token for a user's browser, alone on stdout."""

from __future__ import annotations

import argparse

from jobrunner.cli import words
from jobrunner.cli.offline import Offline
from jobrunner.cli.operated import operated
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client


@operated
async def run(operator: Client | Offline, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Make it, and say until when it is good to who sits there."""
    made = await operator.create_token(
        arguments.user_id, arguments.allow or ["read"], arguments.job_ids, arguments.expires
    )
    if arguments.json:
        terminal.json(made)
        return 0
    terminal.print(made["token"])
    terminal.flush()
    if terminal.is_live:
        terminal.say(f"good until {words.local(made['expires_at'])}")
    return 0
