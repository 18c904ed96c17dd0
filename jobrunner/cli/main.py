"""The way from arguments to an exit code. A command is imported when it is run, so that help and errors come at once.

0 done, 1 failed, 2 usage, 3 unreachable, 130 interrupted. Must know no command by more than its name.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from jobrunner.cli.arguments import parse
from jobrunner.cli.terminal import Terminal
from jobrunner.errors import ConfigError, DataDirError, JobrunnerError, Problem, Unreachable

FAILED, USAGE, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130
_UNAUTHORIZED = 401
_WHO = """
say who you are by JOBRUNNER_TOKEN, a key or a token; where the data is, `jobrunner key create` makes one"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code."""
    terminal = Terminal.of_this_process()
    try:
        code = _run(parse(argv), terminal)
        terminal.flush()
    except SystemExit as stop:  # argparse has said why
        return stop.code if isinstance(stop.code, int) else USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _without_reader()
    except JobrunnerError as error:
        terminal.say(f"jobrunner: {error}{_advice(error)}")
        return _code(error)
    return code


def _run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Run the command: a coroutine, or a function for those that are the server itself."""
    result = import_module(f"jobrunner.cli.{arguments.command}").run(arguments, terminal)
    return int(asyncio.run(result) if asyncio.iscoroutine(result) else result)


def _code(error: JobrunnerError) -> int:
    if isinstance(error, Unreachable):
        return UNREACHABLE
    return USAGE if isinstance(error, ConfigError | DataDirError) else FAILED


def _advice(error: JobrunnerError) -> str:
    if isinstance(error, Unreachable):
        return "\nstart one with `jobrunner serve`, or name it with --url or JOBRUNNER_URL"
    return _WHO if isinstance(error, Problem) and error.status == _UNAUTHORIZED else ""


def _without_reader() -> int:
    """Leave when `| head` has: what Python would still write at its end goes nowhere, without a traceback."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED
