"""`jobrunner show ID`: all about a job, what went wrong first; --json prints it as it came."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from jobrunner.cli.connected import connected
from jobrunner.cli.files import print_artifacts
from jobrunner.cli.page import page, values
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client
from jobrunner.wire import AttemptData


@connected
async def run(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print a job; how earlier attempts ended too, if there were any."""
    job = await client.get(arguments.job_id)
    if arguments.json:
        terminal.json(job)
        return 0
    attempts: Sequence[AttemptData] = await client.attempts(job["job_id"]) if job["attempt"] > 1 else ()
    for line in page(job, attempts, terminal):
        terminal.print(line)
    print_artifacts(client, job, terminal)
    for line in values(job, terminal):
        terminal.print(line)
    return 0
