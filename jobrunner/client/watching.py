"""Jobs watched live: an async iterator of states over one stream, which knows when there is nothing left to wait for.

`knowledge` decides what is news, `stream` stays connected; here the two meet. Must never sleep or compare cursors.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from collections.abc import Set as AbstractSet
from contextlib import aclosing
from typing import Self

from jobrunner.client.knowledge import SNAPSHOTS, Knowledge
from jobrunner.client.stream import Stream
from jobrunner.wire import JobData

Present = Callable[[AbstractSet[str]], Awaitable[list[JobData]]]


class Watching:
    """Iterate over states as they come; ends when every job that was named has ended, never for a filter.

    `cursor` is where a later watch may go on: all that was before it has been handed out.
    """

    def __init__(self, stream: Stream, knowledge: Knowledge, present: Present) -> None:
        self._stream, self._knowledge, self._present = stream, knowledge, present
        self.cursor = knowledge.cursor  # mutable: moves when the states up to it have been handed out
        self._states = self._all()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> JobData:
        return await anext(self._states)

    async def aclose(self) -> None:
        """Leave; the connection is closed at once."""
        await self._states.aclose()

    async def _all(self) -> AsyncGenerator[JobData, None]:
        if self.cursor is not None:
            self._knowledge.skip(await self._there(self._knowledge.unseen), self.cursor)
        async with aclosing(self._live()) as states:
            async for job in states:
                yield job
        for job in await self._there(self._knowledge.pending | self._knowledge.missing):
            if self._knowledge.learn(job):
                yield job

    async def _live(self) -> AsyncGenerator[JobData, None]:
        """Yield what the stream brings until all have ended, or the server says that nothing more will come."""
        if self._knowledge.is_complete:
            return
        async with aclosing(self._stream.events()) as events:
            async for event in events:
                news = self._knowledge.take(event)
                if event.name in SNAPSHOTS:  # it may be cut short: `more`
                    news += [job for job in await self._there(self._knowledge.unseen) if self._knowledge.learn(job)]
                for job in news:
                    yield job
                self.cursor = self._knowledge.cursor
                if self._knowledge.is_complete or event.name == "end":
                    return

    async def _there(self, job_ids: AbstractSet[str]) -> list[JobData]:
        """Look jobs up; those that nobody knows are waited for no longer."""
        jobs = await self._present(job_ids) if job_ids else []
        self._knowledge.lose(job_ids - {job["job_id"] for job in jobs})
        return jobs
