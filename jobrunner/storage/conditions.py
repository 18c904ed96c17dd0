"""A filter as a condition of SQL, with its parameters."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from jobrunner.model.filter import Filter
from jobrunner.model.state import Status

READY = "jobs.status = 'queued' AND jobs.hold IS NULL"


@dataclass(slots=True)
class Condition:
    """Terms that all have to hold."""

    terms: list[str] = field(default_factory=list)
    parameters: list[Any] = field(default_factory=list)

    def add(self, term: str, *parameters: Any) -> None:
        """Add a term."""
        self.terms.append(term)
        self.parameters += parameters

    def add_any(self, column: str, values: Iterable[str]) -> None:
        """Ask for any of the values; one value alone is compared, so that an index can serve it."""
        match sorted(values):
            case []:
                return
            case [value]:
                self.add(f"{column} = ?", value)
            case several:
                self.add(f"{column} IN (SELECT value FROM json_each(?))", json.dumps(several))

    def add_rights(self, owner: str | None, only: Collection[str] | None) -> None:
        """Keep to what may be seen: jobs of a user, and of certain ids, where None is no bound and no id is no job."""
        if owner is not None:
            self.add("jobs.user_id = ?", owner)
        if only is not None:
            self.add_any("jobs.id", only)
            if not only:
                self.add("false")

    def __str__(self) -> str:
        """Return the terms as SQL."""
        return " AND ".join(self.terms) or "true"


def condition(wanted: Filter) -> Condition:
    """Return the condition of a filter on the table `jobs`."""
    where = Condition()
    where.add_rights(wanted.owner, wanted.only)
    where.add_any("jobs.id", wanted.job_ids)
    where.add_any("jobs.user_id", wanted.user_ids)
    where.add_any("jobs.type", wanted.types)
    where.add_any("jobs.queue", wanted.queues)
    where.add_any("jobs.parent_id", wanted.parents)
    if wanted.tags:
        where.add(
            "EXISTS (SELECT 1 FROM tags WHERE job_id = jobs.id AND tag IN (SELECT value FROM json_each(?)))",
            json.dumps(sorted(wanted.tags)),
        )
    _add_changing(where, wanted)
    return where


def any_of(wanted: Sequence[Filter]) -> Condition:
    """Return the condition that at least one of the filters holds."""
    if len(wanted) == 1:
        return condition(wanted[0])
    each = [condition(one) for one in wanted]
    union = Condition()
    rights = {(one.owner, one.only) for one in wanted}
    if len(rights) == 1:  # once for all of them, where an index can serve it
        union.add_rights(*rights.pop())
    union.add("(" + " OR ".join(f"({one})" for one in each) + ")", *(value for one in each for value in one.parameters))
    return union


def _add_changing(where: Condition, wanted: Filter) -> None:
    if wanted.statuses:
        where.add(" OR ".join(_status_term(status) for status in sorted(wanted.statuses)).join("()"))
    where.add_any("jobs.code", wanted.codes)
    if wanted.q:
        pattern = "%" + wanted.q.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
        where.add(
            r"(jobs.title LIKE ? ESCAPE '\' OR jobs.type LIKE ? ESCAPE '\' OR jobs.id = ?)", pattern, pattern, wanted.q
        )
    if wanted.created_after is not None:
        where.add("jobs.created_at >= ?", wanted.created_after)
    if wanted.created_before is not None:
        where.add("jobs.created_at < ?", wanted.created_before)


def _status_term(status: Status) -> str:
    # A literal, for a partial index is used only where the text proves that it fits. The value is ours, never the
    # user's.
    return f"jobs.status = '{status.value}'"
