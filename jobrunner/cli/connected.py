"""A command that talks to a server: its `run` opens a client for the command and closes it."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from jobrunner.cli.credential import token
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client
from jobrunner.errors import ConfigError

Command = Callable[[Client, argparse.Namespace, Terminal], Awaitable[int]]
Run = Callable[[argparse.Namespace, Terminal], Coroutine[Any, Any, int]]


def connected(command: Command) -> Run:
    """Give the command a client."""

    @functools.wraps(command)
    async def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
        async with named_server(arguments.url) as client:
            return await command(client, arguments, terminal)

    return run


def named_server(url: str | None) -> Client:
    """Return a client of the server that is named, else of this machine's; raise ConfigError for what is no address."""
    shown = token()
    try:
        return Client(url, token=shown)
    except ValueError as error:
        raise ConfigError("--url", str(error)) from None
