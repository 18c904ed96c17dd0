"""Results that are given again: of a job of the same user and type with the same payload, completed not long ago.

Never that of another user, of a job that came with files, or of one that retention has deleted.
"""

from __future__ import annotations

from collections.abc import Iterable

from jobrunner.engine.clock import Clock
from jobrunner.engine.new import New
from jobrunner.engine.registry import Registry
from jobrunner.storage.cache import completed
from jobrunner.storage.image import Image
from jobrunner.storage.reader import Reader


class Cache:
    """It keeps nothing itself: what was completed stands in the database."""

    def __init__(self, clock: Clock, reader: Reader, registry: Registry) -> None:
        """Look for results by `reader`, as old as the types allow."""
        self._clock = clock
        self._reader = reader
        self._registry = registry

    def serves(self, job_type: str) -> bool:
        """Tell whether results of a type may be given again."""
        return self._ttl_ms(job_type) > 0

    async def find(self, news: Iterable[New]) -> dict[str, Image]:
        """Return by the id of a new job the one whose result serves as well, where there is one.

        A job for a later time, or one that repeats another on purpose, is new whatever there is.
        """
        now = self._clock.now()
        keys = {
            new.job.id: (new.cache_key, now - self._ttl_ms(new.job.type))
            for new in news
            if new.cache_key is not None and new.job.run_at is None and new.job.retried_from is None
        }
        found = await completed(self._reader, dict(keys.values())) if keys else {}
        return {job_id: found[key] for job_id, (key, _since) in keys.items() if key in found}

    def _ttl_ms(self, name: str) -> int:
        job_type = self._registry.get(name)
        ttl = None if job_type is None else job_type.cache_ttl
        return 0 if ttl is None else round(ttl.total_seconds() * 1000)
