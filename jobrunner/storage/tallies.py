"""What happened when, counted by the minute, type and queue, in the commit of what happened. Pure.

What a batch adds is made from its changes alone, so that a unit which is withdrawn or tried again is counted with the
commit that keeps it and with no other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from jobrunner.model.act import Deed
from jobrunner.model.histogram import LAST_BIN, bin_of
from jobrunner.model.job import Job
from jobrunner.model.state import Status
from jobrunner.storage.unit import Change

MINUTE_S = 60
MINUTE_MS = MINUTE_S * 1000
SUBMITTED, QUEUED, MADE, WITHIN = "submitted", "queued", "estimate:made", "estimate:within"
WAIT, RUN = "wait:", "run:"
_WAITS = [f"{WAIT}{number}" for number in range(LAST_BIN + 1)]
_RUNS = [f"{RUN}{number}" for number in range(LAST_BIN + 1)]
RAN = frozenset({"completed", "failed"})  # of attempts: the others were cut off, and say nothing of how long it takes

ADD_TALLIES = (
    "INSERT INTO tallies SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 "
    "FROM json_each(?) WHERE true ON CONFLICT DO UPDATE SET n = n + excluded.n"
)


def tally_rows(changes: Iterable[Change]) -> list[list[Any]]:
    """Return what changes add to the rows of minutes: what came, what ended, how long it waited and ran."""
    places: defaultdict[tuple[int, str, str], defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for change in changes:
        before, after = change.before, change.after
        if before is not None and before.status is after.status:
            continue
        at = _moment(change)
        _count(places[at - at % MINUTE_MS, after.type, after.queue], change)
    return [[MINUTE_S, *place, name, n] for place, counted in places.items() for name, n in counted.items() if n]


def _count(counted: defaultdict[str, int], change: Change) -> None:
    before, after, record = change.before, change.after, change.attempt
    if before is None or (change.act is not None and change.act.action == Deed.RETRIED):
        counted[SUBMITTED] += 1
    if after.status is Status.QUEUED:
        counted[QUEUED] += 1
    elif before is not None and before.status is Status.QUEUED:
        counted[QUEUED] -= 1
    if after.status is Status.PROCESSING:
        counted[_WAITS[bin_of(_waited_ms(after))]] += 1
    elif after.status.ended:
        counted[after.status.value] += 1
    if record is not None and record.outcome in RAN:
        counted[_RUNS[bin_of(record.ended_at - record.started_at)]] += 1
    if change.within is not None:
        counted[MADE] += 1
        counted[WITHIN] += change.within


def _moment(change: Change) -> int:
    """Return when a job changed its status, by what the change itself says."""
    after = change.after
    if after.status is Status.PROCESSING:
        at = after.started_at
    elif after.status is not Status.QUEUED:
        at = after.completed_at
    elif change.attempt is not None:
        at = change.attempt.ended_at
    else:
        at = None if change.act is None else change.act.at
    return after.created_at if at is None else at


def _waited_ms(job: Job) -> int:
    """Return for how long a job that begins was ready."""
    ready_at = job.created_at if job.ready_at is None else job.ready_at
    return (job.started_at or ready_at) - ready_at
