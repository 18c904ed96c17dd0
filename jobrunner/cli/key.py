"""`jobrunner key create|list|revoke`: API keys. The text of a new one goes to stdout, and nowhere else."""

from __future__ import annotations

import argparse
from collections.abc import Coroutine
from datetime import UTC, datetime
from functools import partial
from typing import Any

from jobrunner.cli import words
from jobrunner.cli.cells import Cell
from jobrunner.cli.offline import Offline
from jobrunner.cli.operated import operated, place
from jobrunner.cli.table import Row, print_table
from jobrunner.cli.terminal import Style, Terminal
from jobrunner.client import Client
from jobrunner.wire import KeyData

_HEADING = ("ID", "STATE", "SCOPES", "CREATED", "BY", "LAST USED", "EXPIRES", "NAME")
_STYLES: dict[str, Style] = {"active": "green", "expired": "dim", "revoked": "red"}


def run(arguments: argparse.Namespace, terminal: Terminal) -> Coroutine[Any, Any, int]:
    """Do what was asked with keys."""
    return {"create": _create, "list": _list, "revoke": _revoke}[arguments.action](arguments, terminal)


@partial(operated, makes=True)
async def _create(operator: Client | Offline, arguments: argparse.Namespace, terminal: Terminal) -> int:
    made = await operator.create_key(arguments.name, arguments.scopes, arguments.expires)
    if arguments.json:
        terminal.json(made)
        return 0
    terminal.print(made["key"])
    terminal.flush()
    terminal.say(f"key {made['id']} was made {place(operator)}; it is shown this once: keep it where secrets are kept")
    return 0


@operated
async def _list(operator: Client | Offline, arguments: argparse.Namespace, terminal: Terminal) -> int:
    keys = await operator.keys()
    if arguments.json:
        for key in keys:
            terminal.json(key)
    elif keys:
        print_table(terminal, _HEADING, [_row(key, terminal) for key in keys])
    else:
        terminal.say(f"no keys {place(operator)}; make one by `jobrunner key create`")
    return 0


@operated
async def _revoke(operator: Client | Offline, arguments: argparse.Namespace, terminal: Terminal) -> int:
    revoked = await operator.revoke_key(arguments.key_id)
    if arguments.json:
        terminal.json(revoked)
    else:
        terminal.print(_state(revoked))
    return 0


def _row(key: KeyData, terminal: Terminal) -> Row:
    def at(time: str | None) -> str:
        return words.local(time) if terminal.is_live else time or ""

    return (
        key["id"],
        Cell(state := _state(key), _STYLES[state]),
        " ".join(key["scopes"]),
        at(key["created_at"]),
        key["created_by"],
        at(key["last_used_at"]),
        at(key["expires_at"]),
        key["name"],
    )


def _state(key: KeyData) -> str:
    if key["revoked_at"] is not None:
        return "revoked"
    expires_at = key["expires_at"]
    return "expired" if expires_at and datetime.fromisoformat(expires_at) <= datetime.now(UTC) else "active"
