"""A disk for a queue without SQLite: it keeps ready jobs, and answers the queue's questions when it is told to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from jobrunner.engine.queue import Key, Queue
from jobrunner.model.job import Job


def ready_job(number: int, user: str, rank: int) -> Job:
    return Job(id=f"job-{number:06}", type="t", title="t", queue="q", created_at=0, lane=user, rank=rank)


@dataclass
class SimulatedDisk:
    """`ready` is what is committed as ready, `held` what the queue keeps in memory, `deciding` what a commit is for."""

    ready: dict[str, Job] = field(default_factory=dict)
    held: set[str] = field(default_factory=set)
    deciding: dict[str, Job] = field(default_factory=dict)
    questions: list[Callable[[], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.queue = Queue("q", self._ask_lanes, self._ask_heads, self.held.discard)
        self.queue.look_for_more()

    def release(self, job: Job) -> None:
        """Commit a job as ready, and place it."""
        self.deciding.pop(job.id, None)
        self.ready[job.id] = job
        self.held.add(job.id)
        if not self.queue.add(job):
            self.held.discard(job.id)

    def take(self) -> Job | None:
        """Decide to claim the next job: on disk it is ready until that is committed."""
        job_id = self.queue.take()
        if job_id is None:
            return None
        assert job_id in self.held, "a job was handed out that sleeps, or that was handed out before"
        return self._decide(self.ready[job_id])

    def cancel(self, job: Job) -> None:
        """Decide to cancel a job, wherever it is."""
        self.queue.remove(job)
        self._decide(job)

    def commit(self, job: Job) -> None:
        """Write what was decided: the job is no longer ready."""
        del self.deciding[job.id], self.ready[job.id]

    def withdraw(self, job: Job) -> None:
        """Take back what was decided."""
        self.release(job)

    def answer(self, place: int = 0) -> None:
        self.questions.pop(place)()

    def fail(self, place: int = 0) -> None:
        """Leave a question without an answer; the queue is to ask again."""
        self.questions.pop(place)
        self.queue.ask_again()

    def waiting(self, lane: str | None = None) -> list[Job]:
        """Return the ready jobs about which nothing is being decided, by lane if one is named, in their order."""
        jobs = (job for job in self.ready.values() if job.id not in self.deciding and lane in {None, job.lane})
        return sorted(jobs, key=lambda job: job.key)

    def run_dry(self) -> list[Job]:
        """Take, commit and answer until nothing comes any more; return what was taken."""
        taken = []
        while True:
            job = self.take()
            if job is not None:
                taken.append(job)
                self.commit(job)
            elif self.questions:
                self.answer()
            else:
                return taken

    def _decide(self, job: Job) -> Job:
        self.held.discard(job.id)
        self.deciding[job.id] = job
        return job

    def _fresh(self, job: Job) -> bool:
        if job.id in self.held or job.id in self.deciding:
            return False
        self.held.add(job.id)
        return True

    def _ask_lanes(self, queue: Queue, after: str, limit: int) -> None:
        def answer() -> None:
            lanes = sorted({job.lane for job in self.ready.values()}, key=lambda lane: (lane <= after, lane))
            firsts = (min((j for j in self.ready.values() if j.lane == lane), key=lambda j: j.key) for lane in lanes)
            queue.feed_lanes([job for job, _ in zip(firsts, range(limit), strict=False)], self._fresh)

        self.questions.append(answer)

    def _ask_heads(self, queue: Queue, lane: str, above: Key, limit: int) -> None:
        def answer() -> None:
            jobs = sorted(job.key for job in self.ready.values() if job.lane == lane and job.key > above)[:limit]
            queue.feed_heads(lane, above, [self.ready[job_id] for _, job_id in jobs], limit, self._fresh)

        self.questions.append(answer)
