"""What is found `processing` at start is certainly dead, for the directory has one owner.

It is judged at once, by no guess. Only what a service does goes on meanwhile, and is taken up again.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import structlog

from jobrunner.engine.lifecycle import Lifecycle
from jobrunner.engine.live import Table
from jobrunner.engine.registry import Registry
from jobrunner.engine.verdict import interrupted
from jobrunner.model.backoff import Backoff
from jobrunner.storage.image import Image
from jobrunner.storage.sleeping import Sleeping

log = structlog.get_logger("jobrunner.recovery")


class Recovery:
    """Judge the attempts of a dead process. `crashed` tells whether it died while the machine went on."""

    def __init__(self, table: Table, lifecycle: Lifecycle, registry: Registry, *, crashed: bool) -> None:
        """Move jobs by `lifecycle`."""
        self._table = table
        self._lifecycle = lifecycle
        self._registry = registry
        self._crashed = crashed

    async def run(self, sleeping: Sleeping, now: int) -> None:
        """Judge all of them, and return when that is decided; raise what made it impossible to read them."""
        done: asyncio.Future[Sequence[Image]] = asyncio.get_running_loop().create_future()

        def found(images: Sequence[Image]) -> None:
            done.set_result([image for image in images if self._judge(image, now)])

        sleeping.processing(found, done.set_exception)
        images = await done
        if images:
            log.warning("recovery.interrupted", jobs=len(images), crashed=self._crashed)

    def _judge(self, image: Image, now: int) -> bool:
        """Tell whether an attempt has died with its process; if not, it is taken up again."""
        job = image.job
        job_type = self._registry.get(job.type)
        backoff = Backoff() if job_type is None else job_type.backoff
        until = now + backoff.delay_ms(job.crashes + 1, random.random())  # noqa: S311 - jitter
        self._table.wake(image)
        live = self._table.get(job.id)
        if live is not None and job_type is not None and job_type.survives:
            log.info("recovery.taken_up", job=job.id, attempt=job.attempt)
            self._lifecycle.take_up(live)
            return False
        if live is not None:
            self._lifecycle.end(live, interrupted(job, job_type, now, until=until, crashed=self._crashed))
        return True
