"""The lock that makes one process the owner of a data directory, for as long as it lives.

It lies on a file of its own: SQLite drops its own locks when any descriptor of the database is closed.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from jobrunner.errors import DataDirError, DataDirLocked


class Lock:
    """An exclusive `flock`: the kernel gives it up with the process, however that ends."""

    def __init__(self, path: Path) -> None:
        """Take the lock at once; raise DataDirLocked, naming the holder, when another process has it."""
        self.path = path
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DataDirError(f"{path} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(self._fd, 200, 0).decode(errors="replace").strip() or "another process"
            os.close(self._fd)
            raise DataDirLocked(str(path.parent), holder) from None
        self.describe(f"process {os.getpid()}")

    def describe(self, holder: str) -> None:
        """Note who holds the lock, for the next one who asks."""
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{holder}\n".encode(), 0)

    def release(self) -> None:
        """Give the lock up."""
        os.close(self._fd)

    def __enter__(self) -> Self:
        """Hold it for a block."""
        return self

    def __exit__(self, *exc: object) -> None:
        """Give it up."""
        self.release()
