"""What a handler in a worker process says and asks, on its way to the server (`scopes.Reporter`, `kin.Kin`)."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import asdict
from typing import Any

from jobrunner.engine.execution.channel import Channel
from jobrunner.engine.execution.inbox import Questions
from jobrunner.engine.kin import Order
from jobrunner.engine.report import LONGEST_LINE, LONGEST_TEXT, clean
from jobrunner.errors import JobError
from jobrunner.model.document import dumps
from jobrunner.model.job import Artifact, Failure, StepStatus


class Voice:
    """Speak for one attempt. Changes: whether it is asked to stop, and whether it is over: then nothing is said."""

    def __init__(self, channel: Channel) -> None:
        """Speak through a channel."""
        self.stopping = False
        self.over = False
        self._channel = channel

    def now(self) -> int:
        """Return the wall time in milliseconds since the Unix epoch."""
        return time.time_ns() // 1_000_000

    def progress(self, percentage: float | None, step: str | None, remaining_s: float | None) -> None:
        """Say how far the job is."""
        self._progress(None, {**_numbers(percentage, remaining_s), "step": _text(step)})

    def stage(self, name: str, status: StepStatus) -> None:
        """Say that a stage has begun or ended."""
        self._say("stage", clean(name, LONGEST_TEXT), status)

    def part(
        self,
        key: str,
        *,
        status: StepStatus | None = None,
        percentage: float | None = None,
        step: str | None = None,
        remaining_s: float | None = None,
        stage: str | None = None,
        result: Any = None,
        error: Failure | None = None,
        artifact: Artifact | None = None,
    ) -> None:
        """Say something of a part."""
        said = {**_numbers(percentage, remaining_s), "status": status, "step": _text(step), "stage": _text(stage)}
        if status in {None, StepStatus.PROCESSING} and result is None and error is None and artifact is None:
            self._progress(key, said)
            return
        failure = None if error is None else asdict(error)
        self._say("part", key, said, result, failure, None if artifact is None else asdict(artifact))

    def artifact(self, artifact: Artifact) -> None:
        """Say that a file was made."""
        self._say("artifact", asdict(artifact))

    def line(self, text: str, level: str, stream: str = "log") -> None:  # noqa: ARG002 - the others are pipes
        """Say a line of the log."""
        if not self.over:
            self._channel.line(clean(text, LONGEST_LINE), str(level))

    def _progress(self, key: str | None, said: dict[str, Any]) -> None:
        if not self.over:
            self._channel.progress(key, said)

    def _say(self, *word: Any) -> None:
        if not self.over:
            self._channel.say(*word)


class DistantKin:
    """The other jobs, asked for through the server."""

    def __init__(self, questions: Questions, *, blocks: bool) -> None:
        """Wait for answers as a coroutine does, or in a way that `driven` can drive."""
        self._questions = questions
        self._blocks = blocks

    async def spawn(self, order: Order) -> str:
        """Return the id of a child when it is on disk."""
        about = asdict(order)
        try:
            about["payload"] = json.loads(dumps(order.payload))
        except (TypeError, ValueError) as error:
            raise JobError(
                "SPAWN_REFUSED", f"No child was begun: its payload is no JSON: {error}", retryable=False
            ) from error
        return str(await self._answer("spawn", about))

    async def result_of(self, job_id: str) -> Any:
        """Return what another job returned."""
        return await self._answer("result_of", job_id)

    async def _answer(self, what: str, about: Any) -> Any:
        answer = self._questions.ask(what, about)
        return answer.result() if self._blocks else await asyncio.wrap_future(answer)


def driven(work: Any) -> Any:
    """Run a coroutine that awaits nothing to its end, and return what it returns."""
    try:
        work.send(None)
    except StopIteration as done:
        return done.value
    raise RuntimeError("this was to block instead of being awaited")


def _numbers(percentage: float | None, remaining_s: float | None) -> dict[str, float | None]:
    return {
        "percentage": None if percentage is None else float(percentage),
        "remaining_s": None if remaining_s is None else float(remaining_s),
    }


def _text(text: str | None) -> str | None:
    return None if text is None else clean(text, LONGEST_TEXT)
