"""What a list, a count or a stream can be narrowed to: values of one key are alternatives, different keys all hold."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict

OneOrMany = str | Sequence[str] | None


class StatisticsFilter(TypedDict, total=False):
    """What statistics can be narrowed to."""

    type: OneOrMany
    queue: OneOrMany


class CountFilter(StatisticsFilter, total=False):
    """What counts can be narrowed to."""

    user_id: OneOrMany


class FailureFilter(CountFilter, total=False):
    """What failures can be narrowed to."""

    created_after: datetime | str | None


class WatchFilter(CountFilter, total=False):
    """What a stream can be narrowed to: what never changes in a job, so that nothing leaves a stream unseen."""

    tag: OneOrMany
    parent_id: OneOrMany


class SelectionFilter(WatchFilter, total=False):
    """Which jobs something is done to."""

    job_id: OneOrMany
    status: OneOrMany
    code: OneOrMany
    q: str | None
    created_after: datetime | str | None
    created_before: datetime | str | None


class ListFilter(SelectionFilter, total=False):
    """What a list can be narrowed to, and how it is ordered; `include` brings `payload` and `result`."""

    sort: str | None
    include: OneOrMany
