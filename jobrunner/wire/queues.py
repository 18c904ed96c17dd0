"""The shapes of queues as they go over HTTP, of what was done to many jobs, and of why a job is where it is."""

from __future__ import annotations

from typing import TypedDict

from jobrunner.wire import StatusName, WaitingFor


class QueueData(TypedDict):
    """A queue; `oldest_wait` is in seconds, null when no job of it waits for a worker."""

    queue: str
    paused: bool
    paused_at: str | None
    paused_by: str | None
    queued: int
    processing: int
    concurrency: int
    fair: bool
    max_queued: int
    oldest_wait: float | None


class RefusalData(TypedDict):
    """A job to which something could not be done, and why."""

    job_id: str
    reason: str


class SelectionData(TypedDict):
    """What was done to the jobs of a filter; `more` says that jobs match which were not looked at."""

    dry_run: bool
    matched: int
    changed: int
    refused: list[RefusalData]
    more: bool


class LimitData(TypedDict):
    """A limit by the name of its setting, and how much of it is used."""

    name: str
    limit: int
    used: int


class ExplanationData(TypedDict):
    """Why a job is where it is, in a sentence; `ahead` jobs come before it, 999 at most, null when it is not ready."""

    job_id: str
    status: StatusName
    sentence: str
    waiting_for: WaitingFor | None
    queue_position: int | None
    ahead: int | None
    limit: LimitData | None
    estimated_start: str | None
    estimated_completion: str | None
