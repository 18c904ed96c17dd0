"""Why a job is where it is, in one plain sentence. What cannot be known is not said."""

from __future__ import annotations

from aiohttp import web

from jobrunner.engine.obstacle import Limit, Obstacle, obstacle_of
from jobrunner.engine.runner import Runner
from jobrunner.model.act import Deed
from jobrunner.model.job import Hold, Job
from jobrunner.model.state import Status
from jobrunner.storage.reader import MOST_POSITION
from jobrunner.web.history import admins_of, named
from jobrunner.web.keys import runner_of, subject_of
from jobrunner.web.moment import certain, text
from jobrunner.web.query import Query, job_id_of
from jobrunner.web.reply import reply
from jobrunner.web.views import waiting_for
from jobrunner.wire.queues import ExplanationData

UNITS = ((86_400_000, "day"), (3_600_000, "hour"), (60_000, "minute"), (1_000, "second"))


async def explain(request: web.Request) -> web.Response:
    """Return why a job is where it is, what comes before it, and which limit holds it."""
    Query.of(request)
    runner = runner_of(request)
    job = (await runner.get(job_id_of(request))).job
    position = await runner.position(job)
    estimate = runner.estimates.of(job, position)
    obstacle, limit = obstacle_of(runner, job) if job.ready else (None, None)
    answer: ExplanationData = {
        "job_id": job.id,
        "status": job.status.value,
        "sentence": await _sentence(request, job, obstacle, limit, position),
        "waiting_for": "paused_queue" if obstacle is Obstacle.PAUSED else waiting_for(job),
        "queue_position": position,
        "ahead": None if position is None else position - 1,
        "limit": None if limit is None else {"name": limit.name, "limit": limit.limit, "used": limit.used},
        "estimated_start": text(estimate.start),
        "estimated_completion": text(estimate.completion),
    }
    return reply(answer)


async def _sentence(
    request: web.Request, job: Job, obstacle: Obstacle | None, limit: Limit | None, position: int | None
) -> str:
    now = runner_of(request).clock.now()
    if obstacle is Obstacle.PAUSED:
        return f"{_paused(request, job, now)} {_place(job, position)}"
    if obstacle is not None:
        return _ready(runner_of(request), job, obstacle, limit, position)
    if job.status is Status.QUEUED:
        return _held(job, now)
    if job.status is Status.PROCESSING:
        return _running(job, now)
    if job.status is Status.CANCELLED:
        return await _cancelled(request, job)
    return _ended(job)


def _held(job: Job, now: int) -> str:
    """Tell what a job waits for that is not ready."""
    until = job.ready_at or now
    when = f"at {certain(until)}, {_in(until - now)}"
    if job.hold is Hold.UPLOAD:
        missing = ", ".join(upload.name for upload in job.uploads if not upload.whole)
        return f"It waits for its files to be uploaded; missing: {missing}."
    if job.hold is Hold.DEPENDENCY:
        others = "another job" if len(job.depends_on) == 1 else f"{len(job.depends_on)} other jobs"
        return f"It waits for {others} to complete: {', '.join(job.depends_on)}."
    if job.hold is Hold.TIME:
        sentence = f"It waits for its time: it is due {when}."
    elif job.error is not None:
        sentence = f"Attempt {job.attempt} failed with {job.error.code}; the next is due {when}."
    else:
        sentence = f"The server stopped while it ran; its next attempt is due {when}."
    late = job.deadline is not None and job.deadline <= until
    return f"{sentence} Its deadline comes first, so that it is going to fail." if late else sentence


def _ready(runner: Runner, job: Job, obstacle: Obstacle, limit: Limit | None, position: int | None) -> str:
    """Tell what keeps a job waiting that is ready."""
    used, leaked = 0 if limit is None else limit.used, runner.pool.leaked
    stuck = f", {leaked} of them by handlers that do not stop" if leaked else ""
    sentence = {
        Obstacle.TAKEN: "A worker is taking it at this moment.",
        Obstacle.STOPPING: "The server is stopping and begins nothing more; the job waits until it is back.",
        Obstacle.DISK: "The disk cannot be written at the moment, so nothing begins.",
        Obstacle.ALONE: f"The server died {job.crashes} times while it ran: it is run alone, when nothing else runs.",
        Obstacle.SUSPECT: "Nothing begins while a job is run alone under which the server died before.",
        Obstacle.QUEUE: f"It waits for a worker: {_count(used, 'job')} of its queue may run at once, and as many do.",
        Obstacle.WORKERS: f"It waits for a worker: {used} of {runner.pool.slots} are taken{stuck}.",
    }.get(obstacle, "It waits for a worker, which is about to come.")
    if obstacle in {Obstacle.TAKEN, Obstacle.ALONE}:
        return sentence
    return f"{sentence} {_place(job, position, fair=runner.dispatcher.settings(job.queue).fair)}"


def _place(job: Job, position: int | None, *, fair: bool = False) -> str:
    if position is None or position <= 1:
        return f"It is the next one of the queue {job.queue}."
    ahead = position - 1
    number = f"At least {_count(ahead, 'job')}" if position >= MOST_POSITION else _count(ahead, "job")
    turns = ", whose users take turns" if fair else ""
    return f"{number} {'comes' if ahead == 1 else 'come'} before it in the queue {job.queue}{turns}."


def _paused(request: web.Request, job: Job, now: int) -> str:
    pause = runner_of(request).pauses.of(job.queue)
    name = None if pause is None else named(pause.by, subject_of(request), admins_of(request))
    by = "" if name is None else f" by {_article(name)}"
    since = "" if pause is None else f" {_in(pause.at - now)}"
    return f"The queue {job.queue} was paused{by}{since}; nothing of it begins before it is resumed."


def _running(job: Job, now: int) -> str:
    since = _span(now - (job.started_at or now))
    attempt = f"attempt {job.attempt}"
    if job.cancel_requested_at is not None:
        return f"It was asked to stop {_in(job.cancel_requested_at - now)} and has not stopped yet."
    if job.alone:
        return f"It runs alone, because the server died before while it ran: {attempt}, for {since}."
    return f"It is running: {attempt}, for {since}."


async def _cancelled(request: web.Request, job: Job) -> str:
    acts = await runner_of(request).reader.history(job.id)
    last = next((act for act in reversed(acts) if act.action == Deed.CANCELLED), None)
    name = None if last is None else named(last.by, subject_of(request), admins_of(request))
    return "It was cancelled." if name is None else f"It was cancelled by {_article(name)}."


def _ended(job: Job) -> str:
    if job.error is not None:
        return f"It failed with {job.error.code}: {job.error.message}"
    ran = _span((job.completed_at or 0) - (job.started_at or 0))
    return f"It has completed: attempt {job.attempt} ran for {ran}."


def _article(name: str) -> str:
    """Return somebody as words: kinds of people have no names."""
    return {"operator": "an operator", "application": "the application", "user": "a user"}.get(name, name)


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _in(ms: int) -> str:
    return f"in {_span(ms)}" if ms >= 0 else f"{_span(-ms)} ago"


def _span(ms: int) -> str:
    """Return a duration in its largest unit, rounded down."""
    for unit, noun in UNITS:
        if ms >= unit:
            return _count(ms // unit, noun)
    return "less than a second"
