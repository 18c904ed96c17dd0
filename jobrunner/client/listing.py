"""A list over all its pages, by cursor: no job is skipped or repeated because others come and go meanwhile."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import cast

from jobrunner.client.call import get, params
from jobrunner.client.transport import Transport
from jobrunner.wire import JobData, JobPage

_PAGE = 100


async def page(transport: Transport, filters: Mapping[str, object], *, limit: int, cursor: str | None) -> JobPage:
    """Return one page."""
    return cast("JobPage", await transport.json(get("/jobs", params(**filters, limit=limit, cursor=cursor))))


async def pages(
    transport: Transport, filters: Mapping[str, object], *, limit: int | None
) -> AsyncGenerator[JobData, None]:
    """Yield jobs until there are no more, or `limit` have been; a page is fetched when it is needed."""
    cursor: str | None = None
    left = limit
    while left is None or left > 0:
        got = await page(transport, filters, limit=_PAGE if left is None else min(left, _PAGE), cursor=cursor)
        for job in got["jobs"]:
            yield job
        cursor, left = got["next_cursor"], None if left is None else left - len(got["jobs"])
        if cursor is None:
            return
