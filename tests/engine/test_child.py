"""Child processes: heard line by line, bounded, and ended with all that they started. Real shells, real pipes."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from jobrunner.engine.execution.child import Child, Limits
from jobrunner.engine.execution.lines import Lines
from jobrunner.engine.execution.survivors import CHILD, Mark, kill_marked
from tests.engine.deaths import await_death

WITHIN_S = 20
LOOP = "while :; do read -r _ < {fifo}; done"


class Heard:
    """A child and what it has said."""

    def __init__(self, longest: int = 4_096) -> None:
        self.said: list[str] = []
        self.more = asyncio.Event()
        self.out = Lines(self._take, longest)
        self.environment = {**os.environ, **Mark("nowhere").fresh()}

    async def start(self, *command: str, limits: Limits | None = None) -> Child:
        self.child = await Child.start(
            command, environment=self.environment, stdout=self.out, stderr=Lines(self._take), limits=limits
        )
        return self.child

    async def shell(self, script: str, limits: Limits | None = None) -> Child:
        return await self.start("sh", "-c", script, limits=limits)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(WITHIN_S):
            while len(self.said) < count:
                self.more.clear()
                await self.more.wait()

    def _take(self, lines: list[str]) -> None:
        self.said += lines
        self.more.set()


@pytest.fixture
def fifo(tmp_path: Path) -> Path:
    """What nobody ever writes to: who reads it waits."""
    os.mkfifo(tmp_path / "fifo")
    return tmp_path / "fifo"


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_lines_end_in_any_way_and_long_ones_are_broken() -> None:
    heard = Heard(longest=5)
    child = await heard.shell(r"printf 'a\rb\r\n\n\nc\n1234567890123\n\303\266\377\nend'")
    assert await child.exited() == 0
    assert heard.said == ["a", "b", "c", "12345", "67890", "123", "ö�", "end"]


async def test_what_is_written_to_it_arrives_whole_and_its_end_too() -> None:
    heard = Heard(longest=1 << 20)
    child = await heard.start("cat")
    child.write(b"x" * 500_000 + b"\ny")
    child.close_input()
    assert await child.exited() == 0
    assert heard.said == ["x" * 500_000, "y"]


async def test_while_reading_is_paused_nothing_is_lost_and_the_end_waits() -> None:
    heard = Heard()
    child = await heard.shell("echo one; seq 2 100000")
    await heard.until(1)
    heard.out.pause()
    paused_at = len(heard.said)
    for _ in range(100):
        await asyncio.sleep(0)
    assert len(heard.said) == paused_at < 100_000
    heard.out.resume()
    assert await child.exited() == 0
    assert heard.said[1:] == [str(n) for n in range(2, 100_001)]


async def test_a_normal_end_takes_the_group_along(fifo: Path) -> None:
    heard = Heard()
    child = await heard.shell(f"({LOOP.format(fifo=fifo)}) & echo $!; read -r _")
    await heard.until(1)
    left = os.pidfd_open(int(heard.said[0]))
    child.write(b"\n")
    assert await child.exited() == 0
    await_death(left)


async def test_stop_asks_first_and_then_kills_also_what_has_left_the_group(fifo: Path) -> None:
    heard = Heard()
    loop = LOOP.format(fifo=fifo)
    child = await heard.shell(f"trap 'echo asked' TERM; setsid sh -c 'echo $$; {loop}' & echo up; {loop} 2>&-")
    await heard.until(2)
    far = next(int(line) for line in heard.said if line.isdigit())
    assert await child.stop(0.2) == -signal.SIGKILL
    assert heard.said[2:] == ["asked"]
    assert not runs(far)


async def test_one_that_stops_when_asked_is_not_waited_for() -> None:
    heard = Heard()
    child = await heard.shell("trap 'exit 7' TERM; echo up; while :; do read -r _; done")
    await heard.until(1)
    assert await asyncio.wait_for(child.stop(1_000), WITHIN_S) == 7


async def test_one_that_holds_the_pipe_after_the_end_is_not_waited_for_long(fifo: Path) -> None:
    heard = Heard()
    child = await heard.shell(f"setsid sh -c 'echo $$; {LOOP.format(fifo=fifo)}' & read -r _")
    await heard.until(1)
    child.write(b"\n")
    assert await asyncio.wait_for(child.exited(), WITHIN_S) == 0
    far = int(heard.said[0])
    assert runs(far)
    assert kill_marked(CHILD, heard.environment[CHILD]) == [far]
    assert not runs(far)


async def test_lasting_limits_hold_for_what_it_starts() -> None:
    heard = Heard()
    limits = Limits(memory=100_000_000, cpu_s=2, lasting=True)
    child = await heard.shell("read -r _; ulimit -v; ulimit -Hv; ulimit -t; ulimit -Ht", limits)
    child.write(b"go\n")
    await child.exited()
    assert heard.said == ["97656", "97656", "2", "7"]


async def test_a_program_that_is_not_there_is_an_error_that_leaves_nothing_open() -> None:
    before = descriptors()
    with pytest.raises(FileNotFoundError):
        await Heard().start("/nowhere/nothing")
    assert descriptors() == before
