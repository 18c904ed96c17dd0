"""What changes, as one resource.

Server-Sent Events, long-poll or plain JSON, as the client accepts, by the same cursor.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from jobrunner.errors import Invalid
from jobrunner.model.filter import Filter
from jobrunner.storage.image import Image
from jobrunner.web import cursor, moment, prefer, show
from jobrunner.web.body import read_json
from jobrunner.web.feed import DELETED, Feed, Page, Snapshot
from jobrunner.web.keys import runner_of, subject_of
from jobrunner.web.negotiation import wants_stream
from jobrunner.web.query import STREAM_FILTERS, Query, filter_of, job_id_of
from jobrunner.web.reply import reply
from jobrunner.web.rules import recheck
from jobrunner.web.sse import PING, Stream, event, head, stream_for

MOST_FILTERS = 100
PING_S = 15.0
POSITION_S = 2.0


async def all_events(request: web.Request) -> web.StreamResponse:
    """Show the changes of all jobs, or of those of a filter."""
    query = Query.of(request, *STREAM_FILTERS, "after")
    return await _answer(request, [query.filter()], _after(request, query), single=False)


async def union_events(request: web.Request) -> web.StreamResponse:
    """Show the changes of a union of filters, or of more jobs than an address can name."""
    Query.of(request)
    asked = await read_json(request, runner_of(request).settings.server.max_body)
    if not isinstance(asked, dict) or not asked.keys() <= {"any", "after"} or not isinstance(asked.get("any"), list):
        raise Invalid("The request is not valid.", pointers=[("/any", "a list of filters; beside it perhaps `after`")])
    if not 1 <= len(asked["any"]) <= MOST_FILTERS or not isinstance(asked.get("after", ""), str):
        raise Invalid(
            "The request is not valid.", pointers=[("/any", f"1 to {MOST_FILTERS} filters; `after` is a cursor")]
        )
    wanted = [filter_of(each, f"/any/{index}") for index, each in enumerate(asked["any"])]
    after = request.headers.get("Last-Event-ID") or asked.get("after")
    return await _answer(request, wanted, after, single=False)


async def job_events(request: web.Request) -> web.StreamResponse:
    """Show the changes of one job; the stream ends with the job, and 204 tells a browser to stay away."""
    query, runner, job_id = Query.of(request, "after"), runner_of(request), job_id_of(request)
    image, after = await runner.get(job_id), _after(request, query)
    if after is not None and wants_stream(request) and _seen_to_the_end(request, image, after):
        return web.Response(status=204)
    return await _answer(request, [Filter(job_ids=frozenset({job_id}))], after, single=True)


def _after(request: web.Request, query: Query) -> str | None:
    """Return the cursor; what a reconnecting browser sends wins over what stands in the address it was given."""
    return request.headers.get("Last-Event-ID") or query.one("after")


def _seen_to_the_end(request: web.Request, image: Image, after: str) -> bool:
    number = cursor.parse(runner_of(request), after)
    return image.job.status.ended and number is not None and number >= image.number


async def _answer(
    request: web.Request, wanted: Sequence[Filter], after: str | None, *, single: bool
) -> web.StreamResponse:
    streamed = wants_stream(request)
    if streamed and request.method == "HEAD":
        return head()
    feed = Feed(runner_of(request), *(subject_of(request).narrow(each) for each in wanted))
    try:
        if streamed:
            async with stream_for(request, feed.watcher) as stream:
                await _Events(stream, feed, single=single).run(after)
            return stream.response
        return await _json(request, feed, after)
    finally:
        feed.close()


async def _json(request: web.Request, feed: Feed, after: str | None) -> web.Response:
    """Return a page of what has changed, held by `Prefer: wait` until there is something."""
    runner, wait_s = runner_of(request), prefer.wait_of(request)
    refused = feed.resume(after)
    page = await feed.page() if refused is None else None
    if page is None:
        body = _snapshot_bytes(feed, await feed.snapshot((refused or DELETED) if after else None), reset=True)
    else:
        if wait_s is not None and not page.images and not page.more:
            page = await prefer.hold(runner.changes, feed.wanted, wait_s, lambda: _some(feed)) or page
            recheck(request)
        body = _page_bytes(feed, page)
    response = reply(body, headers={"Vary": "Accept, Prefer"})
    prefer.applied(response, wait_s)
    return response


async def _some(feed: Feed) -> Page | None:
    page = await feed.page()
    return page if page is not None and (page.images or page.more) else None


def _page_bytes(feed: Feed, page: Page) -> bytes:
    jobs = [show.streamed(feed.runner, image) for image in page.images]
    return show.joined(jobs, cursor=cursor.text(feed.runner, page.number), reset=False, more=page.more)


def _snapshot_bytes(feed: Feed, snapshot: Snapshot, *, reset: bool | None = None) -> bytes:
    members: Mapping[str, Any] = {
        "cursor": cursor.text(feed.runner, snapshot.page.number),
        "more": snapshot.page.more,
        "reset": reset,
        "counts": snapshot.counts,
        "missing": list(snapshot.missing) or None,
        "reason": snapshot.reason,
    }
    jobs = [show.streamed(feed.runner, image) for image in snapshot.page.images]
    return show.joined(jobs, **{name: value for name, value in members.items() if value is not None})


class _Events:
    """One reader of a stream. Changes: what its feed has seen, and the place in the queue that it was told."""

    def __init__(self, stream: Stream, feed: Feed, *, single: bool) -> None:
        self._feed = feed
        self._runner = feed.runner
        self._single = single
        self._stream = stream
        self._position: int | None = None
        self._ended: Image | None = None

    async def run(self, after: str | None) -> None:
        """Send until the client or its right is gone, the server stops, or the one job that is watched has ended."""
        await self._begin(after)
        while self._ended is None and not self._feed.watcher.closed:
            await self._wait()
            if self._feed.overrun():
                await self._catch_up()
            await self._send(*self._live())
        if self._ended is not None:
            await self._stream.send("end", {"job_id": self._ended.job.id, "status": self._ended.job.status})

    async def _begin(self, after: str | None) -> None:
        refused = self._feed.resume(after)
        if refused is None:
            await self._catch_up()
        else:
            await self._start_over("reset" if after else "snapshot", refused if after else None)

    async def _start_over(self, name: str, reason: str | None) -> None:
        snapshot = await self._feed.snapshot(reason)
        text = cursor.text(self._runner, self._feed.number)
        data = _snapshot_bytes(self._feed, snapshot)
        self._look_for_end(snapshot.page.images)
        await self._stream.write(event(name, data, text))

    async def _catch_up(self) -> None:
        """Send what has changed since the cursor, page by page."""
        more = True
        while more:
            page = await self._feed.page()
            if page is None:
                return await self._start_over("reset", DELETED)
            more = page.more
            await self._send(*(self._job(image, committed=True) for image in page.images))
        return None

    async def _wait(self) -> None:
        """Wait for news; without any, say at times that the stream lives and where the job stands in its queue."""
        waits = await self._waiting() is not None
        try:
            async with asyncio.timeout(POSITION_S if waits else PING_S):
                await self._feed.watcher.wait()
        except TimeoutError:
            await (self._tell_position() if waits else self._stream.write(PING))

    def _live(self) -> list[bytes]:
        return [self._job(told.image, committed=told.committed) for told in self._feed.live()]

    def _job(self, image: Image, *, committed: bool) -> bytes:
        self._look_for_end([image])
        text = cursor.text(self._runner, image.number) if committed else None
        return event("job", show.streamed(self._runner, image), text)

    def _look_for_end(self, images: Any) -> None:
        if self._single:
            self._ended = next((image for image in images if image.job.status.ended), self._ended)

    async def _send(self, *events: bytes) -> None:
        if events:
            await self._stream.write(b"".join(events))

    async def _waiting(self) -> Image | None:
        """Return the one job that is watched, while it waits for a worker."""
        if not self._single:
            return None
        (job_id,) = self._feed.wanted[0].job_ids
        image = await self._runner.get(job_id)
        return image if image.job.ready else None

    async def _tell_position(self) -> None:
        image = await self._waiting()
        position = None if image is None else await self._runner.position(image.job)
        if image is None or position == self._position:
            return await self._stream.write(PING)
        self._position = position
        start = moment.text(self._runner.estimates.of(image.job, position).start)
        told = {"job_id": image.job.id, "queue_position": position, "estimated_start": start}
        return await self._stream.send("position", told)
