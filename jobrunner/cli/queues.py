"""`jobrunner queues [pause|resume NAME]`: how full the queues are; one of them paused or resumed."""

from __future__ import annotations

import argparse

from jobrunner.cli import words
from jobrunner.cli.cells import Cell
from jobrunner.cli.connected import connected
from jobrunner.cli.table import Row, print_table
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client
from jobrunner.wire.queues import QueueData

_HEADING = ("QUEUE", "STATE", "QUEUED", "PROCESSING", "AT ONCE", "OLDEST WAIT S", "PAUSED SINCE", "BY")


@connected
async def run(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print the queues, or the one that was changed."""
    found = [await _changed(client, arguments)] if arguments.action else await client.queues()
    if arguments.json:
        for queue in found:
            terminal.json(queue)
    else:
        print_table(terminal, _HEADING, [_row(queue, terminal) for queue in found])
    return 0


async def _changed(client: Client, arguments: argparse.Namespace) -> QueueData:
    change = client.pause_queue if arguments.action == "pause" else client.resume_queue
    return await change(arguments.name)


def _row(queue: QueueData, terminal: Terminal) -> Row:
    wait, since = queue["oldest_wait"], queue["paused_at"] or ""
    return (
        queue["queue"],
        Cell("paused", "yellow") if queue["paused"] else Cell("open"),
        str(queue["queued"]),
        str(queue["processing"]),
        str(queue["concurrency"]),
        "" if wait is None else f"{wait:g}",
        words.local(since) if since and terminal.is_live else since,
        queue["paused_by"] or "",
    )
