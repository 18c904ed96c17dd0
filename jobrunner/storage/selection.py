"""The jobs of a filter, page by page: what is to be done to many of them goes through them this way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jobrunner.model.filter import Filter
from jobrunner.storage.conditions import Condition, condition
from jobrunner.storage.image import Image
from jobrunner.storage.reader import Reader
from jobrunner.storage.rows import SELECT, read_image


async def selected(reader: Reader, wanted: Filter, limit: int, before: str | None) -> list[Image]:
    """Return jobs of a filter, the newest first, made before one that was seen already; without their results.

    Each status is looked for by its own index, in one statement, so that a job that moves meanwhile is not missed.
    """
    each = list(_conditions(wanted, before))
    parts = (
        f"SELECT * FROM (SELECT {SELECT}, NULL FROM jobs WHERE {one} ORDER BY jobs.id DESC LIMIT {limit})"
        for one in each
    )
    sql = f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY 1 DESC LIMIT {limit}"
    rows = await reader._rows(sql, *(value for one in each for value in one.parameters))  # noqa: SLF001 - the same room
    return [await reader._released(read_image(row)) for row in rows]  # noqa: SLF001 - the same room


def _conditions(wanted: Filter, before: str | None) -> Iterator[Condition]:
    for statuses in [frozenset({status}) for status in sorted(wanted.statuses)] or [wanted.statuses]:
        one = condition(replace(wanted, statuses=statuses))
        if before is not None:
            one.add("jobs.id < ?", before)
        yield one
