"""What is done to all jobs of a filter: in small groups, so that nobody else is held up, and to each as to it alone.

It is not one commit but many: what was done stays done, also when the rest could not be.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

from jobrunner.engine.permission import check_cancel, check_retry
from jobrunner.engine.runner import Runner
from jobrunner.errors import NotCancellable, RequestError, ShuttingDown, TryLater
from jobrunner.model.filter import Filter
from jobrunner.model.job import Job
from jobrunner.model.state import Status
from jobrunner.storage.image import Image
from jobrunner.storage.reader import Reader
from jobrunner.storage.selection import selected

log = structlog.get_logger("jobrunner.selection")

MOST_JOBS = 10_000
MOST_TOLD = 100
PAGE = 250
AT_ONCE = 25


@dataclass(frozen=True, slots=True)
class Deed:
    """What is done to each job. `check` raises what `do` would raise, and does nothing; `event` is for the log."""

    event: str
    check: Callable[[Job], None]
    do: Callable[[str], Awaitable[Image]]


@dataclass(slots=True)
class Done:
    """What has come of it: all that matched were changed or refused, of the refused the first ones with the reason.

    `more` says that jobs match which were not looked at.
    """

    matched: int = 0
    changed: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    more: bool = False

    def note(self, job_id: str, error: RequestError | None) -> None:
        """Take note of what has come of one job."""
        self.matched += 1
        if error is None:
            self.changed += 1
        elif len(self.refused) < MOST_TOLD:
            self.refused.append((job_id, error.detail))


def cancelling(runner: Runner, by: str) -> Deed:
    """Return what cancels a job; one that was cancelled or asked to stop before is refused, for nothing is changed."""

    def check(job: Job) -> None:
        check_cancel(job)
        if job.status is Status.CANCELLED:
            raise NotCancellable("The job was cancelled before.")
        if job.cancel_requested_at is not None and job.status is Status.PROCESSING:
            raise NotCancellable("The job was asked to stop before.")

    return Deed("selection.cancelled", check, lambda job_id: runner.cancel(job_id, by=by))


def retrying(runner: Runner, by: str) -> Deed:
    """Return what queues a job again."""
    may_retry = runner.attempts.may_retry
    return Deed(
        "selection.retried", lambda job: check_retry(job, may_retry), lambda job_id: runner.retry(job_id, by=by)
    )


async def do_to_all(runner: Runner, wanted: Filter, deed: Deed, by: str, *, dry_run: bool) -> Done:
    """Do something to the jobs of a filter, the newest first, 10,000 at most; only find out with `dry_run`.

    Raises TryLater when it could not be done to any.
    """
    done, before = Done(), None
    async for group in _groups(runner.reader, wanted):
        before = group[-1].job.id
        outcomes = await asyncio.gather(*(_outcome(runner, image, deed, dry_run=dry_run) for image in group))
        for image, error in zip(group, outcomes, strict=True):
            done.note(image.job.id, error)
        if done.matched >= MOST_JOBS or _stopped(done, outcomes):
            break
    done.more = before is not None and bool(await selected(runner.reader, wanted, 1, before))
    if not dry_run:
        log.info(deed.event, matched=done.matched, changed=done.changed, more=done.more, by=by)
    return done


async def _groups(reader: Reader, wanted: Filter) -> AsyncIterator[Sequence[Image]]:
    """Go through the jobs of a filter, a few at a time."""
    page: Sequence[Image] = await selected(reader, wanted, PAGE, None)
    while page:
        for start in range(0, len(page), AT_ONCE):
            yield page[start : start + AT_ONCE]
        page = await selected(reader, wanted, PAGE, page[-1].job.id)


def _stopped(done: Done, outcomes: Sequence[RequestError | None]) -> bool:
    """Tell whether it makes no sense to go on; raise why, when nothing was changed at all."""
    trouble = next((error for error in outcomes if isinstance(error, TryLater)), None)
    if trouble is not None and not done.changed:
        raise trouble
    return trouble is not None


async def _outcome(runner: Runner, image: Image, deed: Deed, *, dry_run: bool) -> RequestError | None:
    try:
        if runner.gate.closed:
            raise ShuttingDown("The server is stopping.")
        deed.check(image.job)
        if not dry_run:
            await deed.do(image.job.id)
    except RequestError as error:
        return error
    return None
