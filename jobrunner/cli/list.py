"""`jobrunner list`: jobs, newest first, narrowed by what was asked."""

from __future__ import annotations

import argparse
from contextlib import aclosing

from jobrunner.cli import state, words
from jobrunner.cli.cells import Cell
from jobrunner.cli.connected import connected
from jobrunner.cli.table import Row, print_table
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client
from jobrunner.client.filters import ListFilter
from jobrunner.wire import JobData

_HEADING = ("ID", "STATUS", "DONE", "TYPE", "CREATED", "TITLE")


@connected
async def run(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print a table; or each job as one line of JSON, while the next page is on its way."""
    wanted = ListFilter(
        status=arguments.status,
        type=arguments.type,
        user_id=arguments.user_id,
        tag=arguments.tag,
        parent_id=arguments.parent_id,
        q=arguments.q,
    )
    rows: list[Row] = []
    async with aclosing(client.list(limit=arguments.limit, **wanted)) as jobs:
        async for job in jobs:
            if arguments.json:
                terminal.json(job)
            else:
                rows.append(_row(job, terminal))
    if rows:
        print_table(terminal, _HEADING, rows)
    elif not arguments.json:
        terminal.say("no jobs")
    return 0


def _row(job: JobData, terminal: Terminal) -> Row:
    created = words.local(job["created_at"]) if terminal.is_live else job["created_at"]
    status = Cell(job["status"], state.STYLES[job["status"]])
    return (
        job["job_id"],
        status,
        words.percent(job["progress_data"]["percentage"]),
        job["type"],
        created,
        job["title"],
    )
