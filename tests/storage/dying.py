"""A process that owns a data directory, writes jobs, says so, and waits to be killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Literal, cast

from tests.model.jobs import a_job
from tests.storage.store import opened


async def live(directory: Path, synchronous: Literal["full", "normal"]) -> None:
    async with opened(directory, synchronous) as store:
        await store.insert(*(a_job() for _ in range(10)))
        sys.stdout.write(f"{store.database.epoch}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), cast("Literal['full', 'normal']", sys.argv[2])))
