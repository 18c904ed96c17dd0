"""The instance marker: what this data directory has given out, noted outside the database.

When the database knows of fewer numbers than the marker, it was replaced by an older copy, and cursors that were
given out may point at changes that never happened there: then it needs a new epoch. The marker is written after each
commit without an fsync: it survives the process, and after a power cut it is at most too low, never too high.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from jobrunner.errors import DataDirError


@dataclass(frozen=True, slots=True)
class Mark:
    """The last word of a process.

    The epoch and head of its database, the boot it ran in, whether each commit was synced (`durable`), and whether it
    closed in order (`clean`).
    """

    epoch: str
    head: int
    boot: str
    durable: bool
    clean: bool


class Marker:
    """One line in a file, overwritten in place."""

    def __init__(self, path: Path) -> None:
        """Open the file and read what stands there; what cannot be read counts as nothing."""
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DataDirError(f"{path} cannot be opened: {error.strerror}") from error
        self.found = _parse(os.pread(self._fd, 200, 0).decode(errors="replace"))
        self._mark = Mark("", 0, boot_id(), durable=False, clean=False)

    def begin(self, epoch: str, head: int, *, durable: bool) -> None:
        """Note that a process has opened the database."""
        self._mark = replace(self._mark, epoch=epoch, head=head, durable=durable)
        self._write()

    def advance(self, head: int) -> None:
        """Note the last committed number."""
        self._mark = replace(self._mark, head=head)
        self._write()

    def close(self, *, clean: bool) -> None:
        """Note how the process ended, durably."""
        self._mark = replace(self._mark, clean=clean)
        self._write()
        os.fsync(self._fd)
        os.close(self._fd)

    def _write(self) -> None:
        mark = self._mark
        os.pwrite(
            self._fd, f"{mark.epoch:16} {mark.head:019} {mark.boot:36} {mark.durable:d} {mark.clean:d}\n".encode(), 0
        )


def boot_id() -> str:
    """Return what tells one boot of this machine from another; "-" where the kernel does not say."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "-"


def _parse(text: str) -> Mark | None:
    match text.split():
        case [epoch, head, boot, durable, clean] if head.isdigit():
            return Mark(epoch, int(head), boot, durable == "1", clean == "1")
        case _:
            return None
