"""From what was decided to what everybody may see: hand it to the writer, let it have its effect when it is on disk.

The effects of a commit are here and nowhere else: an answer, the start of a handler, the place of a job among those
that wait, and what watchers are told. It decides nothing.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog

from jobrunner.engine.answer import Answered, answered, refused
from jobrunner.engine.attempts import Attempts
from jobrunner.engine.changes import Changes
from jobrunner.engine.children import Children
from jobrunner.engine.delays import Delays
from jobrunner.engine.dependencies import Dependencies
from jobrunner.engine.dispatcher import Dispatcher
from jobrunner.engine.live import Live, Table
from jobrunner.engine.new import New
from jobrunner.engine.recent import Recent
from jobrunner.model.act import Act
from jobrunner.model.job import Hold, Job
from jobrunner.model.state import Status
from jobrunner.storage.image import Image
from jobrunner.storage.unit import Answer, AttemptRecord, Brought, Change, Line, Unit
from jobrunner.storage.writer import Writer

log = structlog.get_logger("jobrunner.job")


class Release:
    """Changes: the live jobs, and how many are decided to be queued.

    In each queue, of each type in a queue, and of each user if that matters.
    """

    dispatcher: Dispatcher
    attempts: Attempts
    delays: Delays
    dependencies: Dependencies
    children: Children

    def __init__(
        self, writer: Writer, changes: Changes, recent: Recent, table: Table, *, count_users: bool = False
    ) -> None:
        """Release by `writer`; the other parts are set by who assembles the engine."""
        self.queued: Counter[str] = Counter()
        self.queued_types: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.queued_of: Counter[str] = Counter()
        self._count_users = count_users
        self._writer = writer
        self._changes = changes
        self._recent = recent
        self._table = table

    def remember(self, waiting: Iterable[tuple[str, str, int]]) -> None:
        """Take note of how many jobs waited before the start, in each queue and of each type."""
        for queue, job_type, n in waiting:
            self.queued[queue] += n
            self.queued_types[queue][job_type] += n

    def accept(self, news: Sequence[New], answer: Answer | None, *, bulk: bool) -> asyncio.Future[list[Image]]:
        """Take jobs in, all of them or none; answer with their images, or raise what kept them from the disk."""
        lives = [self._enter(new) for new in news]
        accepted: asyncio.Future[list[Image]] = asyncio.get_running_loop().create_future()

        def released(images: Sequence[Image], _brought: Mapping[str, Brought]) -> None:
            answered(accepted, list(images))
            for live, image, new in zip(lives, images, news, strict=True):
                _log_accepted(image)
                self.children.born(image.job)
                self._recent.note_payload(image.job.id, new.payload)
                self._settle(live, image, Brought(new.payload))

        def withdrawn(error: Exception) -> None:
            for live in lives:
                self._leave(live)
            refused(accepted, error)

        changes = [
            Change(None, live.job, payload=new.payload, cache_key=new.cache_key)
            for live, new in zip(lives, news, strict=True)
        ]
        self._writer.write(Unit(changes, released, withdrawn, answer=answer, bulk=bulk))
        return accepted

    def decide(
        self,
        live: Live,
        after: Job,
        answer: Answered | None = None,
        *,
        kept: bool = False,
        withdrawn: Callable[[Exception], None] | None = None,
        brings: Sequence[str] = (),
        record: AttemptRecord | None = None,
        lines: Sequence[Line] = (),
        result: str | None = None,
        repeatable: Answer | None = None,
        act: Act | None = None,
        within: bool | None = None,
    ) -> None:
        """Make `after` what is decided of a job; it is seen, and has effects, when it is on disk."""
        before, live.job = live.job, after
        live.pending += 1
        self._recount(before, after)

        def on_disk(images: Sequence[Image], brought: Mapping[str, Brought]) -> None:
            _log(before, after, images[0].number, record, act)
            if answer is not None:
                answered(answer, images[0])
            self._settle(live, images[0], brought.get(after.id, Brought()) if brings else None)
            if lines:
                self._changes.tell_lines(images[0])

        def taken_back(error: Exception) -> None:
            live.pending -= 1
            self._recount(after, before)
            if answer is not None:
                refused(answer, error)
            if withdrawn is not None:
                withdrawn(error)
            if live.job is after:
                live.job = before
                self.place(live)

        change = Change(before, after, result=result, attempt=record, lines=lines, act=act, within=within)
        self._writer.write(Unit((change,), on_disk, taken_back, kept=kept, answer=repeatable, brings=brings))

    def show(self, live: Live, job: Job) -> None:
        """Show progress that is not on disk, and may be lost."""
        if live.image is not None:
            live.job = job
            live.image = Image(_with_progress(live.image.job, job), live.image.number)
            self._changes.tell(live.image, committed=False)

    def place(self, live: Live) -> None:
        """Put a settled job where it belongs: among the ready ones, to sleep until its time, or out of memory."""
        if live.pending:
            return
        waiting, live.waiting = live.waiting, []
        for go in waiting:
            go()
        if live.pending:
            return
        if live.job.status is Status.QUEUED:
            self.delays.note(live.job)
        if live.running is not None:
            return
        if not (live.job.ready and self.dispatcher.ready(live)):
            self._table.forget(live.job.id)

    def _settle(self, live: Live, image: Image, brought: Brought | None) -> None:
        """Publish what is on disk, and let it have its effect."""
        live.pending -= 1
        if live.job.status is image.job.status is Status.PROCESSING:
            image = Image(_with_progress(image.job, live.job), image.number)
        live.image = image
        self._recent.note(image)
        self._changes.tell(image)
        if image.job.status is Status.PROCESSING and live.running is None and brought is not None:
            self._begin(live, brought)
        self.place(live)
        self._tell_kin(image.job)

    def _tell_kin(self, job: Job) -> None:
        """Let those know who wait for a job, belong to it, or for whom it waits."""
        if job.hold is Hold.DEPENDENCY and job.status is Status.QUEUED:
            self.dependencies.note(job)
        elif job.status.ended:
            self.dependencies.ended(job)
            self.children.ended(job)
        elif job.cancel_requested_at is not None:
            self.children.stopped(job)

    def _begin(self, live: Live, brought: Brought) -> None:
        claimed = live.job
        if not self.attempts.begin(live, brought):
            self.dispatcher.give_back(claimed)
        elif self.attempts.goes_on_elsewhere(live):
            self.dispatcher.pump()  # it no longer keeps a suspect from running alone

    def _enter(self, new: New) -> Live:
        job = self.dispatcher.claim_at_once(new.job) or new.job
        self._count(job, 1)
        return self._table.hold(Live(job, pending=1))

    def _leave(self, live: Live) -> None:
        """Take a job out again that could not be accepted."""
        live.pending -= 1
        self._count(live.job, -1)
        waiting, live.waiting = live.waiting, []
        self._table.forget(live.job.id)
        if live.job.status is Status.PROCESSING:
            self.dispatcher.give_back(live.job)
        for go in waiting:
            go()

    def _count(self, job: Job, by: int) -> None:
        if job.status is Status.QUEUED:
            self.queued[job.queue] += by
            self.queued_types[job.queue][job.type] += by
            if self._count_users and job.user_id is not None:
                self._count_user(job.user_id, by)

    def _count_user(self, user_id: str, by: int) -> None:
        left = self.queued_of[user_id] + by
        if left:
            self.queued_of[user_id] = left
        else:
            del self.queued_of[user_id]

    def _recount(self, before: Job, after: Job) -> None:
        self._count(before, -1)
        self._count(after, 1)


def _with_progress(seen: Job, decided: Job) -> Job:
    return seen.but(progress=decided.progress, stages=decided.stages, parts=decided.parts)


def _log_accepted(image: Image) -> None:
    job = image.job
    log.info("job.accepted", job=job.id, type=job.type, number=image.number, by=job.submitted_by)


def _log(before: Job, after: Job, number: int, record: AttemptRecord | None, act: Act | None) -> None:
    if before.status is not after.status:
        name = "job.claimed" if after.status is Status.PROCESSING else f"job.{after.status}"
        if act is not None:
            name = f"job.{act.action}"
    elif before.cancel_requested_at != after.cancel_requested_at:
        name = "job.cancel_requested"
    elif record is not None or before.hold is not after.hold:
        name = f"job.{after.status}"
    else:
        return
    code = None if after.error is None else after.error.code
    somebody = {} if act is None else {"by": act.by}
    log.info(name, job=after.id, type=after.type, number=number, attempt=after.attempt, code=code, **somebody)
