"""What a list, a count or a stream can be narrowed to: values of one key are alternatives, different keys all hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

OneOrMany = str | Sequence[str] | None


class CountFilter(TypedDict, total=False):
    """What counts can be narrowed to."""

    user_id: OneOrMany
    type: OneOrMany
    queue: OneOrMany


class WatchFilter(CountFilter, total=False):
    """What a stream can be narrowed to: what never changes in a job, so that nothing leaves a stream unseen."""

    tag: OneOrMany


class ListFilter(WatchFilter, total=False):
    """What a list can be narrowed to, and how it is ordered; `include` brings `payload` and `result`."""

    job_id: OneOrMany
    status: OneOrMany
    q: str | None
    created_after: datetime | str | None
    created_before: datetime | str | None
    sort: str | None
    include: OneOrMany
