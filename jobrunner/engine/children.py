"""Jobs that a handler has begun: they belong to its job, whose user they share, and are cancelled with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Protocol

from jobrunner.engine.clock import Clock
from jobrunner.engine.idempotency import Idempotency, Key
from jobrunner.engine.intake import Intake, Submission
from jobrunner.engine.kin import Order
from jobrunner.engine.live import Table
from jobrunner.engine.recent import Recent
from jobrunner.engine.report import Report
from jobrunner.errors import JobError, RequestError, UnknownJob
from jobrunner.model.document import dumps
from jobrunner.model.job import Job
from jobrunner.model.state import Status
from jobrunner.storage.image import Image
from jobrunner.storage.sleeping import Sleeping
from jobrunner.storage.unit import Answer

ASK_AGAIN_S = 1.0

Submit = Callable[[Submission, Answer | None], Awaitable[Image]]
Get = Callable[[str, str | None], Awaitable[Image]]


class Cancel(Protocol):
    """Cancel a job, whatever comes of that."""

    def __call__(self, job_id: str, now: int, by: str) -> None:
        """Ask for it."""


class Children:
    """Changes: the jobs that may have open children, and whether all are to be looked at again."""

    submit: Submit
    get: Get

    def __init__(
        self,
        clock: Clock,
        table: Table,
        sleeping: Sleeping,
        recent: Recent,
        intake: Intake,
        idempotency: Idempotency,
        cancel: Cancel,
    ) -> None:
        """Cancel by `cancel`; `submit` and `get` are set by who opens the door for callers."""
        self._clock = clock
        self._intake = intake
        self._table = table
        self._sleeping = sleeping
        self._recent = recent
        self._idempotency = idempotency
        self._cancel = cancel
        self._parents: set[str] = set()
        self._asking = False

    def remember(self, parents: Iterable[str]) -> None:
        """Take note of the jobs that had open children before the start, some of which may be cancelled."""
        self._parents.update(parents)
        self.look_again()

    def look_again(self) -> None:
        """Cancel the open children of all cancelled jobs: something could not be read or written."""
        self._asking = False
        self._sleeping.orphans(self._found, self._failed)

    def born(self, child: Job) -> None:
        """Take note of an accepted child; one whose parent was cancelled meanwhile is cancelled as well."""
        if child.parent_id is None:
            return
        parent_id = child.parent_id
        self._parents.add(parent_id)
        live = self._table.get(parent_id)
        if live is not None:
            self._follow_job(live.job, child.id)
        else:
            self._sleeping.job(parent_id, lambda image: self._follow(image, child.id), self._failed)

    def stopped(self, parent: Job) -> None:
        """Cancel the open children of a job that is cancelled, or about to be."""
        if parent.id in self._parents:
            self._sleeping.open_children(parent.id, lambda ids: self._cancel_all(parent.id, ids), self._failed)

    def ended(self, parent: Job) -> None:
        """Take note that a job has ended and begins no more children."""
        if parent.status is Status.CANCELLED:
            self.stopped(parent)
        self._parents.discard(parent.id)

    def of(self, job: Job, report: Report) -> Brood:
        """Return what one attempt may ask for."""
        return Brood(self, job, report)

    async def spawn(self, parent: Job, order: Order) -> str:
        """Submit a child, once for each key that is given."""
        job_id = self._intake.new_id(self._clock.now())
        submission = _submission(parent, order, job_id)

        async def do(answer: Callable[[str], Answer] | None) -> str:
            await self.submit(submission, None if answer is None else answer(job_id))
            return job_id

        if order.key is None:
            return await do(None)

        fingerprint = hashlib.sha256(dumps([order.type, order.payload]).encode()).hexdigest()
        known, _repeated = await self._idempotency.once(Key(f"child of {parent.id}", order.key, fingerprint), do)
        return known

    async def result_of(self, asker: Job, job_id: str) -> Any:
        """Return the result of a child, or of a job that the asking one depends on."""
        try:
            image = await self.get(job_id, asker.user_id)
        except UnknownJob:
            image = None
        if image is None or (image.job.parent_id != asker.id and job_id not in asker.depends_on):
            raise JobError("NOT_COMPLETED", f"Job {job_id} is no child of this job, nor one that it depends on.")
        if image.job.status is not Status.COMPLETED:
            raise JobError("NOT_COMPLETED", f"Job {job_id} is {image.job.status}.")
        _payload, result = await self._recent.texts(image)
        return None if result is None else json.loads(result)

    def _follow(self, parent: Image | None, child_id: str) -> None:
        if parent is not None:
            self._follow_job(parent.job, child_id)

    def _follow_job(self, parent: Job, child_id: str) -> None:
        if parent.status is Status.CANCELLED or parent.cancel_requested_at is not None:
            self._cancel_all(parent.id, [child_id])

    def _cancel_all(self, parent_id: str, ids: Iterable[str]) -> None:
        for job_id in ids:
            self._cancel(job_id, self._clock.now(), f"job:{parent_id}")

    def _found(self, orphans: Sequence[tuple[str, str]]) -> None:
        for job_id, parent_id in orphans:
            self._cancel_all(parent_id, [job_id])

    def _failed(self, _error: Exception) -> None:
        if not self._asking:
            self._asking = True
            self._clock.call_later(ASK_AGAIN_S, self.look_again)


class Brood:
    """The other jobs, as one attempt may know of them (`kin.Kin`)."""

    def __init__(self, children: Children, job: Job, report: Report) -> None:
        """Speak for an attempt."""
        self._children, self._job, self._report = children, job, report

    async def spawn(self, order: Order) -> str:
        """Submit a child; raise JobError SPAWN_REFUSED."""
        if self._report.stopping:
            raise JobError("SPAWN_REFUSED", "The job is asked to stop; it begins no more children.")
        try:
            return await self._children.spawn(self._job, order)
        except RequestError as error:
            faults = "; ".join(f"{pointer} {fault}" for pointer, fault in error.pointers)
            message = f"No child was begun: {error.detail}{f' ({faults})' if faults else ''}"
            raise JobError("SPAWN_REFUSED", message, retryable=error.status >= 429) from error  # noqa: PLR2004

    async def result_of(self, job_id: str) -> Any:
        """Return the result of another job; raise JobError NOT_COMPLETED."""
        return await self._children.result_of(self._job, job_id)


def _submission(parent: Job, order: Order, job_id: str) -> Submission:
    return Submission(
        job_id=job_id,
        type=order.type, payload=order.payload, title=order.title,
        priority=parent.priority if order.priority is None else order.priority, queue=order.queue,
        user_id=parent.user_id, tags=order.tags or parent.tags, metadata=order.metadata, parent_id=parent.id,
        depends_on=order.depends_on, traceparent=parent.traceparent, submitted_by=parent.submitted_by,
    )  # fmt: skip
