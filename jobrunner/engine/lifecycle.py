"""The only place that decides how a job moves; `release` hands it to the writer and lets it have its effect.

A job about which something is being decided is not decided upon again before that is settled; a running job that goes
on running is the exception. A sleeping job is decided upon in the very callback that has read it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from jobrunner.engine.answer import Answered, answered, refused
from jobrunner.engine.live import Live, Table
from jobrunner.engine.new import New
from jobrunner.engine.permission import check_cancel, check_retry
from jobrunner.engine.release import Release
from jobrunner.engine.verdict import Verdict, waited_too_long
from jobrunner.errors import StorageUnavailable, UnknownJob
from jobrunner.model import moves
from jobrunner.model.act import Act, Deed
from jobrunner.model.job import Failure, Hold, Job
from jobrunner.model.state import Status
from jobrunner.storage.image import Image
from jobrunner.storage.sleeping import Sleeping
from jobrunner.storage.unit import Answer, Line
from jobrunner.storage.writer import Writer

log = structlog.get_logger("jobrunner.lifecycle")


class Lifecycle:
    """Decide, synchronously and in memory. It owns nothing: what is decided stands in the table of live jobs."""

    def __init__(self, writer: Writer, sleeping: Sleeping, table: Table, release: Release) -> None:
        """Move the jobs of a table."""
        self._writer = writer
        self._sleeping = sleeping
        self._table = table
        self._release = release

    def submit(
        self, news: Sequence[New], answer: Answer | None = None, *, bulk: bool = False
    ) -> asyncio.Future[list[Image]]:
        """Accept jobs, all of them or none; a job for which a worker is free is accepted running."""
        return self._release.accept(news, answer, bulk=bulk)

    def claim(self, live: Live, now: int, *, alone: bool = False) -> None:
        """Give a ready job to a worker whose slot is taken already; its handler begins when that is on disk."""
        self._release.decide(
            live,
            moves.claim(live.job, now, alone=alone),
            withdrawn=lambda _error: self._release.dispatcher.give_back(live.job),
            brings=(live.job.id,),
        )

    def cancel(self, job_id: str, now: int, by: str | None = None) -> Answered:
        """Cancel a job: at once where it waits, by stopping its attempt where it runs.

        Raises UnknownJob, or NotCancellable for a job that completed or failed.
        """
        return self._on(job_id, lambda live, answer: self._cancel(live, Act(now, Deed.CANCELLED, by), answer))

    def retry(
        self,
        job_id: str,
        now: int,
        repeatable: Answer | None = None,
        by: str | None = None,
        part: str | None = None,
    ) -> Answered:
        """Queue a failed or cancelled job again, or just one of its parts; raise UnknownJob or NotRetryable.

        Raises UnknownPart for a part that the job does not have.
        """
        deed = Act(now, Deed.RETRIED, by)
        return self._on(job_id, lambda live, answer: self._retry(live, deed, answer, repeatable, part))

    def receive(self, job_id: str, receive: Callable[[Job], Job]) -> Answered:
        """Take note of an upload that has arrived; raise UnknownJob, or what `receive` raises."""

        def act(live: Live, answer: Answered) -> None:
            self._release.decide(live, receive(live.job), answer)

        return self._on(job_id, act)

    def wake(self, image: Image, now: int) -> None:
        """Do what the clock asks for of a queued job: make it ready, or end it because it waited for too long."""
        self._table.wake(image)
        live = self._table.get(image.job.id)
        if live is None or not live.settled:
            return
        job = live.job
        if self._writer.well and job.status is Status.QUEUED and job.wake_at is not None and job.wake_at <= now:
            self._wake(live, now)
        if live.idle:
            self._release.place(live)

    def depended(self, job_id: str, now: int, broken: str | None) -> None:
        """Let go of a job that waited for others, or end it because the job `broken` has not completed."""

        def act(live: Live, answer: Answered) -> None:
            job = live.job
            if job.status is Status.QUEUED and job.hold is Hold.DEPENDENCY:
                after = moves.depended(job, now) if broken is None else moves.expire(job, now, _broken(broken, now))
                self._release.decide(live, after, answer)

        self._on(job_id, act).add_done_callback(_heard)

    def cancel_child(self, job_id: str, now: int, by: str) -> None:
        """Cancel a job because its parent is cancelled; one that has ended meanwhile stays as it is."""
        self.cancel(job_id, now, by).add_done_callback(_heard)

    def _wake(self, live: Live, now: int) -> None:
        job = live.job
        if job.hold is Hold.UPLOAD or (job.deadline is not None and job.deadline <= now):
            self._release.dispatcher.unready(job)
            self._release.decide(live, moves.expire(job, now, waited_too_long(job, now)))
        elif job.hold is not None:
            self._release.decide(live, moves.wake(job))

    def take_up(self, live: Live) -> None:
        """Let an attempt go on that has outlived the process before this one: the same, with the slot that it had."""
        self._release.dispatcher.take_back(live.job)
        self._release.decide(live, live.job, kept=True, brings=(live.job.id,))

    def reported(
        self, live: Live, job: Job, lines: Sequence[Line], *, durable: bool, answer: Answered | None = None
    ) -> None:
        """Take note of what a running job's handler has said; what is not durable is shown, but may be lost.

        What is durable is answered when it is on disk.
        """
        if durable:
            self._release.decide(live, job, answer, kept=True, lines=lines)
        else:
            self._release.show(live, job)

    def end(self, live: Live, verdict: Verdict) -> None:
        """Write what has become of an attempt. That has happened, so it is kept until it can be written."""
        self._release.decide(
            live,
            verdict.job,
            kept=True,
            record=verdict.record,
            lines=verdict.lines,
            result=verdict.result,
            within=verdict.within,
            withdrawn=lambda error: self._spoiled(live, verdict, error),
        )

    def returned(self, live: Live) -> None:
        """Take note that a handler has really returned, so that its job may run again."""
        live.running = None
        if not live.pending and live.image is not None:
            self._release.place(live)

    def _on(self, job_id: str, act: Callable[[Live, Answered], None]) -> Answered:
        """Act on a job once it is settled, wherever it is now, and answer when what was decided is on disk."""
        answer: Answered = asyncio.get_running_loop().create_future()

        def go() -> None:
            live = self._table.get(job_id)
            if live is None:
                self._sleeping.job(job_id, found, lambda error: refused(answer, error))
            elif live.settled:
                self._act(live, act, answer)
            else:
                live.waiting.append(go)

        def found(image: Image | None) -> None:
            if image is None:
                refused(answer, UnknownJob(job_id))
            else:
                self._table.wake(image)
                go()

        go()
        return answer

    def _act(self, live: Live, act: Callable[[Live, Answered], None], answer: Answered) -> None:
        try:
            self._check_writer()
            act(live, answer)
        except Exception as error:  # noqa: BLE001 - it is the caller's, whatever it is
            refused(answer, error)
        if not live.pending and live.running is None and live.image is not None:
            self._release.place(live)

    def _check_writer(self) -> None:
        if not self._writer.well:
            raise StorageUnavailable("The data directory cannot be written at the moment.")

    def _cancel(self, live: Live, deed: Act, answer: Answered) -> None:
        job = live.job
        check_cancel(job)
        if job.status is Status.QUEUED:
            self._release.dispatcher.unready(job)
            self._release.decide(live, moves.cancel(job, deed.at), answer, act=deed)
        elif job.status is Status.PROCESSING and job.cancel_requested_at is None:
            self._release.decide(live, moves.ask_to_stop(job, deed.at), answer, kept=True, act=deed)
            self._release.attempts.stop(live)
        else:
            self._repeat(live, answer)

    def _repeat(self, live: Live, answer: Answered) -> None:
        """Answer what changes nothing: with the commit that it speaks of, if that is still under way."""
        if live.pending:
            live.waiting.append(lambda: answered(answer, live.image) if live.image else None)
        elif live.image is not None:
            answered(answer, live.image)

    def _retry(self, live: Live, deed: Act, answer: Answered, repeatable: Answer | None, part: str | None) -> None:
        job = live.job
        check_retry(job, self._release.attempts.may_retry, part)
        again = moves.retry(job, deed.at, rank=self._release.dispatcher.rank(job, deed.at), part=part)
        self._release.decide(live, again, answer, repeatable=repeatable, act=deed)

    def _spoiled(self, live: Live, verdict: Verdict, error: Exception) -> None:
        """End a job as failed whose own outcome cannot be written, because of what is in it."""
        log.error("job.outcome_refused", job=live.job.id, error=str(error))
        if live.image is not None:
            live.job = live.image.job
        self.end(live, verdict.without_data(live.job, error))


def _broken(job_id: str, now: int) -> Failure:
    message = f"The job waited for {job_id}, which has not completed; retry that one first, then this."
    return Failure("DEPENDENCY_FAILED", message, now)


def _heard(answer: Answered) -> None:
    """Take note of an answer that nobody waits for; what could not be done now is looked at again by who asked."""
    if not answer.cancelled():
        answer.exception()
