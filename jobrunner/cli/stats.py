"""`jobrunner stats`: how many jobs there are in each status, and how the server is."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from jobrunner.cli import state
from jobrunner.cli.cells import Cell
from jobrunner.cli.connected import connected
from jobrunner.cli.table import print_table
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client


@connected
async def run(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print counts and health."""
    counts, health = await client.counts(), await client.health()
    if arguments.json:
        terminal.json({"counts": counts, "health": health})
        return 0
    counted = [(Cell(name, state.STYLES.get(name, "none")), str(count)) for name, count in counts.items()]
    print_table(terminal, ("JOBS", ""), counted)
    print_table(terminal, ("SERVER", ""), list(_flat(health)))
    return 0


def _flat(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Go through a table and the tables in it."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", str(value)
