"""What jobs are expected to take and when they are expected to start, from the runs of their types.

It says nothing of a type before five of its jobs were completed, and never changes a job: an estimate is as of the
moment in which it is asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from jobrunner.engine.clock import Clock
from jobrunner.engine.dispatcher import Dispatcher
from jobrunner.engine.pool import Pool
from jobrunner.model.estimate import NO_ESTIMATE, Estimate, History, left_ms
from jobrunner.model.forecast import Forecast, Mix, spread
from jobrunner.model.job import Hold, Job
from jobrunner.model.state import Status

FRESH_S = 1.0  # for which a forecast of a queue is used again
TURNOVER = 0.1  # of those that wait: how many may come or go before it is made anew
SEED = 200  # runs of each type that are read at the start


@dataclass(frozen=True, slots=True)
class Work:
    """What a queue is at: how many slots it may use, and what for.

    `running` are types with when they started, `beginning` are about to start.
    """

    slots: int
    running: Sequence[tuple[str, int]] = ()
    beginning: int = 0


def work_of(pool: Pool, dispatcher: Dispatcher) -> Callable[[str], Work]:
    """Return what tells the work of a queue; a paused one has no slots."""

    def look(queue: str) -> Work:
        if dispatcher.is_paused(queue):
            return Work(0)
        slots, jobs = pool.work(queue)
        running = [(job.type, job.started_at or job.created_at) for job in jobs]
        return Work(slots, running, pool.beginning(queue))

    return look


class Estimates:
    """Changes: the run times by type, and the last forecast of each queue with when it was made."""

    def __init__(self, clock: Clock, work: Callable[[str], Work], waiting: Mapping[str, Mapping[str, int]]) -> None:
        """Ask `work` what a queue is at; `waiting` is how many wait of each type in each queue, as of any moment."""
        self._clock = clock
        self._work = work
        self._waiting = waiting
        self._histories: defaultdict[str, History] = defaultdict(History)
        self._forecasts: dict[str, tuple[float, int, Forecast | None]] = {}

    def remember(self, runs: Iterable[tuple[str, int]]) -> None:
        """Take note of types and run times from before the start, the oldest first."""
        for job_type, ms in runs:
            self._histories[job_type].add(ms)

    def learn(self, job: Job) -> None:
        """Take note of a job that was completed."""
        if job.started_at is not None and job.completed_at is not None:
            self._histories[job.type].add(job.completed_at - job.started_at)

    def stated(self, job: Job) -> int | None:
        """Return by when a job is said to have ended at the moment in which its attempt begins."""
        likely = self._likely(job.type)
        return None if likely is None or job.started_at is None else job.started_at + likely

    def of(self, job: Job, position: int | None = None) -> Estimate:
        """Return what to expect of a job; `position` is its place in the queue, None where that is not asked for."""
        if job.status.ended:
            return NO_ESTIMATE
        history = self._histories.get(job.type)
        duration = history.median_ms if history is not None and history.known else None
        if job.status is Status.PROCESSING:
            return Estimate(None, self._completion(job), duration)
        if job.hold is not None:
            known = job.hold in {Hold.TIME, Hold.RETRY}  # nobody knows when files come, or other jobs end
            return Estimate(job.ready_at if known else None, None, duration)
        forecast = None if position is None else self._forecast(job.queue)
        if forecast is None or position is None:
            return Estimate(None, None, duration)
        now = self._clock.now()
        end = None if duration is None or history is None else max(forecast.completion(position, history), now)
        return Estimate(max(forecast.start(position), now), end, duration)

    def _likely(self, job_type: str) -> int | None:
        history = self._histories.get(job_type)
        return history.likely_ms() if history is not None and history.known else None

    def _completion(self, job: Job) -> int | None:
        history = self._histories.get(job.type)
        if history is None or job.started_at is None or job.cancel_requested_at is not None:
            return None
        now = self._clock.now()
        left = left_ms(history, now - job.started_at, job.progress.percentage, job.progress.remaining_s)
        return None if left is None else now + left

    def _forecast(self, queue: str) -> Forecast | None:
        """Return the forecast of a queue, made anew after a second or when so many have come or gone that it is wrong.

        However many ask, it is not made for each of them.
        """
        now, waiting = self._clock.monotonic(), self._waiting.get(queue, {})
        total = sum(waiting.values())
        made_at, of, forecast = self._forecasts.get(queue, (-FRESH_S, 0, None))
        if now - made_at >= FRESH_S or abs(total - of) > max(of, 1) * TURNOVER:
            forecast = self._make(self._work(queue), waiting)
            self._forecasts[queue] = now, total, forecast
        return forecast

    def _make(self, work: Work, waiting: Mapping[str, int]) -> Forecast | None:
        """Play a queue through; None while most of what waits, or what runs, is not known."""
        mix, rests = self._mix(waiting), []
        for job_type, since in work.running:
            history = self._histories.get(job_type)
            if history is None or not history.known:
                return None
            rests.append((history, max(self._clock.now() - since, 0)))
        # One that runs for longer than usual: nobody knows when that slot is free.
        rests = [(history, elapsed) for history, elapsed in rests if history.exceeds(elapsed)]
        idle = work.slots - len(work.running) - work.beginning
        if mix is None or not len(rests) + work.beginning + idle > 0:
            return None
        free_ms = [*spread(rests), *[mix.mean_ms] * work.beginning, *[0.0] * idle]
        variance = sum(history.variance for history, _ in rests) + work.beginning * mix.variance
        return Forecast(self._clock.now(), free_ms, variance, mix)

    def _mix(self, waiting: Mapping[str, int]) -> Mix | None:
        known = [(self._histories[name], n) for name, n in waiting.items() if n > 0 and self._likely(name) is not None]
        total = sum(n for n in waiting.values() if n > 0)
        return Mix.of(known) if known and 2 * sum(n for _, n in known) > total else None
