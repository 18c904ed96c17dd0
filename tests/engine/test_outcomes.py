"""What a handler returns or raises, and what becomes of its job: the server lives, whatever it is."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel

from jobrunner import Context, JobError, Jobrunner, Registry, Stage, SyncContext, job
from jobrunner.errors import Invalid
from jobrunner.model.state import Status
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import attempts, ended, result, rows, run, settled, submit

EXECUTIONS = ["coroutine", "thread"]


class Story(BaseModel):
    title: str
    pages: int = 1


def serve(registry: Registry, execution: str, act: Callable[[Any], Any], **options: Any) -> None:
    """Serve `work`, which does what `act` does with its context, as a coroutine or in a thread."""
    if execution == "coroutine":

        @job("work", registry=registry, **options)
        async def work(context: Context, _payload: Any) -> Any:
            await asyncio.sleep(0)
            return act(context)

    else:

        @job("work", registry=registry, **options)
        def work_in_thread(context: SyncContext, _payload: Any) -> Any:
            return act(context)


def raiser(error: BaseException) -> Callable[[Any], Any]:
    def act(_context: Any) -> Any:
        raise error

    return act


def nested(levels: int) -> Any:
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.mark.parametrize("execution", EXECUTIONS)
@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (Story(title="a"), {"title": "a", "pages": 1}),
        ({"a": [1, 2.5, None, "ü"]}, {"a": [1, 2.5, None, "ü"]}),
        (nested(64), nested(64)),
        (None, None),
        (0, 0),
        ("", ""),
    ],
    ids=["model", "dict", "nested 64", "None", "zero", "empty"],
)
async def test_what_a_handler_returns_is_the_result(
    runner: Jobrunner, registry: Registry, execution: str, value: Any, kept: Any
) -> None:
    serve(registry, execution, lambda _context: value)
    job_ = await run(runner)
    assert job_.status is Status.COMPLETED
    assert job_.progress.percentage == 100
    text = await result(runner, job_.id)
    assert (None if text is None else json.loads(text)) == kept


@pytest.mark.parametrize("execution", EXECUTIONS)
@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("-inf"),
        "x" * 100_001,
        object(),
        "\ud800",
        {"a\0": 1},
        nested(65),
        2**63,
        b"\xff",
        {1, object()},
    ],
    ids=["nan", "inf", "too large", "object", "surrogate", "NUL", "nested 65", "64 bits", "bytes", "set"],
)
async def test_a_result_that_is_no_json_or_too_large_fails_the_job_for_good(
    runner: Jobrunner, registry: Registry, execution: str, value: Any
) -> None:
    serve(registry, execution, lambda _context: value, max_result="100KB", max_attempts=3)
    job_ = await run(runner)
    assert job_.error is not None
    assert [job_.status, job_.error.code, job_.error.retryable, job_.attempt] == [Status.FAILED, "BAD_RESULT", False, 1]
    assert await result(runner, job_.id) is None


async def test_a_result_that_does_not_fit_its_annotation_fails_the_job(runner: Jobrunner, registry: Registry) -> None:
    @job("work", registry=registry)
    async def work(_context: Context, _payload: Any) -> Story:
        return {"pages": "many"}  # type: ignore[return-value]

    error = (await run(runner)).error
    assert error is not None
    assert error.code == "BAD_RESULT"


@pytest.mark.parametrize("execution", EXECUTIONS)
async def test_a_job_error_says_code_message_details_and_whether_to_try_again(
    runner: Jobrunner, registry: Registry, execution: str
) -> None:
    error = JobError("EMPTY_FILE", "There is nothing in it.", details={"rows": 0}, retryable=False)
    serve(registry, execution, raiser(error), max_attempts=5)
    job_ = await run(runner)
    assert job_.error is not None
    assert [job_.status, job_.attempt, job_.failures] == [Status.FAILED, 1, 1]
    assert [job_.error.code, job_.error.message, job_.error.details, job_.error.retryable] == [
        "EMPTY_FILE", "There is nothing in it.", {"rows": 0}, False,
    ]  # fmt: skip
    assert (job_.started_at or 0) <= job_.error.occurred_at <= (job_.completed_at or 0)
    record = (await attempts(runner, job_.id))[0]
    assert [record.attempt, record.outcome, record.error] == [1, "failed", job_.error]


@pytest.mark.parametrize(
    "details", [{"n": float("nan")}, {"o": object()}, {"long": "x" * 30_000}, {"s": "\ud800"}, {"deep": nested(65)}]
)
async def test_details_that_are_no_json_or_too_long_are_dropped_and_the_code_stays(
    runner: Jobrunner, registry: Registry, details: dict[str, Any]
) -> None:
    serve(registry, "coroutine", raiser(JobError("C\ud800", "m\0\ud800" + "x" * 5_000, details=details)))
    error = (await run(runner)).error
    assert error is not None
    assert error.code == "C?"
    assert len(error.message) == 2_000
    assert error.details is not None
    assert list(error.details) == ["dropped"]


@pytest.mark.parametrize("execution", EXECUTIONS)
@pytest.mark.parametrize(
    "error",
    [
        SystemExit(3),
        KeyboardInterrupt(),
        asyncio.CancelledError(),
        GeneratorExit(),
        StopIteration(1),
        RecursionError(),
        MemoryError(),
        BaseException("base"),
        ValueError("\ud800"),
    ],
    ids=lambda error: type(error).__name__,
)  # fmt: skip
async def test_whatever_a_handler_raises_fails_its_job_and_the_server_lives(
    runner: Jobrunner, registry: Registry, execution: str, error: BaseException
) -> None:
    serve(registry, execution, raiser(error))
    job("next", registry=registry)(_next)
    job_ = await run(runner)
    assert job_.error is not None
    assert [job_.status, job_.error.code] == [Status.FAILED, "UNEXPECTED_ERROR"]
    assert (await run(runner, "next")).status is Status.COMPLETED
    assert runner.pool.taken == 0


@pytest.mark.parametrize("execution", EXECUTIONS)
async def test_sys_exit_in_a_handler_ends_its_job_only(runner: Jobrunner, registry: Registry, execution: str) -> None:
    serve(registry, execution, lambda _context: sys.exit("enough"))
    error = (await run(runner)).error
    assert error is not None
    assert error.message == "SystemExit: enough"


@pytest.mark.parametrize("execution", EXECUTIONS)
async def test_an_exception_gets_the_code_of_its_stage_or_else_of_its_type(
    runner: Jobrunner, registry: Registry, execution: str
) -> None:
    stages = [Stage("reading", default_error_code="CANNOT_READ"), Stage("thinking"), "writing"]
    inside = iter(["reading", "thinking", "writing", None])

    def act(context: Any) -> None:
        name = next(inside)
        if name is None:
            raise ValueError("in none")
        with context.stage(name):
            raise ValueError("in " + name)

    serve(registry, execution, act, stages=stages, default_error_code="STORY_FAILED")
    errors = [(await run(runner)).error for _ in range(4)]
    assert [(error.code, error.message) for error in errors if error] == [
        ("CANNOT_READ", "ValueError: in reading"),
        ("STORY_FAILED", "ValueError: in thinking"),
        ("STORY_FAILED", "ValueError: in writing"),
        ("STORY_FAILED", "ValueError: in none"),
    ]


async def test_the_traceback_is_kept_with_the_attempt_and_not_in_the_error(
    runner: Jobrunner, registry: Registry
) -> None:
    serve(registry, "coroutine", raiser(ZeroDivisionError("by nothing")))
    job_ = await run(runner)
    text = rows(runner, "SELECT traceback FROM attempts WHERE job_id = ?", job_.id)[0][0]
    assert "ZeroDivisionError: by nothing" in text
    assert "test_outcomes.py" in text
    assert job_.error is not None
    assert "Traceback" not in job_.error.message


async def test_a_payload_that_no_longer_fits_fails_the_job_for_good(
    open_runner: OpenRunner, registry: Registry, clock: ManualClock
) -> None:
    serve(registry, "coroutine", lambda _context: None, max_attempts=3)
    runner = await open_runner(clock)
    job_id = await submit(runner, payload="text", run_at=clock.now() + 1_000)
    await runner.stop(0)
    del registry._types["work"]

    @job("work", registry=registry, max_attempts=3)
    async def work(_context: Context, _payload: dict[str, int]) -> None:
        """Do nothing."""

    runner = await open_runner(clock)
    await settled(runner)
    clock.advance(2)
    job_ = await ended(runner, job_id)
    assert job_.error is not None
    assert [job_.error.code, job_.attempt] == ["BAD_PAYLOAD", 1]


@pytest.mark.parametrize("payload", [float("nan"), object(), "\ud800", nested(65), {"a": 2**64}])
async def test_a_payload_that_is_no_json_is_refused_with_a_pointer(
    runner: Jobrunner, registry: Registry, payload: Any
) -> None:
    serve(registry, "coroutine", lambda _context: None)
    with pytest.raises(Invalid) as refused:
        await run(runner, payload=payload)
    assert refused.value.pointers[0][0] == "/payload"


async def _next(_context: Context, _payload: Any) -> None:
    """Do nothing."""
