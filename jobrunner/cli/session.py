"""`jobrunner session list|revoke`: the operators who are signed in by a browser."""

from __future__ import annotations

import argparse
from collections.abc import Coroutine
from typing import Any

from jobrunner.cli import words
from jobrunner.cli.offline import Offline
from jobrunner.cli.operated import operated, place
from jobrunner.cli.table import Row, print_table
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client
from jobrunner.errors import Unreachable
from jobrunner.wire import SessionData

_HEADING = ("ID", "KEY", "ADDRESS", "SINCE", "LAST USED", "EXPIRES", "KEY'S NAME")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Coroutine[Any, Any, int]:
    """Do what was asked with sessions."""
    return {"list": _list, "revoke": _revoke}[arguments.action](arguments, terminal)


@operated
async def _list(operator: Client | Offline, arguments: argparse.Namespace, terminal: Terminal) -> int:
    server = _server(operator)
    sessions = await server.sessions()
    if arguments.json:
        for session in sessions:
            terminal.json(session)
    elif sessions:
        print_table(terminal, _HEADING, [_row(session, terminal) for session in sessions])
    else:
        terminal.say(f"nobody is signed in {place(server)}")
    return 0


@operated
async def _revoke(operator: Client | Offline, arguments: argparse.Namespace, terminal: Terminal) -> int:
    await _server(operator).close_session(arguments.session_id)
    if arguments.json:
        terminal.json({"id": arguments.session_id})
    else:
        terminal.print("revoked")
    return 0


def _server(operator: Client | Offline) -> Client:
    """Insist on a server: nobody uses a session without one."""
    if isinstance(operator, Offline):
        raise Unreachable(f"no server runs on {operator.directory}")
    return operator


def _row(session: SessionData, terminal: Terminal) -> Row:
    def at(time: str) -> str:
        return words.local(time) if terminal.is_live else time

    return (
        session["id"],
        session["key_id"],
        session["address"],
        at(session["created_at"]),
        at(session["last_used_at"]),
        at(session["expires_at"]),
        session["key_name"] or "",
    )
