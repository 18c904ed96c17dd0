"""What the past looks like: tallies by time and type, failures by their error, and how long jobs took lately."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from jobrunner.model.filter import Filter
from jobrunner.model.state import Status
from jobrunner.storage.batch import EVERYONE
from jobrunner.storage.conditions import Condition, condition
from jobrunner.storage.reader import Reader
from jobrunner.storage.rollup import SPANS
from jobrunner.storage.tallies import QUEUED, RUN, WAIT

WAITING = "waiting"
MOST_GROUPS = 50
MOST_LOOKED_AT = 50_000  # of the jobs that were completed last, for what is known of their types

# The newest run times of each type, the oldest of them first.
RUNS = """
SELECT type, ms FROM (
  SELECT type, completed_at - started_at AS ms, completed_at,
    row_number() OVER (PARTITION BY type ORDER BY completed_at DESC) AS place
  FROM (
    SELECT type, started_at, completed_at FROM jobs INDEXED BY jobs_ended
    WHERE status = 'completed' AND completed_at IS NOT NULL ORDER BY completed_at DESC LIMIT ?
  )
) WHERE place <= ? AND ms IS NOT NULL ORDER BY completed_at"""
TALLIED = f"""
SELECT type, '{WAITING}', 0, sum(n) FROM counts WHERE who = ? AND status = 'queued' AND {{where}} GROUP BY 1
UNION ALL
SELECT type, name, CASE WHEN name GLOB '*:*' THEN 0 ELSE at - at % ? END, sum(n) FROM tallies
WHERE span IN {SPANS} AND at >= ? AND at < ? AND {{where}} GROUP BY 1, 2, 3"""
FAILURES = f"""
WITH found AS (
  SELECT type, code, count(*) AS n, min(completed_at) AS first_at, max(completed_at) AS last_at
  FROM jobs WHERE {{where}} GROUP BY type, code ORDER BY last_at DESC LIMIT {MOST_GROUPS}
)
SELECT found.type, found.code, newest.error ->> 1, found.n, found.first_at, found.last_at, newest.id FROM found
JOIN jobs AS newest ON newest.rowid = (
  SELECT max(jobs.rowid) FROM jobs WHERE {{where}} AND jobs.type = found.type AND jobs.code IS found.code
  AND jobs.completed_at = found.last_at
) ORDER BY found.last_at DESC, found.type, found.code"""


@dataclass(slots=True)
class Tallied:
    """What was counted of a type, or of all: by name, by moment and name, and durations by their bins."""

    waiting: int = 0
    counted: Counter[str] = field(default_factory=Counter)
    series: defaultdict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    waits: Counter[int] = field(default_factory=Counter)
    runs: Counter[int] = field(default_factory=Counter)

    def add(self, name: str, at: int, n: int) -> None:
        """Take a row in."""
        if name == WAITING:
            self.waiting += n
        elif name.startswith(WAIT):
            self.waits[int(name.removeprefix(WAIT))] += n
        elif name.startswith(RUN):
            self.runs[int(name.removeprefix(RUN))] += n
        else:
            self.counted[name] += n
            self.series[at][name] += n

    def depths(self, moments: Sequence[int]) -> list[int]:
        """Return how many jobs waited at the end of each step: as many as now, but for what has changed since.

        The steps are named by their beginnings, which rise.
        """
        depth, depths = self.waiting, []
        for at in reversed(moments):
            depths.append(max(depth, 0))
            depth -= self.series[at][QUEUED] if at in self.series else 0
        return depths[::-1]


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Failed jobs of a type with the same code; message and id are of the newest one."""

    type: str
    code: str
    message: str
    count: int
    first_at: int
    last_at: int
    job_id: str


async def tallied(
    reader: Reader, since: int, until: int, step_ms: int, types: Collection[str] = (), queues: Collection[str] = ()
) -> tuple[Tallied, dict[str, Tallied]]:
    """Return what happened from a moment on, before another one: in all by steps, and of each type."""
    where = Condition()
    where.add_any("type", types)
    where.add_any("queue", queues)
    asked = (EVERYONE, *where.parameters, step_ms, since, until, *where.parameters)
    rows = await reader._rows(TALLIED.format(where=where), *asked)  # noqa: SLF001 - the same room
    total, by_type = Tallied(), defaultdict[str, Tallied](Tallied)
    for job_type, name, at, n in rows:
        total.add(name, at, n)
        if name not in {WAITING, QUEUED}:
            by_type[job_type].add(name, at, n)
    return total, dict(by_type)


async def failures(reader: Reader, wanted: Filter) -> list[FailureGroup]:
    """Return the failed jobs of a filter that are still there, by type and code, the newest groups first."""
    where = condition(replace(wanted, statuses=frozenset({Status.FAILED})))
    rows = await reader._rows(FAILURES.format(where=where), *where.parameters, *where.parameters)  # noqa: SLF001 - the same room
    return [FailureGroup(*row) for row in rows]


async def last_runs(reader: Reader, of_each: int) -> list[tuple[str, int]]:
    """Return the newest run times of types in milliseconds, the oldest first."""
    rows = await reader._rows(RUNS, MOST_LOOKED_AT, of_each)  # noqa: SLF001 - the same room
    return [(job_type, ms) for job_type, ms in rows]
