"""`jobrunner retry ID`: the same job again, or one part of it; with another payload or priority a new one.

Its id is printed.
"""

from __future__ import annotations

import argparse

from jobrunner.cli.connected import connected
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client
from jobrunner.client.client import UNCHANGED


@connected
async def run(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Ask for it, and print the id of the job that will run."""
    if arguments.part is not None:
        job = await client.retry_part(arguments.job_id, arguments.part)
    else:
        payload = UNCHANGED if arguments.payload is None else arguments.payload
        job = await client.retry(arguments.job_id, payload=payload, priority=arguments.priority)
    if arguments.json:
        terminal.json(job)
    else:
        terminal.print(job["job_id"])
    return 0
