"""One child process with a session of its own: started, bounded, written to, heard, stopped, and always reaped.

It knows nothing of jobs.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from jobrunner.engine.execution.lines import Lines
from jobrunner.engine.execution.survivors import CHILD, kill_marked

LAST_WORDS_S = 1.0  # for pipes of the dead that somebody else holds open
LAST_CPU_S = 5  # for who is told that its time on the processor is over
CAN_BE_BOUNDED = hasattr(resource, "prlimit")  # on Linux


@dataclass(frozen=True, slots=True)
class Limits:
    """What each process of a child may have: bytes of address space, seconds on the processor.

    A `lasting` limit cannot be lifted again, and who ignores SIGXCPU is killed soon after.
    """

    memory: int | None = None
    cpu_s: int | None = None
    lasting: bool = False

    def bound(self, pid: int) -> None:
        """Set the limits of a process; what is None is lifted."""
        _bound(pid, resource.RLIMIT_AS, self.memory, self.memory if self.lasting else None)
        lasting = self.lasting and self.cpu_s is not None
        _bound(pid, resource.RLIMIT_CPU, self.cpu_s, (self.cpu_s or 0) + LAST_CPU_S if lasting else None)


class Child:
    """A process, and what it started. Changes: what is still to be written to it, how it ended, whether all is gone.

    `ended` is done with the exit code, a negative one being a signal, when the process is reaped, what was left in its
    group is killed, and all is read that they wrote.
    """

    def __init__(self, process: Process, mark: str, entry: asyncio.WriteTransport, outlets: Sequence[Lines]) -> None:
        """Hold a running process; `start` is the way to one."""
        self.pid = process.pid
        self._process = process
        self._mark = mark
        self._entry = entry
        self._outlets = outlets
        self._swept = False
        self.ended: asyncio.Task[int] = asyncio.create_task(self._watch(), name=f"child {self.pid}")

    @classmethod
    async def start(
        cls,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        stdout: Lines,
        stderr: Lines,
        more: Sequence[Lines] = (),
        directory: Path | None = None,
        limits: Limits | None = None,
    ) -> Self:
        """Start a program, and read what it says from now on; raise OSError when it cannot be started.

        `environment` is all of it, with the variables of a fresh Mark. The child inherits the `write_end` of each of
        `more`, under the same number. Limits are set when the program has begun: what it starts in its first
        microseconds may escape them.
        """
        outlets = (stdout, stderr, *more)
        read_end, write_end = os.pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=read_end, stdout=stdout.write_end, stderr=stderr.write_end, env=environment,
                cwd=directory, pass_fds=[each.write_end for each in more], start_new_session=True,
            )  # fmt: skip
        except BaseException:
            os.close(write_end)
            for each in outlets:
                each.close()
            raise
        finally:
            os.close(read_end)
        for each in outlets:
            each.begin()
        loop = asyncio.get_running_loop()
        entry, _ = await loop.connect_write_pipe(asyncio.BaseProtocol, os.fdopen(write_end, "wb", 0))
        child = cls(process, environment[CHILD], entry, outlets)
        if limits is not None:
            child.bound(limits)
        return child

    def bound(self, limits: Limits) -> None:
        """Set the limits of the process; what it has started already keeps its own."""
        with contextlib.suppress(ProcessLookupError):
            limits.bound(self.pid)

    def cpu_s(self) -> float:
        """Return how long the process has computed, by the clock that its limit is kept by; on Linux.

        The kernel keeps several, which drift apart by some percent (`CPUCLOCK_PROF`; the number is made as in glibc).
        """
        try:
            return time.clock_gettime(~self.pid << 3)
        except OSError:  # it is dead: `ended` will say so
            return 0.0

    def write(self, data: bytes) -> None:
        """Write to its standard input, as fast as it reads; what is written to a dead one is lost."""
        if not self._entry.is_closing():
            self._entry.write(data)

    def close_input(self) -> None:
        """Let it read the end of its input when it has read the rest."""
        self._entry.close()

    def signal(self, number: int) -> None:
        """Send a signal to all of its group."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    async def exited(self) -> int:
        """Wait for `ended`, and return the exit code; whoever waits may be cancelled."""
        return await asyncio.shield(self.ended)

    async def stop(self, grace_s: float) -> int:
        """Ask all of its group to stop, kill it after a grace, and return the exit code.

        What has left the group is killed as well: nothing is left of it then.
        """
        if not self.ended.done():
            self.signal(signal.SIGTERM)
            await asyncio.wait([self.ended], timeout=grace_s)
        return await self.kill()

    async def kill(self) -> int:
        """Kill it and all that descends from it; return the exit code when nothing is left."""
        if not self.ended.done():
            self.signal(signal.SIGKILL)
        if not self._swept:
            await asyncio.to_thread(kill_marked, CHILD, self._mark)
            self._swept = True
        return await self.exited()

    async def _watch(self) -> int:
        try:
            code = await self._process.wait()
        except asyncio.CancelledError:  # with the loop: nobody else will see to it
            self._release()
            raise
        self._release()
        await self._last_words()
        for each in self._outlets:
            each.close()
        return code

    def _release(self) -> None:
        """End what is left of the group, and let go of its input."""
        self.signal(signal.SIGKILL)
        if self._entry.get_write_buffer_size():  # nobody reads it any more
            self._entry.abort()
        else:
            self._entry.close()

    async def _last_words(self) -> None:
        """Wait until all is read that was written, however often reading is paused."""
        while any(not each.ended.done() for each in self._outlets):
            done, _ = await asyncio.wait(
                [each.ended for each in self._outlets if not each.ended.done()], timeout=LAST_WORDS_S
            )
            if not done and not any(each.paused for each in self._outlets):
                return


def signal_name(number: int) -> str:
    """Return the name of a signal; those for real-time use have none."""
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"


def _bound(pid: int, kind: int, soft: int | None, hard: int | None) -> None:
    """Set a limit of a process; a soft one that is None is as this process has it, a hard one stays."""
    known = resource.prlimit(pid, kind)
    most = known[1] if hard is None else _lower(hard, known[1])
    wanted = resource.getrlimit(kind)[0] if soft is None else _lower(soft, most), most
    if wanted != known:
        resource.prlimit(pid, kind, wanted)


def _lower(one: int, other: int) -> int:
    """Return the lower of two limits, of which the other may be none."""
    return one if other == resource.RLIM_INFINITY else min(one, other)
