"""The jobs that stand in memory.

Those that run, the heads of the queues, and those about which something is being decided.

Each is held by two references: `job` is what has been decided, `image` what has been released and may be seen. No
copies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jobrunner.model.job import Job
from jobrunner.model.state import Status
from jobrunner.storage.image import Image

if TYPE_CHECKING:
    from jobrunner.engine.running import Running


@dataclass(slots=True, eq=False)
class Live:
    """A job in memory. `pending` counts units that are not settled.

    `running` is its attempt, until that has returned.
    """

    job: Job
    image: Image | None = None
    pending: int = 0
    running: Running | None = None
    payload: str | None = None
    waiting: list[Callable[[], None]] = field(default_factory=list)

    @property
    def settled(self) -> bool:
        """Tell whether something else may be decided: all is released, or the job runs and goes on running."""
        if not self.pending:
            return True
        runs = self.image is not None and self.image.job.status is Status.PROCESSING
        return runs and self.job.status is Status.PROCESSING

    @property
    def idle(self) -> bool:
        """Tell whether nothing is going on with it."""
        return not self.pending and self.running is None and not self.waiting


class Table:
    """The live jobs by id."""

    def __init__(self) -> None:
        """Begin empty."""
        self._lives: dict[str, Live] = {}

    def __len__(self) -> int:
        """Count them."""
        return len(self._lives)

    def __contains__(self, job_id: object) -> bool:
        """Tell whether a job stands in memory."""
        return job_id in self._lives

    def __iter__(self) -> Iterator[Live]:
        """Go through them."""
        return iter(list(self._lives.values()))

    def get(self, job_id: str) -> Live | None:
        """Return a job that stands in memory."""
        return self._lives.get(job_id)

    def hold(self, live: Live) -> Live:
        """Keep a job in memory."""
        self._lives[live.job.id] = live
        return live

    def wake(self, image: Image) -> bool:
        """Hold a job that was read from disk; False when it stands in memory already, where it may be further on."""
        if image.job.id in self._lives:
            return False
        self.hold(Live(image.job, image))
        return True

    def forget(self, job_id: str) -> None:
        """Let a job sleep, unless something is going on with it."""
        live = self._lives.get(job_id)
        if live is not None and live.idle:
            del self._lives[job_id]
