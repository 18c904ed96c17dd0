"""How it went over time: what came and ended, how long it waited and ran, and what fails by which error.

For operators and applications; a user learns nothing of others here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from aiohttp import web

from jobrunner.errors import Invalid
from jobrunner.model.histogram import percentile_s
from jobrunner.storage import statistics
from jobrunner.storage.statistics import FailureGroup, Tallied
from jobrunner.storage.tallies import MADE, SUBMITTED, WITHIN
from jobrunner.web.keys import runner_of, subject_of
from jobrunner.web.moment import certain
from jobrunner.web.query import Query
from jobrunner.web.reply import reply
from jobrunner.wire.statistics import FailureGroupData, Percentiles, Statistics, StatisticsPoint, Totals, TypeStatistics

RANGE = re.compile(r"([1-9]\d{0,3})([hd])", re.ASCII)
DEFAULT_RANGE = "24h"
HOUR_S, LONGEST_HOURS = 3_600, 30 * 24
# The longest range in hours, and the seconds of a step: never more than 120 points.
STEPS = ((2, 60), (10, 300), (30, 900), (120, 3_600), (LONGEST_HOURS, 21_600))


@dataclass(frozen=True, slots=True)
class Window:
    """Some time up to now, in whole steps of UTC, the last of which is not over; moments are in milliseconds."""

    since: int
    until: int
    step_s: int

    @classmethod
    def of(cls, hours: int, now: int) -> Window:
        """Return the last hours, by steps that make a readable graph."""
        step_s = next(step for longest, step in STEPS if hours <= longest)
        step_ms = step_s * 1000
        until = (now // step_ms + 1) * step_ms
        points = -(-hours * HOUR_S // step_s)
        return cls(until - points * step_ms, until, step_s)

    @property
    def moments(self) -> range:
        """Return the beginnings of the steps."""
        return range(self.since, self.until, self.step_s * 1000)


async def stats(request: web.Request) -> web.Response:
    """Return what came and ended in the last hours or days."""
    query = Query.of(request, "range", "type", "queue")
    given, runner = query.one("range"), runner_of(request)
    asked = DEFAULT_RANGE if given is None else given
    window = Window.of(_hours(asked), runner.clock.now())
    total, types = await statistics.tallied(
        runner.reader, window.since, window.until, window.step_s * 1000, query.many("type"), query.many("queue")
    )
    return reply(_statistics(asked, window, total, types))


async def failures(request: web.Request) -> web.Response:
    """Return the failed jobs that are still there, grouped by type and error."""
    query = Query.of(request, "created_after", "type", "queue", "user_id")
    wanted = subject_of(request).narrow(query.filter())
    found = await statistics.failures(runner_of(request).reader, wanted)
    return reply({"groups": [_group(each) for each in found]})


def _hours(text: str) -> int:
    found = RANGE.fullmatch(text)
    hours = int(found[1]) * (24 if found[2] == "d" else 1) if found else 0
    if not 1 <= hours <= LONGEST_HOURS:
        raise Invalid("Bad query parameter.", pointers=[("range", "a number of hours or days from 1h to 30d, as 24h")])
    return hours


def _statistics(asked: str, window: Window, total: Tallied, types: dict[str, Tallied]) -> Statistics:
    made, within = total.counted[MADE], total.counted[WITHIN]
    return {
        "range": asked,
        "from": certain(window.since),
        "to": certain(window.until),
        "step": window.step_s,
        "series": list(_points(window, total)),
        "types": [_of_type(name, types[name]) for name in sorted(types)],
        "totals": _totals(total),
        "estimates": {"made": made, "within": within, "share": _share(within, made)},
    }


def _points(window: Window, total: Tallied) -> Iterator[StatisticsPoint]:
    for at, depth in zip(window.moments, total.depths(window.moments), strict=True):
        counted = total.series.get(at, Counter())
        yield {
            "at": certain(at),
            "submitted": counted[SUBMITTED],
            "completed": counted["completed"],
            "failed": counted["failed"],
            "cancelled": counted["cancelled"],
            "queued": depth,
        }


def _of_type(name: str, found: Tallied) -> TypeStatistics:
    return {"type": name, **_totals(found)}


def _totals(found: Tallied) -> Totals:
    counted = found.counted
    return {
        "submitted": counted[SUBMITTED],
        "completed": counted["completed"],
        "failed": counted["failed"],
        "cancelled": counted["cancelled"],
        "failure_rate": _share(counted["failed"], counted["failed"] + counted["completed"]),
        "wait": _percentiles(found.waits),
        "run": _percentiles(found.runs),
    }


def _percentiles(bins: Counter[int]) -> Percentiles:
    return {"p50": percentile_s(bins, 0.5), "p95": percentile_s(bins, 0.95)}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _group(found: FailureGroup) -> FailureGroupData:
    return {
        "type": found.type,
        "code": found.code,
        "message": found.message,
        "count": found.count,
        "first_at": certain(found.first_at),
        "last_at": certain(found.last_at),
        "job_id": found.job_id,
    }
