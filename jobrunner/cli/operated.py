"""A command about rights: done by the server that is named, else by the one of the data directory, else without any.

Whoever can read the data directory is its operator, so no key is needed there. Must never write the database of a
running server: the lock of the directory tells, and its holder says where it can be reached.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from yarl import URL

from jobrunner.access.tokens import Tokens
from jobrunner.cli.connected import Run, named_server
from jobrunner.cli.offline import Offline, opened
from jobrunner.cli.settings import settings_for
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Client
from jobrunner.config import Settings
from jobrunner.engine.clock import SystemClock
from jobrunner.errors import DataDirError, DataDirLocked, Problem, RequestError
from jobrunner.storage.secret import own_secret

Command = Callable[[Client | Offline, argparse.Namespace, Terminal], Awaitable[int]]
_SERVER = re.compile(r"jobrunner at (http://\S+), process \d+")
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what is listened on -> where that is reached


def operated(command: Command, *, makes: bool = False) -> Run:
    """Give the command somebody who can do it; what is refused is a Problem, whoever refuses it.

    One that `makes` something may make the data directory too; for others there has to be one.
    """

    @functools.wraps(command)
    async def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
        try:
            async with _operator(arguments, makes=makes) as operator:
                return await command(operator, arguments, terminal)
        except RequestError as error:
            raise Problem(error.status, error.code, error.title, error.detail, pointers=error.pointers) from None

    return run


def place(operator: Client | Offline) -> str:
    """Say where a command was done."""
    return f"by the server at {operator.url}" if isinstance(operator, Client) else f"in {operator.directory}"


@asynccontextmanager
async def _operator(arguments: argparse.Namespace, *, makes: bool) -> AsyncIterator[Client | Offline]:
    async with AsyncExitStack() as stack:
        if _names_a_server(arguments):
            yield await stack.enter_async_context(named_server(arguments.url))
            return
        settings = settings_for(arguments)
        if not (makes or settings.storage.data_dir.is_dir()):
            raise DataDirError(f"there is no {settings.storage.data_dir}; name a --data-dir, or a server by --url")
        yield await _of_the_directory(settings, stack)


def _names_a_server(arguments: argparse.Namespace) -> bool:
    """Say whether a server is meant: a flag counts before the environment."""
    if arguments.url or arguments.config or arguments.data_dir:
        return bool(arguments.url)
    return bool(os.environ.get("JOBRUNNER_URL") or os.environ.get("JOBRUNNER_TOKEN"))


async def _of_the_directory(settings: Settings, stack: AsyncExitStack) -> Client | Offline:
    try:
        return await stack.enter_async_context(opened(settings))
    except DataDirLocked as locked:
        url = address_of(locked.holder)
        if url is None:
            raise DataDirError(f"{locked.path} is in use by {locked.holder}, which does not serve (yet)") from None
    return await stack.enter_async_context(Client(url, token=_operator_token(settings)))


def address_of(holder: str) -> str | None:
    """Return where the holder of a lock can be reached from this machine; None when it is no server, or not yet one."""
    found = _SERVER.match(holder)
    if found is None:
        return None
    url = URL(found[1])
    return str(url.with_host(_ANY_ADDRESS.get(url.host or "", url.host or "")))


def _operator_token(settings: Settings) -> str:
    """Sign a token that is good for this command. Must not make a secret: the server would not know it."""
    directory: Path = settings.storage.data_dir
    if not (directory / "secret").is_file():
        raise DataDirError(f"{directory / 'secret'} is missing, though a server runs; it makes one when it starts anew")
    return Tokens(SystemClock(), own_secret(directory), settings.auth, None).operator()
