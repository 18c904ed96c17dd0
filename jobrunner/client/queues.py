"""The part of the client that is about many jobs at once: queues, and what is done to all jobs of a filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack, cast

from jobrunner.client.call import Call, get, new_key, on_the_wire, path, post
from jobrunner.client.filters import SelectionFilter
from jobrunner.client.transport import Transport
from jobrunner.wire.queues import QueueData, SelectionData


class Queues:
    """Ask one server about many jobs."""

    _transport: Transport

    async def queues(self) -> Sequence[QueueData]:
        """Return the queues, with how full they are and which are paused; not for users."""
        return cast("Sequence[QueueData]", (await self._transport.json(get("/queues")))["queues"])

    async def pause_queue(self, name: str) -> QueueData:
        """Let nothing more of a queue begin, also after a restart; what runs goes on. For operators."""
        return cast("QueueData", await self._transport.json(Call("POST", path("queues", name, "pause"))))

    async def resume_queue(self, name: str) -> QueueData:
        """Let a queue go on; for operators."""
        return cast("QueueData", await self._transport.json(Call("POST", path("queues", name, "resume"))))

    async def cancel_many(self, *, dry_run: bool = False, **filters: Unpack[SelectionFilter]) -> SelectionData:
        """Cancel the jobs of a filter, 10,000 at most; without `status` and `job_id` those that have not ended."""
        return await self._select("/jobs/cancel", filters, dry_run=dry_run)

    async def retry_many(self, *, dry_run: bool = False, **filters: Unpack[SelectionFilter]) -> SelectionData:
        """Retry the jobs of a filter, 10,000 at most; without `status` and `job_id` those that failed."""
        return await self._select("/jobs/retry", filters, dry_run=dry_run)

    async def _select(self, where: str, filters: SelectionFilter, *, dry_run: bool) -> SelectionData:
        wanted = {name: _said(value) for name, value in filters.items() if value is not None}
        call = post(where, {"filter": wanted, "dry_run": dry_run}, key=new_key())
        return cast("SelectionData", await self._transport.json(call))


def _said(value: object) -> object:
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else on_the_wire(value)
