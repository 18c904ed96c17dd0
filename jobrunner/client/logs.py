"""The lines of a job's log, as they are or as they come. A line is handed out once: `n` only rises."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing

from jobrunner.client.call import Call, get, job_path, params
from jobrunner.client.stream import Stream, Told
from jobrunner.client.transport import Transport
from jobrunner.wire import LogLine


class Logs:
    """Read one job's log from after line `after` on."""

    def __init__(self, transport: Transport, job_id: str, after: int) -> None:
        self._transport, self._path = transport, job_path(job_id, "logs")
        self._after = after  # mutable: the last line handed out

    async def written(self) -> AsyncGenerator[LogLine, None]:
        """Yield what is there, page by page."""
        while lines := self._new((await self._transport.json(self._call("application/json")))["lines"]):
            for line in lines:
                yield line

    async def followed(self, *, silence_s: float, told: Told | None) -> AsyncGenerator[LogLine, None]:
        """Yield what is there and then what comes, until the job has ended."""
        stream = Stream(self._transport, lambda: self._call("text/event-stream"), silence_s=silence_s, told=told)
        async with aclosing(stream.events()) as events:
            async for event in events:
                if event.name == "end":
                    return
                for line in self._new([json.loads(event.data)] if event.name == "log" else []):
                    yield line

    def _call(self, accept: str) -> Call:
        return get(self._path, params(after=self._after), Accept=accept)

    def _new(self, lines: list[LogLine]) -> list[LogLine]:
        new = [line for line in lines if line["n"] > self._after]
        self._after = max((line["n"] for line in lines), default=self._after)
        return new
