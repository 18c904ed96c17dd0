"""Processes that carry our mark: all descendants of a child process inherit it in their environment.

They are found in `/proc`, whatever group or session they went to; where there is no `/proc`, none is found. A process
is held by a descriptor while it is looked at, so that no other one that got its number is killed.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

INSTANCE = "JOBRUNNER_INSTANCE"  # of which data directory
CHILD = "JOBRUNNER_CHILD"  # of which child of the server
DEATH_S = 5.0  # how long killed processes may take to be gone, all together

PROCESSES = Path("/proc")


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of the processes of one data directory: the file system and the number of it, which a copy has not."""

    instance: str

    @classmethod
    def of(cls, directory: Path) -> Mark:
        """Return the mark of a data directory, the same for every server on it."""
        found = directory.stat()
        return cls(f"{found.st_dev:x}-{found.st_ino:x}")

    def fresh(self) -> Mapping[str, str]:
        """Return the variables of another child, which no other child has."""
        return {INSTANCE: self.instance, CHILD: secrets.token_hex(8)}

    def kill_survivors(self) -> list[int]:
        """Kill what dead servers of the directory left running; return the ids when all are gone. Blocks."""
        return kill_marked(INSTANCE, self.instance)


def kill_marked(name: str, value: str) -> list[int]:
    """Kill all processes whose environment has a variable, but for this one; return their ids. Blocks.

    They are gone when it returns, also those that were forked meanwhile, but for one that the system cannot take down.
    """
    wanted, killed, deadline = f"{name}={value}".encode(), [], time.monotonic() + DEATH_S
    while (found := dict(_marked(wanted))) and time.monotonic() < deadline:
        killed += sorted(found)
        _await_death(list(found.values()), deadline)
    return killed


def _marked(wanted: bytes) -> Iterator[tuple[int, int]]:
    """Kill each process that has the mark; give its id and its descriptor."""
    for pid in _processes() - {os.getpid()}:
        with contextlib.suppress(OSError):  # it is gone, or somebody else's
            descriptor = os.pidfd_open(pid)
            try:
                marked = wanted in (PROCESSES / str(pid) / "environ").read_bytes().split(b"\0")
                if marked:
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
            except OSError:
                marked = False
            if marked:
                yield pid, descriptor
            else:
                os.close(descriptor)


def _processes() -> set[int]:
    if not hasattr(os, "pidfd_open") or not PROCESSES.is_dir():
        return set()
    return {int(entry.name) for entry in PROCESSES.iterdir() if entry.name.isdigit()}


def _await_death(descriptors: list[int], deadline: float) -> None:
    """Wait until processes are gone; a descriptor of one that is can be read."""
    poll, left = select.poll(), set(descriptors)
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    while left and (rest_s := deadline - time.monotonic()) > 0:
        for descriptor, _ in poll.poll(rest_s * 1000):
            poll.unregister(descriptor)
            left.discard(descriptor)
    for descriptor in descriptors:
        os.close(descriptor)
