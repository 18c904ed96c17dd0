"""Which jobs somebody asks for: within a field any of the values, across fields all of them."""

from __future__ import annotations

from dataclasses import dataclass

from jobrunner.model.job import Job
from jobrunner.model.state import Status


@dataclass(frozen=True, slots=True)
class Filter:
    """An empty field asks for anything.

    The first six never change in a job, so that nothing leaves a stream unseen. `owner` and `only` are not asked for
    but set by rights: beside all else, jobs of that user and with those ids only; None is no bound.
    """

    job_ids: frozenset[str] = frozenset()
    user_ids: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    parents: frozenset[str] = frozenset()
    statuses: frozenset[Status] = frozenset()
    codes: frozenset[str] = frozenset()
    q: str = ""
    created_after: int | None = None
    created_before: int | None = None
    owner: str | None = None
    only: frozenset[str] | None = None

    def watches(self, job: Job) -> bool:
        """Tell whether a stream of this filter shows the job; only what never changes is looked at."""
        return (
            (not self.job_ids or job.id in self.job_ids)
            and (not self.user_ids or job.user_id in self.user_ids)
            and (not self.types or job.type in self.types)
            and (not self.queues or job.queue in self.queues)
            and (not self.tags or not self.tags.isdisjoint(job.tags))
            and (not self.parents or job.parent_id in self.parents)
            and (self.owner is None or job.user_id == self.owner)
            and (self.only is None or job.id in self.only)
        )


EVERYTHING = Filter()
