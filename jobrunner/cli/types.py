"""`jobrunner types`: what can be submitted, and what each needs."""

from __future__ import annotations

import argparse
from typing import Any

from jobrunner.cli.connected import connected
from jobrunner.cli.table import Row, print_table
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client


@connected
async def run(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print a table; or each type with its schema as one line of JSON."""
    types = await client.types()
    if arguments.json:
        for one in types:
            terminal.json(one)
    elif types:
        print_table(terminal, ("TYPE", "QUEUE", "FILES", "STAGES", "TITLE"), [_row(one) for one in types])
    else:
        terminal.say("no types: name the modules of your handlers as `imports` in [workers]")
    return 0


def _row(one: dict[str, Any]) -> Row:
    """Write a type; one that cannot be submitted says why in place of its title."""
    title = one["title"] if one["available"] else f"unavailable: {one['unavailable_reason']}"
    stages = ", ".join(stage["name"] for stage in one["stages"])
    return (one["type"], one["queue"], ", ".join(one["uploads"]), stages, title)
