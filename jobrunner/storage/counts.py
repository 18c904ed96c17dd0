"""How many jobs there are in each status, as SQL: from the counters, or counted one by one.

Pure: the reader runs it.
"""

from __future__ import annotations

from typing import Any

from jobrunner.model.filter import Filter
from jobrunner.storage.batch import EVERYONE, counted_for
from jobrunner.storage.conditions import Condition, condition


def counters(wanted: Filter) -> tuple[Any, ...]:
    """Return the statement that adds up counters of users, types and queues, then its parameters."""
    users = wanted.user_ids
    if wanted.owner is not None:
        users = frozenset({wanted.owner})
    where = Condition()
    where.add_any("who", [counted_for(user) for user in users] or [EVERYONE])
    where.add_any("type", wanted.types)
    where.add_any("queue", wanted.queues)
    if wanted.owner is not None and wanted.user_ids and wanted.owner not in wanted.user_ids:
        where.add("false")
    return (f"SELECT status, sum(n) FROM counts WHERE {where} GROUP BY status", *where.parameters)


def counted(wanted: Filter) -> tuple[Any, ...]:
    """Return the statement that counts the jobs of a filter, few as they are, then its parameters."""
    where = condition(wanted)
    return (f"SELECT jobs.status, count(*) FROM jobs WHERE {where} GROUP BY jobs.status", *where.parameters)
