"""The command line when the server goes away: against a server that breaks on command (see `tests.client.faulty`)."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from tests.cli.samples import artifact, failed, running
from tests.client.faulty import ID, JOB, Faulty, event, faulty, job, refuse, reply, state, stream

EVENTS, LOGS, SUBMIT = f"GET {JOB}/events", f"GET {JOB}/logs", "POST /api/v1/jobs"
NO_LINES = reply({"lines": [], "next": 0})


@pytest.fixture
async def server() -> AsyncIterator[Faulty]:
    async with faulty() as running:
        running.on(LOGS, stream(event("end", {})), NO_LINES)
        yield running


@asynccontextmanager
async def started(url: str, *argv: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the program as a person would, its output piped."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jobrunner", *argv),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"JOBRUNNER_URL": url},
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def run(url: str, *argv: str) -> tuple[int | None, str, str]:
    async with started(url, *argv) as process:
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()


@pytest.mark.slow
async def test_no_server_ends_in_3_and_says_what_to_do() -> None:
    async with faulty() as gone:
        url = gone.url
    code, out, err = await run(url, "list")

    assert (code, out) == (3, "")
    assert f"no server answers at {url} (Connection refused)" in err
    assert "jobrunner serve" in err


async def test_a_refusal_ends_in_1_and_names_each_fault(server: Faulty) -> None:
    faults = [{"pointer": "/payload/rows", "detail": "must be a number"}]
    server.on(SUBMIT, refuse(422, "invalid", errors=faults))

    code, out, err = await run(server.url, "submit", "data_story")
    assert (code, out) == (1, "")
    assert err == "jobrunner: It is invalid.\n  /payload/rows: must be a number\n"


async def test_a_watch_goes_on_after_a_cut_and_says_so(server: Faulty) -> None:
    ended = job("completed", 9, artifacts=[artifact("story.html")])
    server.on(EVENTS, stream(state(running()), then="cut"), stream(state(ended)))

    code, out, err = await run(server.url, "watch", ID)
    assert code == 0
    assert out.splitlines() == [
        "processing  45 %  Generating: Scene 3 of 7",
        "part  German (de)  completed  100 %  Done",
        "part  fr  processing  25 %",
        "completed",
        f"story.html  88 kB  {server.url}{JOB}/artifacts/story.html",
    ]
    assert re.fullmatch(r"reconnecting in 0\.\d s: .*\nconnected again\n", err)


async def test_a_watch_of_a_failed_job_ends_in_1(server: Faulty) -> None:
    server.on(EVENTS, stream(state(failed())))

    code, out, _ = await run(server.url, "watch", ID)
    assert (code, out) == (1, "failed  ANALYSIS_ERROR: There is no numeric column.  attempt 2 of 3\n")


async def test_a_watch_for_programs_prints_each_state_and_nothing_else(server: Faulty) -> None:
    states = [running(), job("completed", 9)]
    server.on(EVENTS, stream(*map(state, states)))

    code, out, err = await run(server.url, "watch", ID, "--json")
    assert (code, err) == (0, "")
    assert [json.loads(line) for line in out.splitlines()] == states


async def test_the_last_lines_of_a_log_are_shown_although_the_job_has_ended(server: Faulty) -> None:
    lines = [{"n": n, "at": "", "stream": "log", "level": "info", "text": f"line {n}"} for n in (1, 2)]
    server.on(LOGS, stream(event("log", lines[0]), then="silent"), reply({"lines": lines[1:], "next": 2}), NO_LINES)
    server.on(EVENTS, stream(state(job()), then="cut"), stream(state(job("completed", 9))))

    _, out, _ = await run(server.url, "watch", ID)
    assert [line for line in out.splitlines() if line.startswith("log")] == ["log  line 1", "log  line 2"]


async def test_submit_and_watch_is_one_command(server: Faulty) -> None:
    server.on(SUBMIT, reply(job("queued"), 202))
    server.on(EVENTS, stream(state(job("completed", 9))))

    code, out, _ = await run(server.url, "submit", "data_story", "--watch")
    assert (code, out) == (0, f"{ID}\nqueued\ncompleted\n")


async def test_an_interrupt_ends_in_130_without_a_traceback(server: Faulty) -> None:
    server.on(EVENTS, stream(state(job()), then="silent"))
    async with started(server.url, "watch", ID) as process:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"processing\n"
        process.send_signal(2)
        _, err = await process.communicate()

        assert (process.returncode, err) == (130, b"")


async def test_a_reader_that_leaves_is_no_fault(server: Faulty) -> None:
    server.on("GET /api/v1/jobs", reply({"jobs": [job()] * 100, "next_cursor": "more"}))
    pipeline = f"{sys.executable} -m jobrunner --url {server.url} list --limit 10000 --json | head -n 1"
    process = await asyncio.create_subprocess_shell(
        pipeline, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()

    assert (json.loads(out), err) == (job(), b"")


@pytest.mark.parametrize(("no_color", "colour"), [("", "\x1b[32m"), ("1", "")])
async def test_on_a_terminal_a_job_is_drawn_in_place(server: Faulty, no_color: str, colour: str) -> None:
    server.on(EVENTS, stream(state(running()), then="cut"), stream(state(job("completed", 9))))

    code, shown = await on_a_terminal(server.url, "watch", ID, NO_COLOR=no_color)
    assert code == 0
    assert "reconnecting in 0." in shown
    assert re.search(r"\x1b\[\d+F", shown)
    assert f"{colour}✓ completed" in shown
    assert bool(colour) == bool(re.search(r"\x1b\[\d+m", shown))


async def test_a_dumb_terminal_gets_lines(server: Faulty) -> None:
    server.on(EVENTS, stream(state(job("completed", 9))))

    assert await on_a_terminal(server.url, "watch", ID, TERM="dumb") == (0, "completed\r\n")


async def on_a_terminal(url: str, *argv: str, **environ: str) -> tuple[int, str]:
    """Run the program on a terminal of its own and return all that it wrote there."""
    ours, theirs = pty.openpty()
    env = os.environ | {"JOBRUNNER_URL": url, "TERM": "xterm", "PYTHONUTF8": "1"} | environ
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "jobrunner", *argv), stdin=theirs, stdout=theirs, stderr=theirs, env=env
    )
    os.close(theirs)
    shown = await asyncio.to_thread(_read, ours)
    return await process.wait(), shown


def _read(terminal: int) -> str:
    """Read until the program has left, which Linux tells by EIO."""
    written = b""
    with suppress(OSError):
        while chunk := os.read(terminal, 65_536):
            written += chunk
    os.close(terminal)
    return written.decode()
