"""Logs on stderr by structlog: JSON lines when piped, readable on a terminal, the standard library's logs among them.

Redacts by the name of a key, and in any text by the shape of our credentials, here and nowhere else. Must never fail
the code that logs because nobody reads the log.
"""

from __future__ import annotations

import io
import json as json_module
import logging
import os
import re
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, Literal, TextIO, cast

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import TimeStamper, add_log_level, format_exc_info
from structlog.stdlib import ProcessorFormatter, add_logger_name
from structlog.typing import EventDict, Processor, WrappedLogger

Level = Literal["debug", "info", "warning", "error"]

REDACTED = "[redacted]"
_SECRET_PARTS = ("authoriz", "cookie", "credential", "passphrase", "passwd", "password", "payload", "secret", "token")
# Parts of harmless words, so they have to stand alone.
_SECRET_WORDS = frozenset({"jwt", "key", "keys", "link", "links", "pwd"})
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
# API keys, of which the id stays so that it can be revoked; tokens (a JSON object as base64url begins with eyJ); what a
# file link and the cookie of a session hold.
_CREDENTIAL = re.compile(
    r"(?P<id>jr_[0-9a-z]{8}_)[\w-]+"
    r"|eyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"
    r"|[0-9a-z]{8,16}\.[\w-]{43}(?![\w-])",
    re.ASCII,
)
_SHORTEST_CREDENTIAL = 52  # the cookie; nearly all that is logged is shorter, and so costs nothing
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_OF_SEVERAL_LINES = frozenset({"exception", "stack", "stack_info"})
_DEEPEST = 8
_PLAIN = (str, int, float, bool, type(None))
_encode = json_module.JSONEncoder().encode


def configure(*, json: bool | None = None, level: Level = "info") -> None:
    """Send all logs of this process to stderr; `json=None` means JSON unless that is a terminal.

    To be called before the first line is logged: a logger that was used keeps what it was made with.
    """
    as_json = not _is_terminal() if json is None else json
    output = _StandardError()
    stamp: list[Processor] = [add_log_level, TimeStamper(fmt="iso", utc=True)]
    render: list[Processor] = [format_exc_info, redact, *([_as_json] if as_json else [_escape_control, _on_terminal()])]
    structlog.configure(
        processors=[*stamp, *render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", output)),
        cache_logger_on_first_use=True,
    )
    _take_standard_library(output, [*stamp, add_logger_name], render, level)
    threading.excepthook = _thread_broke
    sys.unraisablehook = _was_ignored


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide secrets, in tables and lists too; write objects as text.

    Secret is what stands under a name that sounds like a secret or a payload, and what looks like a credential of ours.
    """
    for key, value in event.items():
        if _is_secret(key):
            event[key] = REDACTED
        elif type(value) is str:
            if len(value) >= _SHORTEST_CREDENTIAL:
                event[key] = _without_credentials(value)
        elif type(value) not in _PLAIN:
            event[key] = _without_secrets(value, 0)
    return event


class _StandardError(io.TextIOBase):
    """Be whatever stderr is now, without its errors: a closed pipe or a full disk behind it costs lines, not jobs."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # re-entrant: the garbage collector may log in the middle of a line

    def write(self, text: str) -> int:
        with self._lock, suppress(OSError, ValueError):
            if sys.stderr is not None:
                sys.stderr.write(text)
        return len(text)


def _take_standard_library(output: _StandardError, stamp: list[Processor], render: list[Processor], level: str) -> None:
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        ProcessorFormatter(foreign_pre_chain=stamp, processors=[ProcessorFormatter.remove_processors_meta, *render])
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # Never below info: at debug, libraries write what passes through them (aiosqlite: the values of each statement).
    root.setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level.upper()]))
    logging.captureWarnings(capture=True)


def _thread_broke(broken: threading.ExceptHookArgs) -> None:
    """Log the end of a thread that a handler has started; Python itself would print all of it."""
    if broken.exc_type is not SystemExit and broken.exc_value is not None:
        name = broken.thread.name if broken.thread else None
        structlog.get_logger("jobrunner").error("thread.broke", thread=name, exc_info=broken.exc_value)


def _was_ignored(ignored: Any) -> None:
    """Log an error for which there was nobody to raise it to, as in `__del__`."""
    structlog.get_logger("jobrunner").error("error.ignored", exc_info=ignored.exc_value)


def _as_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return _encode({**{name: event.pop(name) for name in ("timestamp", "level", "event")}, **event})


def _on_terminal() -> ConsoleRenderer:
    colors = _is_terminal() and not os.environ.get("NO_COLOR")
    return ConsoleRenderer(colors=colors, exception_formatter=plain_traceback)  # the default one prints local variables


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()  # None when the process was started without a stderr


def _escape_control(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep text of others from moving the cursor or looking like another line."""
    for key, value in event.items():
        if isinstance(value, str):
            control = _CONTROL_IN_LINES if key in _OF_SEVERAL_LINES else _CONTROL
            event[key] = control.sub(lambda found: ascii(found[0])[1:-1], value)
    return event


def _without_credentials(text: str) -> str:
    return _CREDENTIAL.sub(lambda found: f"{found['id'] or ''}{REDACTED}", text)


def _without_secrets(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _without_credentials(value)
    if isinstance(value, _PLAIN):
        return value
    if depth == _DEEPEST:
        return "..."
    if isinstance(value, Mapping):
        named = ((_without_credentials(str(key)), inside) for key, inside in value.items())
        return {key: REDACTED if _is_secret(key) else _without_secrets(inside, depth + 1) for key, inside in named}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_secrets(inside, depth + 1) for inside in value]
    return _without_credentials(str(value))


@lru_cache(maxsize=4096)
def _is_secret(key: str) -> bool:
    name = key.lower()
    words = [word.lower() for word in _WORD.findall(key)]
    if any(part in name for part in _SECRET_PARTS):
        return True
    return words[-1:] != ["id"] and not _SECRET_WORDS.isdisjoint(words)  # the id of a key is what it is revoked by
