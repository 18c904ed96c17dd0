"""Attempts that a service of somebody else runs: ordered over HTTP, heard by callback or by asking, told to stop.

Its work outlives this process. What the next one has to know of it stands in the job's row: that the service has
accepted, and where it can be asked. Where that is not known the order is sent again, with the same Idempotency-Key.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from jobrunner.engine.execution.assignment import Assignment
from jobrunner.engine.execution.calls import Reply, Unanswered
from jobrunner.engine.execution.order import (
    bad_answer,
    key_of,
    monitor_of,
    order_of,
    retry_after_s,
    why,
    words_in,
)
from jobrunner.engine.execution.words import Words
from jobrunner.engine.job_type import Service
from jobrunner.engine.outcome import Stop
from jobrunner.errors import JobError

ASK_S = 30.0  # for one question to the monitor, or one try to tell that it is to stop
AGAIN_S = 0.5  # between two such tries
NO_MORE: Mapping[str, str] = {}
SLACK = 65_536  # of an answer, beside the largest result
BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
STOPPED = frozenset({HTTPStatus.OK, HTTPStatus.NO_CONTENT}) | GONE


async def run_service(assignment: Assignment) -> Any:
    """Let a service do an attempt; return the result that it says, or raise the error."""
    service = assignment.running.job_type.service
    assert service is not None  # noqa: S101 - the mode says so; for the type checker
    return await _Order(assignment, service).run()


class _Order:
    """Changes: how it ended, where the service can be asked, whether that may be at work, and what is under way.

    The monitor is None until it is known that the service has accepted.
    """

    def __init__(self, assignment: Assignment, service: Service) -> None:
        self._assignment = assignment
        self._service = service
        self._running = assignment.running
        self._clock = assignment.running.clock
        self._ended: asyncio.Future[Words] = asyncio.get_running_loop().create_future()
        self._monitor = assignment.running.job.monitor
        self._at_work = self._monitor is not None
        self._silence = self._clock.call_later(0.0, self._listen)

    async def run(self) -> Any:
        running = self._running
        running.takes_end = self._end
        if running.job.cancel_requested_at is not None:
            running.stop(Stop.CANCEL)  # the process before this one was asked to
        asking = asyncio.create_task(self._ask(), name=f"ask {running.job.id}")
        asking.add_done_callback(self._asked)
        try:
            await asyncio.wait([self._ended])
        except asyncio.CancelledError:
            asking.cancel()
            if running.reason is None:
                raise
            await self._stop(running.reason)
            if not self._ended.done():
                raise
        finally:
            asking.cancel()
            self._silence.cancel()
        if self._at_work and self._tellable and running.reason is None:
            await self._stop("failed")  # of what went wrong the service may know nothing
        return self._ended.result().outcome()

    def _end(self, words: Words) -> bool:
        """Take the words that end it; False when it has ended already."""
        if self._ended.done():
            return False
        self._at_work = False
        self._ended.set_result(words)
        return True

    def _fail(self, error: BaseException) -> None:
        if not self._ended.done():
            self._ended.set_exception(error)
            self._ended.exception()  # taken note of, should nobody ask for it any more

    def _listen(self) -> None:
        """End it when nothing was heard for too long."""
        patience_s = self._service.report_timeout.total_seconds()
        left_s = self._running.heard_at + patience_s - self._clock.monotonic()
        if left_s <= 0:
            message = f"Nothing was heard of the service for {patience_s:g} s."
            self._fail(JobError("SERVICE_SILENT", message))
        else:
            self._silence = self._clock.call_later(left_s, self._listen)

    def _asked(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._fail(error)

    async def _ask(self) -> None:
        pause_s = self._pause_s if self._monitor is None else 0.0  # after a restart it may be done already
        if self._monitor is None:
            await self._order()
        while self._monitor and not self._ended.done():
            await self._sleep(pause_s)
            pause_s = await self._look(self._monitor)

    async def _order(self) -> None:
        """Send the order; a service has to take a repeat of its Idempotency-Key for the same one."""
        job, means = self._running.job, self._assignment.means
        order = order_of(self._assignment, await means.site.job_url(job.id), means.tokens.make(job.id, job.attempt))
        try:
            patience_s, key = self._service.report_timeout.total_seconds(), key_of(job.id, job.attempt)
            reply = await self._call("POST", self._service.url, order, patience_s, {"Idempotency-Key": key})
        except Unanswered as error:
            self._at_work = error.heard
            raise JobError("SERVICE_UNREACHABLE", f"The service {error}.") from None
        self._running.heard()
        match reply.status:
            case HTTPStatus.ACCEPTED:
                self._at_work = True
                self._monitor = monitor_of(self._service.url, reply)
                self._running.report.accepted(self._monitor)
            case HTTPStatus.OK:
                self._conclude(reply)
            case _:
                raise _refused(reply)

    def _conclude(self, reply: Reply) -> None:
        words = words_in(reply)
        if not words.final:
            raise bad_answer('it answered 200 with neither "result" nor "error"; 202 would have accepted the job')
        words.tell(self._running.report)
        self._end(words)

    async def _look(self, monitor: str) -> float:
        """Ask how it goes, and return after how many seconds to ask again. No answer is no end: it may come back."""
        try:
            reply = await self._call("GET", monitor, None, ASK_S)
        except Unanswered:
            return self._pause_s
        if reply.status in GONE:
            self._at_work = False
            raise JobError("SERVICE_LOST", f"The service knows nothing of the job any more ({reply.status}).")
        if reply.status in {HTTPStatus.OK, HTTPStatus.ACCEPTED}:
            self._running.heard()
            if reply.body:
                words = words_in(reply)
                words.tell(self._running.report)
                if words.final:
                    self._end(words)
        elif reply.status not in BUSY and reply.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _refused(reply)
        return retry_after_s(reply) or self._pause_s

    @property
    def _tellable(self) -> bool:
        """Tell whether the service can be told to stop."""
        return bool(self._monitor or self._service.cancel_url)

    async def _stop(self, reason: str) -> None:
        """Tell the service to stop; unless it says that it has, wait for its last words while the grace lasts."""
        grace = asyncio.Event()
        timer = self._clock.call_later(self._running.grace_s, grace.set)
        waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(each) for each in (grace.wait(), self._tell(reason))]
        last_words = [] if self._ended.done() else [self._ended]
        try:
            await asyncio.wait([*last_words, *waits], return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            for task in waits:
                task.cancel()

    async def _tell(self, reason: str) -> None:
        """Return when the service says that it has stopped; never when it cannot be told, or only means to."""
        told = not self._tellable
        while not told:
            try:
                reply = await self._say_stop(reason)
            except Unanswered:
                await self._sleep(AGAIN_S)
                continue
            if reply.status in STOPPED:
                return
            told = reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
            if not told:
                await self._sleep(AGAIN_S)
        await asyncio.get_running_loop().create_future()

    async def _say_stop(self, reason: str) -> Reply:
        job = self._running.job
        if self._monitor:
            return await self._call("DELETE", self._monitor, None, ASK_S)
        asked = {"job_id": job.id, "attempt": job.attempt, "reason": reason}
        return await self._call("POST", self._service.cancel_url or "", asked, ASK_S)

    async def _call(
        self, method: str, url: str, content: dict[str, Any] | None, total_s: float, more: Mapping[str, str] = NO_MORE
    ) -> Reply:
        job, job_type = self._running.job, self._running.job_type
        headers = {name: value.get_secret_value().decode() for name, value in self._service.headers.items()}
        headers |= {} if job.traceparent is None else {"traceparent": job.traceparent}
        if content is not None:
            headers |= {"Content-Type": "application/json", **more}
        body = None if content is None else json.dumps(content).encode()
        most = job_type.max_result + SLACK
        return await self._assignment.means.calls.call(method, url, headers, body, most=most, total_s=total_s)

    @property
    def _pause_s(self) -> float:
        return self._running.job_type.poll_interval.total_seconds()

    async def _sleep(self, seconds: float) -> None:
        passed = asyncio.Event()
        timer = self._clock.call_later(seconds, passed.set)
        try:
            await passed.wait()
        finally:
            timer.cancel()


def _refused(reply: Reply) -> JobError:
    """Return the error for an answer that takes no order."""
    told = f"The service answered {why(reply)}."
    if reply.status in BUSY:
        error = JobError("SERVICE_BUSY", told)
        error.retry_after_s = retry_after_s(reply)
        return error
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return JobError("SERVICE_UNREACHABLE", told)
    if reply.status < HTTPStatus.BAD_REQUEST:
        return bad_answer(f"it answered {reply.status}, where 200 or 202 is meant")
    return JobError("SERVICE_REFUSED", told, retryable=False)
