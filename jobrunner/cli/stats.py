"""`jobrunner stats`: how many jobs there are in each status, what the last day brought, and how the server is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from jobrunner.cli import state
from jobrunner.cli.cells import Cell
from jobrunner.cli.connected import connected
from jobrunner.cli.table import Row, print_table
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client
from jobrunner.errors import Problem
from jobrunner.wire.statistics import Statistics, TypeStatistics

FORBIDDEN = 403
_DAY = ("LAST 24 H", "SUBMITTED", "COMPLETED", "FAILED", "CANCELLED", "WAIT P50 S", "P95", "RUN P50 S", "P95")


@connected
async def run(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print counts, statistics of the last 24 hours, which a user does not get, and health."""
    counts, health = await client.counts(), await client.health()
    day = await _last_day(client)
    if arguments.json:
        terminal.json({"counts": counts, "last_24h": day, "health": health})
        return 0
    counted = [(Cell(name, state.STYLES.get(name, "none")), str(count)) for name, count in counts.items()]
    print_table(terminal, ("JOBS", ""), counted)
    if day is not None and day["types"]:
        print_table(terminal, _DAY, [_of_type(each) for each in day["types"]])
    print_table(terminal, ("SERVER", ""), list(_flat(health)))
    return 0


async def _last_day(client: Client) -> Statistics | None:
    try:
        return await client.stats("24h")
    except Problem as error:
        if error.status != FORBIDDEN:
            raise
        return None


def _of_type(found: TypeStatistics) -> Row:
    wait, run = found["wait"], found["run"]
    times = (wait["p50"], wait["p95"], run["p50"], run["p95"])
    ended = (found["submitted"], found["completed"], found["failed"], found["cancelled"])
    return found["type"], *map(str, ended), *("" if each is None else f"{each:g}" for each in times)


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Go through a table and the tables in it."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", str(value)
