"""`jobrunner cancel ID`: a waiting job is cancelled at once, a running one is asked to stop."""

from __future__ import annotations

import argparse

from jobrunner.cli import state
from jobrunner.cli.connected import connected
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client


@connected
async def run(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Cancel, and print where the job stands now."""
    job = await client.cancel(arguments.job_id)
    if arguments.json:
        terminal.json(job)
    else:
        terminal.print(state.line(job))
    return 0
