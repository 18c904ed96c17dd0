"""The client: one method for each thing that can be asked of a server; the words are those of the command line.

Every method raises `Unreachable` when no server answers and `Problem` when it refuses. Calls are repeated with
patience; a submission carries an Idempotency-Key, so that a repeat is no second job. Must hold no logic.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, Self, Unpack, cast

from jobrunner.client.call import Call, get, job_path, new_key, params, post
from jobrunner.client.credential import Token
from jobrunner.client.download import Download
from jobrunner.client.file import Source, file_from
from jobrunner.client.filters import CountFilter, FailureFilter, ListFilter, StatisticsFilter, WatchFilter
from jobrunner.client.listing import page, pages
from jobrunner.client.logs import Logs
from jobrunner.client.queues import Queues
from jobrunner.client.rights import Rights
from jobrunner.client.stream import SILENCE_S, Told
from jobrunner.client.submission import BulkAnswer, Envelope, Submission, bulk, submission, submit
from jobrunner.client.templates import Templates
from jobrunner.client.transport import Sleep, Transport, was_not_done
from jobrunner.client.upload import Upload
from jobrunner.client.watch import watch_many, watch_one
from jobrunner.client.watching import Watching
from jobrunner.errors import StillRunning
from jobrunner.wire import ActData, AttemptData, Counts, JobData, JobPage, LogLine
from jobrunner.wire.queues import ExplanationData
from jobrunner.wire.statistics import FailureGroupData, Statistics

DEFAULT_URL = "http://127.0.0.1:8080"
UNCHANGED: Any = object()


class Client(Rights, Queues, Templates):
    """Ask one server. `url` may hold a base path; it defaults to JOBRUNNER_URL, then to this machine.

    `token` is an API key or a token, or an async function that returns one: it is asked again, once for each refusal,
    when the server refuses what it returned before. `timeout` bounds each silence of the server in seconds; a stream is
    taken for cut when it is silent for `silence_s`.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        token: Token | None = None,
        timeout: float = 30.0,
        silence_s: float = SILENCE_S,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        address = url or os.environ.get("JOBRUNNER_URL") or DEFAULT_URL
        super().__init__(Transport(address, token=token, timeout_s=timeout, sleep=sleep))
        self._silence_s = silence_s

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.__aexit__()

    @property
    def url(self) -> str:
        """Return the server's address."""
        return self._transport.url

    async def submit(
        self,
        type: str,  # noqa: A002 - the word of the API
        payload: object = None,
        *,
        files: Mapping[str, Source] | None = None,
        idempotency_key: str | None = None,
        fresh: bool = False,
        **envelope: Unpack[Envelope],
    ) -> JobData:
        """Submit a job with its files and return it; when this returns, the job is kept.

        Where its type gives results again, the job that is returned may be one that is done; a `fresh` one is new.
        """
        call = submit(submission(type, payload, envelope), files or {}, idempotency_key or new_key())
        if fresh:
            call = replace(call, headers={**call.headers, "Cache-Control": "no-cache"})
        return cast("JobData", await self._transport.json(call))

    async def submit_with_token(
        self,
        type: str,  # noqa: A002 - the word of the API
        payload: object = None,
        *,
        files: Mapping[str, Source] | None = None,
        idempotency_key: str | None = None,
        **envelope: Unpack[Envelope],
    ) -> tuple[JobData, str | None]:
        """Submit as `submit` does; return also a token for this job alone, to be handed to a browser.

        There is a token for an application, one that shows a key with scopes; for others it is None.
        """
        call = submit(submission(type, payload, envelope), files or {}, idempotency_key or new_key())
        answer = await self._transport.answer(call)
        return answer.content, answer.headers.get("Jobrunner-Token")

    async def submit_many(
        self, submissions: Iterable[Submission], *, atomic: bool = False, idempotency_key: str | None = None
    ) -> BulkAnswer:
        """Submit up to 10,000 jobs; each is taken or refused by itself, with `atomic` all or none."""
        call = bulk(submissions, idempotency_key or new_key(), atomic=atomic)
        return cast("BulkAnswer", await self._transport.json(call))

    async def upload(self, job_id: str, name: str, source: Source) -> JobData:
        """Send a file that the job waits for; a cut connection is taken up where it broke."""
        return await Upload(self._transport, job_id, name, file_from(source)).send()

    async def get(self, job_id: str) -> JobData:
        """Return a job with its payload and result."""
        return cast("JobData", await self._transport.json(get(job_path(job_id))))

    def list(self, *, limit: int | None = None, **filters: Unpack[ListFilter]) -> AsyncGenerator[JobData, None]:
        """Iterate over all jobs, newest first, or over the first `limit`."""
        return pages(self._transport, filters, limit=limit)

    async def list_page(self, *, limit: int = 50, cursor: str | None = None, **filters: Unpack[ListFilter]) -> JobPage:
        """Return one page of at most 500 jobs, and the cursor of the next."""
        return await page(self._transport, filters, limit=limit, cursor=cursor)

    def watch(self, job_id: str, *, since: JobData | None = None, told: Told | None = None) -> Watching:
        """Iterate over the states of a job as they come, the present one first, until it has ended.

        Stays connected through restarts of the server; `told` hears of them. With `since`, begins after that state.
        """
        return watch_one(self._transport, job_id, since=since, silence_s=self._silence_s, told=told)

    def watch_many(
        self,
        job_ids: Iterable[str] | None = None,
        *,
        after: str | None = None,
        told: Told | None = None,
        **filters: Unpack[WatchFilter],
    ) -> Watching:
        """Iterate over the states of many jobs until all that were named have ended; a filter has no end.

        `after` is a cursor to go on from, a job's or that of an earlier `Watching`, however long ago.
        """
        return watch_many(self._transport, job_ids, filters, after=after, silence_s=self._silence_s, told=told)

    async def wait(self, job_id: str, timeout: float | None = None) -> JobData:  # noqa: ASYNC109 - ends in StillRunning
        """Return the job when it has ended; raise StillRunning after `timeout` seconds, which is no failure."""
        try:
            async with asyncio.timeout(timeout), aclosing(self.watch(job_id)) as states:
                async for _ in states:
                    pass
        except TimeoutError:
            raise StillRunning(job_id, timeout or 0.0) from None
        return await self.get(job_id)

    async def cancel(self, job_id: str) -> JobData:
        """Cancel a job, or ask a running one to stop; the state says which."""
        return cast("JobData", await self._transport.json(Call("DELETE", job_path(job_id))))

    async def retry(self, job_id: str, *, payload: object = UNCHANGED, priority: int | None = None) -> JobData:
        """Run a failed or cancelled job again; with another payload or priority it is a new job, linked to the old.

        Repeated only when it was certainly not done: a server need not know an Idempotency-Key here.
        """
        changes = {} if payload is UNCHANGED else {"payload": payload}
        changes |= {} if priority is None else {"priority": priority}
        call = post(job_path(job_id, "retry"), changes, key=new_key())
        return cast("JobData", await self._transport.json(call, passing=was_not_done))

    async def retry_part(self, job_id: str, key: str) -> JobData:
        """Run a failed or cancelled job again for one of its parts; raise Problem where there is no such part."""
        call = post(job_path(job_id, "parts", key, "retry"), {}, key=new_key())
        return cast("JobData", await self._transport.json(call, passing=was_not_done))

    def logs(
        self, job_id: str, *, after: int = 0, follow: bool = False, told: Told | None = None
    ) -> AsyncGenerator[LogLine, None]:
        """Iterate over the lines of a job's log above line `after`; with `follow` until the job has ended."""
        logs = Logs(self._transport, job_id, after)
        return logs.followed(silence_s=self._silence_s, told=told) if follow else logs.written()

    async def attempts(self, job_id: str) -> Sequence[AttemptData]:
        """Return the runs of a job's handler, oldest first."""
        answer = await self._transport.json(get(job_path(job_id, "attempts")))
        return cast("Sequence[AttemptData]", answer["attempts"])

    async def history(self, job_id: str) -> Sequence[ActData]:
        """Return who submitted a job, and who did what to it since, oldest first."""
        answer = await self._transport.json(get(job_path(job_id, "history")))
        return cast("Sequence[ActData]", answer["history"])

    async def explain(self, job_id: str) -> ExplanationData:
        """Return why a job is where it is: a sentence for people, what comes before it, and which limit holds it."""
        return cast("ExplanationData", await self._transport.json(get(job_path(job_id, "explain"))))

    async def artifact(self, job_id: str, name: str, to: Path) -> Path:
        """Download a file that the job made to a path, or into a directory under its own name; return where it is."""
        return await Download(self._transport, job_id, name, to).fetch()

    def artifact_url(self, job_id: str, name: str) -> str:
        """Return where an artifact can be downloaded."""
        return self._transport.address(job_path(job_id, "artifacts", name))

    async def link(self, job_id: str, name: str) -> str:
        """Return an address that anybody can download an artifact from for five minutes, without a token."""
        answer = await self._transport.json(post(job_path(job_id, "artifacts", name, "link"), {}))
        return self._transport.absolute(answer["url"])

    async def counts(self, **filters: Unpack[CountFilter]) -> Counts:
        """Return the number of jobs in each status."""
        return cast("Counts", await self._transport.json(get("/jobs/stats/counts", params(**filters))))

    async def stats(self, range: str = "24h", **filters: Unpack[StatisticsFilter]) -> Statistics:  # noqa: A002 - as above
        """Return what came and ended in the last hours (`6h`) or days (`7d`), up to 30 days; not for users."""
        return cast("Statistics", await self._transport.json(get("/jobs/stats", params(range=range, **filters))))

    async def failures(self, **filters: Unpack[FailureFilter]) -> Sequence[FailureGroupData]:
        """Return the failed jobs that are still there, grouped by type and error, the newest first; not for users."""
        answer = await self._transport.json(get("/jobs/failures", params(**filters)))
        return cast("Sequence[FailureGroupData]", answer["groups"])

    async def health(self) -> dict[str, Any]:
        """Return how the server is: `status` is `ok` or `degraded`."""
        return cast("dict[str, Any]", await self._transport.json(get("/jobs/health")))

    async def types(self) -> Sequence[dict[str, Any]]:
        """Return what can be submitted: each type with its schema, stages and uploads."""
        return cast("Sequence[dict[str, Any]]", (await self._transport.json(get("/types")))["types"])
