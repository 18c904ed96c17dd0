"""What is asked for, made a job: checked against its type, given an id, a place to wait and what it has to wait for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from jobrunner.config import QueueSettings
from jobrunner.engine.dispatcher import Dispatcher
from jobrunner.engine.job_type import JobType
from jobrunner.engine.new import New
from jobrunner.engine.registry import Registry
from jobrunner.errors import Invalid
from jobrunner.model import moves, steps
from jobrunner.model.document import dumps, escape
from jobrunner.model.identity import Ids
from jobrunner.model.job import Hold, Job, Upload

ABSENT = object()  # no payload was given, which is something else than null


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What a caller asks for. Moments and durations are in milliseconds; None is what the type says.

    `uploads` have arrived already, or are awaited when they have no size; `job_id` is set when files lie under it
    already. `submitted_by` is the name of the subject who asks.
    """

    type: str
    payload: Any = ABSENT
    title: str | None = None
    priority: int | None = None
    queue: str | None = None
    user_id: str | None = None
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    run_at: int | None = None
    deadline: int | None = None
    max_attempts: int | None = None
    timeout_ms: int | None = None
    uploads: tuple[Upload, ...] = ()
    job_id: str | None = None
    retried_from: str | None = None
    parent_id: str | None = None
    depends_on: tuple[str, ...] = ()
    traceparent: str | None = None
    submitted_by: str | None = None


class Intake:
    """Make jobs of submissions. Changes: the ids that were given."""

    def __init__(
        self, registry: Registry, dispatcher: Dispatcher, queues: Mapping[str, QueueSettings], upload_ttl_ms: int
    ) -> None:
        """Check against `registry`, for queues that are configured or that a type names."""
        self._registry = registry
        self._dispatcher = dispatcher
        self.queues = {*queues, *(job_type.queue for job_type in registry)}
        self._upload_ttl_ms = upload_ttl_ms
        self._ids = Ids()

    def new_id(self, now: int) -> str:
        """Return an id for a job that is about to be submitted."""
        return self._ids.make(now)

    def queue(self, submission: Submission) -> str:
        """Return the queue that a submission is for."""
        return submission.queue or self.type_of(submission).queue

    def type_of(self, submission: Submission) -> JobType:
        """Return the type of a submission; raise Invalid when nobody serves it, or it cannot run here."""
        job_type = self._registry.get(submission.type)
        if job_type is None:
            served = ", ".join(each.name for each in self._registry) or "none"
            raise Invalid("The type is not served.", pointers=[("/type", f"not served; served are: {served}")])
        if job_type.unavailable is not None:
            raise Invalid("The type is not available.", pointers=[("/type", job_type.unavailable)])
        return job_type

    def prepare(self, submission: Submission, now: int) -> New:
        """Return the new job; raise Invalid with a pointer for each fault."""
        job_type = self.type_of(submission)
        self._check(submission, job_type, now)
        payload, validated = _payload(job_type, submission.payload)
        parts = job_type.fresh_parts(validated)
        deadline = submission.deadline
        if deadline is None and job_type.deadline is not None:
            deadline = max(now, submission.run_at or 0) + round(job_type.deadline.total_seconds() * 1000)
        timeout_ms = submission.timeout_ms
        if timeout_ms is None and job_type.timeout is not None:
            timeout_ms = round(job_type.timeout.total_seconds() * 1000)
        queue = self.queue(submission)
        job = Job(
            id=submission.job_id or self.new_id(now), type=job_type.name, title=submission.title or job_type.title,
            queue=queue, created_at=now, user_id=submission.user_id,
            priority=job_type.priority if submission.priority is None else submission.priority,
            tags=submission.tags, metadata=submission.metadata, run_at=submission.run_at, deadline=deadline,
            max_attempts=submission.max_attempts or job_type.max_attempts, timeout_ms=timeout_ms,
            retried_from=submission.retried_from, parent_id=submission.parent_id, depends_on=submission.depends_on,
            traceparent=submission.traceparent,
            submitted_by=submission.submitted_by,
            lane=self._dispatcher.lane(queue, submission.user_id), stages=job_type.fresh_stages(), parts=parts,
            uploads=submission.uploads,
        )  # fmt: skip
        return New(self._hold(job, now), payload, validated, _cache_key(job_type, job, payload))

    def _hold(self, job: Job, now: int) -> Job:
        """Return the job with its rank and what it waits for first."""
        later = job.run_at is not None and job.run_at > now
        ready_at = max(now, job.run_at or 0)
        hold, until, stages = None, None, steps.finish_uploading(job.stages, now)
        if not all(upload.whole for upload in job.uploads):
            hold, until, stages = Hold.UPLOAD, now + self._upload_ttl_ms, steps.begin_uploading(job.stages, now)
        elif job.depends_on:
            hold = Hold.DEPENDENCY
        elif later:
            hold, until = Hold.TIME, job.run_at
        return job.but(
            rank=self._dispatcher.rank(job, ready_at),
            hold=hold,
            wake_at=moves.earliest(until, job.deadline),
            ready_at=ready_at,
            stages=stages,
        )

    def _check(self, submission: Submission, job_type: JobType, now: int) -> None:
        faults = []
        if submission.queue is not None and submission.queue not in self.queues:
            faults.append(("/queue", f"no such queue; there are: {', '.join(sorted(self.queues))}"))
        given = {upload.name for upload in submission.uploads}
        faults += [("/uploads", f"the file {name!r} is missing") for name in job_type.uploads if name not in given]
        if submission.deadline is not None and submission.deadline <= max(now, submission.run_at or 0):
            faults.append(("/deadline", "lies in the past, or before the job may run"))
        if faults:
            raise Invalid("The submission is not valid.", pointers=faults)


def _cache_key(job_type: JobType, job: Job, payload: str) -> str | None:
    """Return what equal submissions have in common; None where a result must not be given again.

    Payloads are equal as JSON, whatever the order of members.
    """
    if not job_type.cache_ttl or job.uploads or job.depends_on:
        return None
    told = json.dumps([job.type, job.user_id, json.loads(payload)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()


def _payload(job_type: JobType, given: Any) -> tuple[str, Any]:
    """Return a payload as JSON text and as the type sees it; an absent one is `{}`, or null where only that fits."""
    if given is not ABSENT:
        text = _encoded(given)
    else:
        text = "{}" if _fits(job_type, "{}") or not _fits(job_type, "null") else "null"
    return text, _validated(job_type, text)


def _fits(job_type: JobType, text: str) -> bool:
    try:
        job_type.payload.validate_json(text)
    except ValidationError:
        return False
    return True


def _encoded(payload: Any) -> str:
    try:
        return dumps(payload)
    except (ValueError, TypeError, RecursionError) as error:
        raise Invalid("The payload is no JSON.", pointers=[("/payload", str(error))]) from None


def _validated(job_type: JobType, payload: str) -> Any:
    try:
        return job_type.payload.validate_json(payload)
    except ValidationError as error:
        faults = [
            ("/payload" + "".join(f"/{escape(step)}" for step in fault["loc"]), fault["msg"])
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise Invalid(f"The payload does not fit the type {job_type.name}.", pointers=faults) from None
