"""What was submitted lately, and by whom, as SQL: what limits are counted from after a start. Pure: the reader runs it.

What retention has deleted meanwhile is not counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

SLACK_MS = 3_600_000  # an id is made before its job, by as long as the files take that came with it
# The newest ones of all who are asked about: an older one matters only where nobody was at a limit.
MOST_USES = 100_000

# `?1` are the names, `?2` the first id, `?3` and `?4` the times, `?5` is how many.
_RECENT = """
SELECT {who}, jobs.type, jobs.created_at, {amount} FROM json_each(?1) AS names
CROSS JOIN jobs INDEXED BY {index} ON {mine} AND jobs.id >= ?2 {more}
WHERE jobs.created_at > ?3 AND jobs.created_at <= ?4 GROUP BY 1, 2, 3 ORDER BY 3 DESC LIMIT ?5"""
_USERS = {"who": "'user:' || jobs.user_id", "index": "jobs_user", "mine": "jobs.user_id = names.value"}
_OTHERS = {
    "who": "jobs.submitted_by",
    "index": "jobs_submitter",
    "mine": "jobs.user_id IS NULL AND jobs.submitted_by = names.value",
}
_JOBS = {"amount": "count(*)", "more": ""}
# Files that a job shares with the one that it repeats were not sent again.
_BYTES = {
    "amount": "sum(max(coalesce(uploads.value ->> 3, 0), uploads.value ->> 4))",
    "more": "CROSS JOIN json_each(jobs.uploads) AS uploads ON jobs.retried_from IS NULL",
}
JOBS_OF_USERS, JOBS_OF_OTHERS = _RECENT.format(**_USERS, **_JOBS), _RECENT.format(**_OTHERS, **_JOBS)
BYTES_OF_USERS, BYTES_OF_OTHERS = _RECENT.format(**_USERS, **_BYTES), _RECENT.format(**_OTHERS, **_BYTES)
JOBS, BYTES = (JOBS_OF_USERS, JOBS_OF_OTHERS), (BYTES_OF_USERS, BYTES_OF_OTHERS)

USER = "user:"


class Use(NamedTuple):
    """So much at one moment, by a user (`user:anna`) or, for nobody in particular, by another subject (`key:4k2m`)."""

    bearer: str
    type: str
    at: int
    amount: int


Question = tuple[str, str, str, int, int, int]


def questions(statements: tuple[str, str], bearers: Iterable[str], since: int, until: int) -> list[Question]:
    """Return what to ask to know what some bearers used after `since`, up to `until`, both in milliseconds."""
    users, others = [], []
    for bearer in bearers:
        if bearer.startswith(USER):
            users.append(bearer.removeprefix(USER))
        else:
            others.append(bearer)
    first = _first_id(since - SLACK_MS)
    asked = zip(statements, (users, others), strict=True)
    return [(sql, json.dumps(names), first, since, until, MOST_USES) for sql, names in asked if names]


def _first_id(at: int) -> str:
    """Return what is not above any id that was made at a time (RFC 9562: the first 48 bits are the time)."""
    text = f"{max(at, 0):012x}"
    return f"{text[:8]}-{text[8:]}"
