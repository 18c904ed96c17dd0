"""What a watcher knows: the newest state of each job, folded from the events of a stream.

Pure: an event goes in, the states that are news come out. States only move forward: one with an older cursor than the
known one is dropped, whatever connection brought it; only a snapshot may replace what is known.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Any

from jobrunner.client.sse import Event
from jobrunner.wire import JobData

TERMINAL = frozenset({"completed", "failed", "cancelled"})
SNAPSHOTS = frozenset({"snapshot", "reset"})


def is_finished(job: JobData) -> bool:
    """Say whether the job has reached its end."""
    return job["status"] in TERMINAL


def is_older(cursor: str, known: str) -> bool:
    """Compare two cursors `<epoch>-<number>`; cursors of different epochs have no order, so neither is older."""
    epoch, _, number = cursor.rpartition("-")
    known_epoch, _, known_number = known.rpartition("-")
    if epoch != known_epoch or not (number.isdecimal() and known_number.isdecimal()):
        return False
    return int(number) < int(known_number)


class Knowledge:
    """Fold events into states. `job_ids` are those that are waited for; None for a filter, which has no end."""

    def __init__(self, job_ids: Iterable[str] | None, *, cursor: str | None = None) -> None:
        # Mutable: the newest states, the ids that have not ended, the ids that nobody knows, where to resume.
        self._jobs: dict[str, JobData] = {}
        self.pending = set(job_ids or ())
        self.missing: set[str] = set()
        self.cursor = cursor
        self._wanted = None if job_ids is None else frozenset(self.pending)

    @property
    def is_complete(self) -> bool:
        """Say whether every job that was named has ended or does not exist."""
        return self._wanted is not None and not self.pending

    @property
    def unseen(self) -> set[str]:
        """The pending jobs of which nothing was heard."""
        return self.pending - self._jobs.keys()

    def learn(self, job: JobData) -> bool:
        """Note a state; say whether it is news. A stream may be wider than what is waited for."""
        if self._is_foreign(job):
            return False
        known = self._jobs.get(job["job_id"])
        if known is not None and (known == job or is_older(job["cursor"], known["cursor"])):
            return False
        self._note(job)
        return True

    def lose(self, job_ids: AbstractSet[str]) -> None:
        """Wait no longer for jobs that do not exist."""
        self.missing.update(job_ids)
        self.pending -= job_ids

    def skip(self, jobs: Iterable[JobData], cursor: str) -> None:
        """Wait no longer for jobs that had ended before the cursor: no stream from there on will name them."""
        passed = (job for job in jobs if job["cursor"] == cursor or is_older(job["cursor"], cursor))
        self.pending -= {job["job_id"] for job in passed if is_finished(job)}

    def take(self, event: Event) -> list[JobData]:
        """Return the states in this event that are news. Events of other names, and ones to come, tell nothing."""
        news = self._news(event)
        self.cursor = event.id or self.cursor
        return news

    def _news(self, event: Event) -> list[JobData]:
        if event.name == "job":
            job: JobData = json.loads(event.data)
            return [job] if self.learn(job) else []
        if event.name in SNAPSHOTS:
            return self._replace(json.loads(event.data))
        return []

    def _replace(self, snapshot: dict[str, Any]) -> list[JobData]:
        """Believe the snapshot in place of what was known: after a restored backup its cursors mean something else."""
        before, self._jobs = self._jobs, {}
        self.lose(set(snapshot.get("missing") or ()))
        self.cursor = snapshot.get("cursor") or self.cursor
        jobs: list[JobData] = [job for job in snapshot["jobs"] if not self._is_foreign(job)]
        for job in jobs:
            self._note(job)
        return [job for job in jobs if before.get(job["job_id"]) != job]

    def _is_foreign(self, job: JobData) -> bool:
        return self._wanted is not None and job["job_id"] not in self._wanted

    def _note(self, job: JobData) -> None:
        """Keep the state. A filter may be watched for months: of its jobs only those that have not ended are kept."""
        self._jobs[job["job_id"]] = job
        if is_finished(job):
            self.pending.discard(job["job_id"])
            if self._wanted is None:
                del self._jobs[job["job_id"]]
