"""Who waited for whom, and who belonged to whom, before the start: asked once."""

from __future__ import annotations

from jobrunner.storage.reader import Reader

AWAITED = (
    "SELECT DISTINCT on_id FROM dependencies WHERE job_id IN "
    "(SELECT id FROM jobs WHERE status = 'queued' AND hold = 'dependency')"
)
PARENTS = "SELECT DISTINCT parent_id FROM jobs WHERE parent_id IS NOT NULL AND status IN ('queued', 'processing')"


async def awaited(reader: Reader) -> list[str]:
    """Return the jobs that others wait for."""
    return [job_id for (job_id,) in await reader._rows(AWAITED)]  # noqa: SLF001 - the same room


async def parents(reader: Reader) -> list[str]:
    """Return the jobs that have open children."""
    return [job_id for (job_id,) in await reader._rows(PARENTS)]  # noqa: SLF001 - the same room
