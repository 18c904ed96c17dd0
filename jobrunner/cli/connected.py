"""A command that talks to a server: its `run` opens a client for the command and closes it."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client
from jobrunner.errors import ConfigError

Command = Callable[[Client, argparse.Namespace, Terminal], Awaitable[int]]
Run = Callable[[argparse.Namespace, Terminal], Coroutine[Any, Any, int]]


def connected(command: Command) -> Run:
    """Give the command a client; raises ConfigError for an address that is none."""

    @functools.wraps(command)
    async def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
        try:
            client = Client(arguments.url)
        except ValueError as error:
            raise ConfigError("--url", str(error)) from None
        async with client:
            return await command(client, arguments, terminal)

    return run
