"""The first reading of a table: how many rows, what had to be cleaned, and a small sample of rows from all over it.

Counts and keeps; decides nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from .dialect import Record
from .refusal import Check, refuse
from .table import Batch, Table

MAX_ROWS = 10_000_000

_SAMPLE_CELLS = 400_000
_SAMPLE_ROWS = (500, 5_000)
_CELL_LENGTH = 200
_DUPLICATES_AT_ONCE = 1_000_000


@dataclass(slots=True)
class Survey:
    """What the first reading found. Mutable while it reads: the counts and the sample."""

    capacity: int
    rows: int = 0
    blank: int = 0
    dropped: int = 0
    padded: int = 0
    duplicated: int = 0
    sample: list[Record] = field(default_factory=list)
    _stride: int = 1

    def column(self, at: int) -> list[str]:
        """Return the sampled cells of one column."""
        return [row[at] for row in self.sample]

    def add(self, batch: Batch) -> None:
        """Count a batch and keep every so manieth row of it."""
        first = -self.rows % self._stride
        self.sample += [_cut(row) for row in batch.rows[first :: self._stride]]
        while len(self.sample) > self.capacity:
            self._stride *= 2
            self.sample = self.sample[::2]
        self.rows += len(batch.rows)
        self.blank += batch.blank
        self.dropped += batch.dropped
        self.padded += batch.padded


def survey(table: Table, check: Check) -> Survey:
    """Read all of a table once.

    Raises JobError (PREPROCESSING_ERROR) when there are no rows, or more than MAX_ROWS.
    """
    width = len(table.names)
    found = Survey(max(_SAMPLE_ROWS[0], min(_SAMPLE_CELLS // width, _SAMPLE_ROWS[1])))
    hashes = array("q")
    for batch in table.batches():
        found.add(batch)
        hashes.extend(map(hash, map(tuple, batch.rows)))
        check(batch.fraction)
        if found.rows > MAX_ROWS:
            raise refuse("too-many-rows", f"The table has more than {MAX_ROWS:,} rows. Leave some out and try again.")
    if not found.rows:
        raise refuse("no-rows", "The file has a header but no rows below it. Add at least one row of data.")
    if width > 1:  # in a single column equal values are no sign of a repeated row
        found.duplicated = _repeats(hashes)
    return found


def _cut(row: Record) -> Record:
    return row if max(map(len, row)) <= _CELL_LENGTH else [cell[:_CELL_LENGTH] for cell in row]


def _repeats(hashes: Sequence[int]) -> int:
    """Count the rows that repeat an earlier one, a share of the hashes at a time to bound memory."""
    shares = 1 + len(hashes) // _DUPLICATES_AT_ONCE
    return len(hashes) - sum(len({value for value in hashes if value % shares == share}) for share in range(shares))
