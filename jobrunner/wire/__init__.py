"""The shapes that go over HTTP, as JSON: written by `web.views`, read by the client.

Times are RFC 3339 UTC text with `Z`, durations are seconds. Readers ignore members they do not know. Holds no
behaviour.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

StatusName = Literal["queued", "processing", "completed", "failed", "cancelled"]
StepStatusName = Literal["queued", "processing", "completed", "failed", "cancelled", "skipped"]
WaitingFor = Literal["worker", "upload", "time", "retry", "dependency", "limit", "paused_queue"]


class ErrorData(TypedDict):
    """Why a job, an attempt or a part failed."""

    code: str
    message: str
    details: dict[str, Any] | None
    retryable: bool
    occurred_at: str


class ProgressData(TypedDict):
    """Where a job is inside its work; what is not known is null."""

    percentage: float | None
    current_step: str | None
    estimated_time_remaining: float | None
    stage: str | None


class StageData(TypedDict):
    """One declared stage of a job."""

    name: str
    label: str
    description: str | None
    status: StepStatusName
    started_at: str | None
    completed_at: str | None


class ArtifactData(TypedDict):
    """A file that a job made."""

    name: str
    content_type: str
    size: int
    sha256: str
    download_url: str


class UploadData(TypedDict):
    """A file that a job was given; `size` is null until all of it is there."""

    name: str
    filename: str | None
    content_type: str | None
    size: int | None
    received: int


class PartData(TypedDict):
    """One of several equal pieces of a job, such as a language."""

    key: str
    label: str
    status: StepStatusName
    stage: str | None
    percentage: float | None
    current_step: str | None
    estimated_time_remaining: float | None
    result_data: Any
    error_data: ErrorData | None
    artifact: ArtifactData | None


class JobData(TypedDict):
    """A job; lists and streams leave out `payload`, and `result_data` above 16 KiB."""

    job_id: str
    type: str
    title: str
    user_id: str | None
    tags: list[str]
    metadata: dict[str, Any]
    status: StatusName
    waiting_for: WaitingFor | None
    queue: str
    priority: int
    payload: NotRequired[Any]
    uploads: list[UploadData]
    created_at: str
    run_at: str | None
    deadline: str | None
    started_at: str | None
    completed_at: str | None
    cancel_requested_at: str | None
    queue_position: int | None
    estimated_start: str | None
    estimated_completion: str | None
    estimated_duration: float | None
    progress_data: ProgressData
    stages: list[StageData]
    parts: list[PartData]
    parts_total: int
    parts_completed: int
    attempt: int
    max_attempts: int
    retry_count: int
    can_cancel: bool
    can_retry: bool
    result_data: NotRequired[Any]
    error_data: ErrorData | None
    artifacts: list[ArtifactData]
    parent_id: str | None
    depends_on: list[str]
    retried_from: str | None
    cursor: str


class JobPage(TypedDict):
    """One page of a list by cursor; `next_cursor` is null on the last page."""

    jobs: list[JobData]
    next_cursor: str | None


class ChangesPage(TypedDict):
    """What has changed after a cursor; `reset` says that the cursor could not be served and `jobs` is a snapshot."""

    jobs: list[JobData]
    cursor: str
    reset: bool
    more: bool
    reason: NotRequired[str]
    counts: NotRequired[Counts]
    missing: NotRequired[list[str]]


class Counts(TypedDict):
    """Jobs by status; `active` is queued and processing."""

    queued: int
    processing: int
    completed: int
    failed: int
    cancelled: int
    active: int
    total: int


class LogLine(TypedDict):
    """One line of a job's log; `n` rises by one."""

    n: int
    at: str
    stream: Literal["log", "stdout", "stderr"]
    level: str
    text: str


class AttemptData(TypedDict):
    """One run of a job's handler; `ended_at` and `outcome` are null while it runs.

    Only an operator is sent `traceback`, which is null where nothing was raised.
    """

    attempt: int
    started_at: str
    ended_at: str | None
    outcome: str | None
    error_data: ErrorData | None
    result_data: Any
    traceback: NotRequired[str | None]


class ActData(TypedDict):
    """What somebody did to a job; `by` is null for a caller inside the server's own process."""

    at: str
    action: str
    by: str | None


class TokenData(TypedDict):
    """A token for somebody's browser."""

    token: str
    expires_at: str


class LinkData(TypedDict):
    """What opens one file without a header; `url` is relative to the server's root."""

    url: str
    expires_at: str


class KeyData(TypedDict):
    """An API key, without what it is made of."""

    id: str
    name: str
    scopes: list[str]
    created_at: str
    created_by: str
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None


class NewKeyData(KeyData):
    """An API key, with what it is made of: shown once."""

    key: str


class SessionData(TypedDict):
    """An operator who is signed in by a browser; `current` is the one that asks."""

    id: str
    key_id: str
    key_name: str | None
    address: str
    created_at: str
    expires_at: str
    last_used_at: str
    current: bool


class WhoAmI(TypedDict):
    """Who asks, by what, and what the server makes of it; `secured` says that there is an `[auth]`."""

    kind: Literal["operator", "application", "user"]
    name: str
    user_id: str | None
    allow: list[str]
    job_ids: list[str] | None
    expires_at: str | None
    via: Literal["none", "key", "token", "session"]
    secured: bool
    insecure: bool
