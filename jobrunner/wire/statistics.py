"""The shapes of statistics as they go over HTTP: what came and ended over time, and what failed by which error."""

from __future__ import annotations

from typing import TypedDict


class Percentiles(TypedDict):
    """What half of the durations, and 95 of 100, did not exceed, in seconds; null when there are none."""

    p50: float | None
    p95: float | None


class Totals(TypedDict):
    """What came and ended in some time; `failure_rate` is of those that completed or failed, null when none did."""

    submitted: int
    completed: int
    failed: int
    cancelled: int
    failure_rate: float | None
    wait: Percentiles
    run: Percentiles


class TypeStatistics(Totals):
    """The same of one type."""

    type: str


class StatisticsPoint(TypedDict):
    """One step of time: `queued` jobs waited at its end, the others came or ended in it."""

    at: str
    submitted: int
    completed: int
    failed: int
    cancelled: int
    queued: int


class EstimateShare(TypedDict):
    """How many completed jobs had been given an end as they began, and how many of them kept it."""

    made: int
    within: int
    share: float | None


Statistics = TypedDict(
    "Statistics",
    {
        "range": str,
        "from": str,
        "to": str,
        "step": int,
        "series": list[StatisticsPoint],
        "types": list[TypeStatistics],
        "totals": Totals,
        "estimates": EstimateShare,
    },
)


class FailureGroupData(TypedDict):
    """Failed jobs of a type with the same error code; `message` and `job_id` are of the newest one."""

    type: str
    code: str
    message: str
    count: int
    first_at: str
    last_at: str
    job_id: str
