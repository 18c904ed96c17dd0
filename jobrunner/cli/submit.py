"""`jobrunner submit TYPE`: the job's id goes to stdout; with --watch the job is then followed to its end."""

from __future__ import annotations

import argparse

from jobrunner.cli.connected import connected
from jobrunner.cli.terminal import Terminal
from jobrunner.cli.watch import follow
from jobrunner.client import Client
from jobrunner.client.submission import Envelope

_ENVELOPE = ("title", "priority", "queue", "user_id", "tags", "run_at", "delay", "depends_on")


@connected
async def run(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Submit, and watch if that was asked for."""
    envelope = Envelope(**{name: getattr(arguments, name) for name in _ENVELOPE})  # type: ignore[typeddict-item]
    job = await client.submit(arguments.type, arguments.payload, files=dict(arguments.files), **envelope)
    if arguments.json:
        terminal.json(job)
    else:
        terminal.print(job["job_id"])
    terminal.flush()
    if arguments.watch:
        return await follow(client, job["job_id"], terminal, as_json=arguments.json, since=job)
    if terminal.is_live:
        terminal.say(f"follow it by: jobrunner watch {job['job_id']}")
    return 0
