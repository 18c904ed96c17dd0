"""A batch: units with their numbers, as one statement for each table. Pure: it builds text, the writer runs it.

One statement reads the whole batch from a JSON text, because a statement for each row takes and releases the
interpreter's lock each time: while the event loop was busy, 2,000 rows took up to 13 s that way, and 92 ms at most
this way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from jobrunner.storage.image import SMALL_RESULT, Image
from jobrunner.storage.rows import CHANGING, COLUMNS, changing, dumps, failure_row, lasting
from jobrunner.storage.tallies import ADD_TALLIES, tally_rows
from jobrunner.storage.unit import Change, Unit

LOG_LINES = 10_000  # lines kept of a job: the first half for good, the second half rolling
LOG_HALF = LOG_LINES // 2


def _columns(names: Sequence[str], first: int = 0) -> str:
    return ", ".join(f"value ->> {place} AS {name}" for place, name in enumerate(names, first))


INSERT_JOBS = f"INSERT INTO jobs ({', '.join(COLUMNS)}) SELECT {_columns(COLUMNS)} FROM json_each(?)"
UPDATE_JOBS = (
    f"UPDATE jobs SET ({', '.join(CHANGING)}) = ({', '.join(f'new.{name}' for name in CHANGING)}) "
    f"FROM (SELECT value ->> 0 AS id, {_columns(CHANGING, 1)} FROM json_each(?)) AS new WHERE jobs.id = new.id"
)
SET_CACHE_KEYS = (
    "UPDATE jobs SET cache_key = new.key FROM (SELECT value ->> 0 AS id, value ->> 1 AS key FROM json_each(?)) AS new "
    "WHERE jobs.id = new.id"
)
INSERT_TAGS = "INSERT INTO tags SELECT value ->> 0, value ->> 1 FROM json_each(?)"
INSERT_DEPENDENCIES = "INSERT INTO dependencies SELECT value ->> 0, value ->> 1 FROM json_each(?)"
INSERT_PAYLOADS = "INSERT INTO payloads SELECT value ->> 0, value ->> 1 FROM json_each(?)"
INSERT_RESULTS = "INSERT OR REPLACE INTO results SELECT value ->> 0, value ->> 1 FROM json_each(?)"
DELETE_RESULTS = "DELETE FROM results WHERE job_id IN (SELECT value FROM json_each(?))"
INSERT_ATTEMPTS = (
    "INSERT OR REPLACE INTO attempts SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, "
    "value ->> 5, value ->> 6, value ->> 7, value ->> 8 FROM json_each(?)"
)
INSERT_LOGS = (
    "INSERT OR REPLACE INTO logs SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 "
    "FROM json_each(?)"
)
TRIM_LOGS = (
    f"DELETE FROM logs WHERE (job_id, n) IN (SELECT logs.job_id, logs.n FROM json_each(?) AS over, logs "
    f"WHERE logs.job_id = over.value ->> 0 AND logs.n > {LOG_HALF} AND logs.n <= (over.value ->> 1) - {LOG_HALF})"
)
INSERT_HISTORY = "INSERT INTO history SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)"
ADD_COUNTS = (
    "INSERT INTO counts SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?) "
    "WHERE true ON CONFLICT DO UPDATE SET n = n + excluded.n"
)
INSERT_ANSWERS = (
    "INSERT OR REPLACE INTO idempotency SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 "
    "FROM json_each(?)"
)
SET_HEAD = "UPDATE facts SET value = ? WHERE name = 'head'"

Statement = tuple[str, str]


class Batch:
    """Units in the order they came, each changed job with the next number after `head`.

    A job that is changed twice in a batch is written once, in its last state; a new job is changed once at most.
    """

    def __init__(self, units: Sequence[Unit], head: int) -> None:
        """Give the changes their numbers."""
        self.units = units
        self._changes = [change for unit in units for change in unit.changes]
        self._last = {change.after.id: change for change in self._changes}
        self.numbers = {job_id: number for number, job_id in enumerate(self._last, head + 1)}
        self.head = head + len(self.numbers)

    def statements(self) -> Iterator[Statement]:
        """Yield what is to be run, tables without work left out, the head last."""
        last, all_ = self._last.values(), self._changes
        new = [change for change in last if change.before is None]
        old = [change for change in last if change.before is not None]
        yield from _statement(INSERT_JOBS, [lasting(c.after) + self._changing(c) for c in new])
        yield from _statement(SET_CACHE_KEYS, [(c.after.id, c.cache_key) for c in new if c.cache_key is not None])
        yield from _statement(INSERT_TAGS, [(tag, c.after.id) for c in new for tag in dict.fromkeys(c.after.tags)])
        yield from _statement(INSERT_DEPENDENCIES, [(on, c.after.id) for c in new for on in c.after.depends_on])
        yield from _statement(INSERT_PAYLOADS, [(c.after.id, c.payload) for c in all_ if c.payload is not None])
        yield from _statement(UPDATE_JOBS, [[c.after.id, *self._changing(c)] for c in old])
        yield from _statement(DELETE_RESULTS, [c.after.id for c in old if _starts_over(c)])
        yield from _statement(INSERT_RESULTS, [(c.after.id, c.result) for c in all_ if c.result is not None])
        yield from _statement(INSERT_ATTEMPTS, [_attempt_row(c) for c in all_ if c.attempt is not None])
        yield from self._log_statements()
        yield from _statement(INSERT_HISTORY, [_act_row(c) for c in all_ if c.act is not None])
        yield from _statement(ADD_COUNTS, [[*key, n] for key, n in count_changes(all_).items() if n])
        yield from _statement(ADD_TALLIES, tally_rows(all_))
        yield from _statement(INSERT_ANSWERS, [_answer_row(unit) for unit in self.units if unit.answer is not None])
        yield SET_HEAD, str(self.head)

    def images(self, unit: Unit) -> list[Image]:
        """Return what the commit makes visible of a unit: each of its jobs in the last state of the batch."""
        return [self._image(self._last[change.after.id]) for change in unit.changes]

    def brings(self) -> list[str]:
        """Return the jobs whose payload is to be read along with the commit."""
        return [job_id for unit in self.units for job_id in unit.brings]

    def _image(self, change: Change) -> Image:
        small = change.result if change.result is not None and len(change.result) <= SMALL_RESULT else None
        return Image(change.after, self.numbers[change.after.id], small)

    def _changing(self, change: Change) -> list[Any]:
        return changing(change.after, self.numbers[change.after.id])

    def _log_statements(self) -> Iterator[Statement]:
        written = [change for change in self._changes if change.lines]
        yield from _statement(INSERT_LOGS, [_line_row(c.after.id, line) for c in written for line in c.lines])
        long = [(change.after.id, change.lines[-1].n) for change in written if change.lines[-1].n > LOG_LINES]
        yield from _statement(TRIM_LOGS, long)


def count_changes(changes: Sequence[Change]) -> Counter[tuple[str, str, str, str]]:
    """Return by how much each counter moves: one for the job's user, one for all."""
    moved: Counter[tuple[str, str, str, str]] = Counter()
    for change in changes:
        before, after = change.before, change.after
        if before is not None and before.status is after.status:
            continue
        for who in (counted_for(after.user_id), EVERYONE):
            moved[who, after.queue, after.type, after.status] += 1
            if before is not None:
                moved[who, after.queue, after.type, before.status] -= 1
    return moved


EVERYONE = "*"


def counted_for(user_id: str | None) -> str:
    """Return under which name the jobs of a user are counted."""
    return "u" if user_id is None else f"u:{user_id}"


def _statement(sql: str, rows: Sequence[Any]) -> Iterator[Statement]:
    if rows:
        yield sql, dumps(rows)


def _starts_over(change: Change) -> bool:
    return change.before is not None and change.after.manual_retries > change.before.manual_retries


def _attempt_row(change: Change) -> list[Any]:
    record = change.attempt
    assert record is not None  # noqa: S101 - the caller has filtered; for the type checker
    return [
        change.after.id, record.attempt, record.started_at, record.ended_at, record.outcome,
        failure_row(record.error), record.result, record.traceback, record.said,
    ]  # fmt: skip


def _act_row(change: Change) -> list[Any]:
    act = change.act
    assert act is not None  # noqa: S101 - the caller has filtered; for the type checker
    return [change.after.id, act.at, act.action, act.by]


def _line_row(job_id: str, line: Any) -> list[Any]:
    return [job_id, line.n, line.at, line.stream, line.level, line.text]


def _answer_row(unit: Unit) -> list[Any]:
    answer = unit.answer
    assert answer is not None  # noqa: S101 - the caller has filtered; for the type checker
    return [answer.scope, answer.key, answer.fingerprint, answer.answer, answer.expires_at]
