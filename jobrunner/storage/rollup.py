"""Old tallies, summed up into rows of longer spans, and the oldest of these deleted.

Each change stands in exactly one row at any time: rows are deleted and their sums added in one transaction.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from jobrunner.storage.connection import WritingConnection
from jobrunner.storage.rows import dumps
from jobrunner.storage.tallies import ADD_TALLIES, MINUTE_S
from jobrunner.storage.writer import Errand

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
# Spans in seconds, for how long their rows are kept, and the span that they become. Each outlives the longest graph
# that is drawn from it.
LEVELS = ((MINUTE_S, 3 * HOUR_MS, 300), (300, 11 * HOUR_MS, 900), (900, 31 * HOUR_MS, 3_600))
LONGEST_SPAN, KEPT_MS = 3_600, 91 * DAY_MS
SPANS = (*(span for span, _, _ in LEVELS), LONGEST_SPAN)

OLD = "SELECT at, type, queue, name, n FROM tallies WHERE span = ? AND at < ? ORDER BY at, type, queue, name LIMIT ?"
DROP = "DELETE FROM tallies WHERE span = ? AND (at, type, queue, name) <= (?, ?, ?, ?)"


def roll_up(now: int, limit: int, done: Callable[[bool], None]) -> Errand:
    """Return the errand that sums old rows up into rows of longer spans, and deletes the oldest of the longest.

    It takes `limit` rows of each span at most; `done` is told whether there may be more.
    """

    async def errand(connection: WritingConnection) -> None:
        done(await connection.transaction(lambda inside: _roll_up(inside, now, limit)))

    return errand


def _roll_up(connection: sqlite3.Connection, now: int, limit: int) -> bool:
    more = False
    for span, kept_ms, longer in LEVELS:
        rows = _take(connection, span, now - kept_ms, limit)
        summed: Counter[tuple[Any, ...]] = Counter()
        for at, *key, n in rows:
            summed[longer, at - at % (longer * 1000), *key] += n
        connection.execute(ADD_TALLIES, (dumps([[*key, n] for key, n in summed.items()]),))
        more |= len(rows) == limit
    return len(_take(connection, LONGEST_SPAN, now - KEPT_MS, limit)) == limit or more


def _take(connection: sqlite3.Connection, span: int, before: int, limit: int) -> Sequence[Any]:
    """Delete the oldest rows of a span, up to a time, and return them."""
    rows = connection.execute(OLD, (span, before, limit)).fetchall()
    if rows:
        connection.execute(DROP, (span, *rows[-1][:4]))
    return rows
