"""What a handler may ask of other jobs: to begin children of its own, and to read what those it knows of returned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A job that a handler asks for; what is None is what the type says, or its own job."""

    type: str
    payload: Any
    key: str | None = None
    title: str | None = None
    priority: int | None = None
    queue: str | None = None
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    depends_on: tuple[str, ...] = ()


class Kin(Protocol):
    """The other jobs, as one attempt may know of them."""

    async def spawn(self, order: Order) -> str:
        """Return the id of a child when it is on disk; raise JobError SPAWN_REFUSED."""

    async def result_of(self, job_id: str) -> Any:
        """Return what a child, or a job that this one depended on, returned; raise JobError NOT_COMPLETED."""
