"""Jobs whose result may be given again: those that were submitted under a key, and completed not long ago."""

from __future__ import annotations

import json
from collections.abc import Mapping

from jobrunner.storage.image import Image
from jobrunner.storage.reader import Reader
from jobrunner.storage.rows import SELECT, SMALL, read_image

COMPLETED = (
    f"SELECT {SELECT}, {SMALL}, jobs.cache_key FROM json_each(?) AS wanted JOIN jobs ON jobs.id = ("
    "SELECT id FROM jobs AS known WHERE known.cache_key = wanted.value ->> 0 AND known.status = 'completed' "
    "AND known.completed_at >= wanted.value ->> 1 ORDER BY known.completed_at DESC LIMIT 1)"
)


async def completed(reader: Reader, since: Mapping[str, int]) -> dict[str, Image]:
    """Return by its key the last job that was completed at a time or after it, where there is one."""
    rows = await reader._rows(COMPLETED, json.dumps(list(since.items())))  # noqa: SLF001 - the same room
    return {row[-1]: await reader._released(read_image(row)) for row in rows}  # noqa: SLF001 - the same room
