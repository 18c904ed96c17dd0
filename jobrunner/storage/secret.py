"""The secret of one data directory, which signs its tokens and links. Whoever can read it is an operator."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from jobrunner.errors import DataDirError

NAME = "secret"
BYTES = 32
MOST = 1_024


def own_secret(directory: Path) -> bytes:
    """Return the secret, made when there is none; raise DataDirError when others may read it or it is too short.

    Of two processes that make it at once, one makes it and both return it. It is on disk before it is used.
    """
    path = directory / NAME
    try:
        with suppress(FileNotFoundError):
            return _read(path)
        _make(path)
        return _read(path)
    except OSError as error:
        raise DataDirError(f"{path} cannot be used: {error.strerror}") from error


def _read(path: Path) -> bytes:
    # O_NONBLOCK: a pipe that somebody put there must not hold up the start.
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise DataDirError(f"{path} is not a file; remove it, and a new secret is made")
        if stat.S_IMODE(mode) & 0o077:
            raise DataDirError(f"{path} may be read by others; if none of them has, `chmod 600` it, else remove it")
        found = os.read(descriptor, MOST)
    finally:
        os.close(descriptor)
    if len(found) < BYTES:
        raise DataDirError(f"{path} holds {len(found)} bytes and needs {BYTES}; remove it, and a new one is made")
    return found


def _make(path: Path) -> None:
    """Write it whole under another name first, so that a crash leaves none rather than half of one."""
    draft = path.with_name(f".{NAME}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first: its secret counts
            os.link(draft, path)
    finally:
        draft.unlink()
    _sync(path.parent)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
