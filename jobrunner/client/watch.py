"""What is watched: which stream is asked for one job, and for many, and how jobs are looked up beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from itertools import islice

from jobrunner.client.call import Call, get, job_path, params
from jobrunner.client.knowledge import Knowledge
from jobrunner.client.stream import Stream, Told
from jobrunner.client.transport import Transport
from jobrunner.client.watching import Watching
from jobrunner.wire import JobData

_EVENTS = {"Accept": "text/event-stream"}
_IDS_IN_A_URL = 100  # 37 bytes each, below the 8 KB that servers take


def watch_one(
    transport: Transport, job_id: str, *, since: JobData | None, silence_s: float, told: Told | None
) -> Watching:
    """Watch one job; with `since`, a server is known to be there, so that nothing is given up."""
    knowledge = Knowledge({job_id}, cursor=since["cursor"] if since else None)
    if since:
        knowledge.learn(since)

    def call() -> Call:
        return get(job_path(job_id, "events"), params(after=knowledge.cursor), **_EVENTS)

    async def present(_: AbstractSet[str]) -> list[JobData]:
        return [await transport.json(get(job_path(job_id)))]

    stream = Stream(transport, call, silence_s=silence_s, answered=since is not None, told=told)
    return Watching(stream, knowledge, present)


def watch_many(
    transport: Transport,
    job_ids: Iterable[str] | None,
    filters: Mapping[str, object],
    *,
    after: str | None,
    silence_s: float,
    told: Told | None,
) -> Watching:
    """Watch the jobs that are named, or all that pass the filters."""
    named = None if job_ids is None else sorted(set(job_ids))
    knowledge = Knowledge(named, cursor=after)
    asked = named if named is not None and len(named) <= _IDS_IN_A_URL else None  # else `knowledge` picks them out

    def call() -> Call:
        return get("/events", params(**filters, job_id=asked, after=knowledge.cursor), **_EVENTS)

    async def present(ids: AbstractSet[str]) -> list[JobData]:
        return await _look_up(transport, ids)

    stream = Stream(transport, call, silence_s=silence_s, told=told)
    return Watching(stream, knowledge, present)


async def _look_up(transport: Transport, job_ids: Iterable[str]) -> list[JobData]:
    """Return those that exist."""
    rest, found = iter(sorted(job_ids)), list[JobData]()
    while some := list(islice(rest, _IDS_IN_A_URL)):
        page = await transport.json(get("/jobs", params(job_id=some, limit=_IDS_IN_A_URL)))
        found += page["jobs"]
    return found
