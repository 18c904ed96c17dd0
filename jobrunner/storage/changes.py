"""What has changed after a number: the question as SQL, and its answer. Pure: the reader runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jobrunner.model.filter import Filter
from jobrunner.storage.conditions import Condition, any_of
from jobrunner.storage.image import Image
from jobrunner.storage.rows import SELECT, SMALL, read_image

MOST_SCANNED = 5_000  # rows looked at for a page of changes, however few of them match


@dataclass(frozen=True, slots=True)
class Changes:
    """What has changed after a number.

    `until` is where to go on, `deleted` the highest number that is gone for good.
    """

    images: Sequence[Image]
    until: int
    more: bool
    head: int
    deleted: int


def since_number(since: int, wanted: Sequence[Filter], limit: int) -> tuple[Any, ...]:
    """Return the statement, then its parameters."""
    scan, rest = _scan(since, wanted)
    sql = (
        "WITH scanned AS MATERIALIZED ("
        f"SELECT id, number FROM jobs WHERE {scan} ORDER BY number LIMIT {MOST_SCANNED}) "
        "SELECT head.value, deleted.value, (SELECT max(number) FROM scanned), (SELECT count(*) FROM scanned), "
        "found.* "
        "FROM facts AS head JOIN facts AS deleted ON deleted.name = 'deleted' LEFT JOIN ("
        f"SELECT {SELECT}, {SMALL} FROM scanned CROSS JOIN jobs ON jobs.id = scanned.id WHERE {rest} "
        "ORDER BY scanned.number LIMIT ?) AS found ON true WHERE head.name = 'head' ORDER BY found.number"
    )
    return (sql, *scan.parameters, *rest.parameters, limit)


def read_changes(rows: Sequence[Any], since: int, limit: int) -> Changes:
    """Return the answer of its rows."""
    head, deleted, scanned_last, scanned = rows[0][:4]
    images = [read_image(row[4:]) for row in rows if row[4] is not None]
    if len(images) == limit:
        until, more = images[-1].number, True
    elif scanned == MOST_SCANNED:
        until, more = int(scanned_last), True
    else:
        until, more = max(int(head), since), False
    return Changes(images, until, more, int(head), int(deleted))


def _scan(since: int, wanted: Sequence[Filter]) -> tuple[Condition, Condition]:
    """Return what an index can bound, and the rest."""
    scan = Condition()
    scan.add("number > ?", since)
    named, owners = [_named(each) for each in wanted], {each.owner for each in wanted}
    if all(ids is not None for ids in named):
        scan.add_rights(None, {job_id for ids in named if ids is not None for job_id in ids})
    elif len(owners) == 1 and None not in owners:
        scan.add_rights(wanted[0].owner, None)
    elif len(wanted) == 1 and len(wanted[0].user_ids) == 1:
        scan.add_any("user_id", wanted[0].user_ids)
    return scan, any_of(wanted)


def _named(wanted: Filter) -> frozenset[str] | None:
    """Return the only ids that jobs of a filter can have, None for any."""
    if wanted.only is None:
        return wanted.job_ids or None
    return wanted.only & wanted.job_ids if wanted.job_ids else wanted.only
