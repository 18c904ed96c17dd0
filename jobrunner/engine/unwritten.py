"""The lines of a job's log that are on their way to the disk: as many as are kept of a job, however many are said.

It writes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple

from jobrunner.storage.batch import LOG_HALF
from jobrunner.storage.unit import Line


class Bundle(NamedTuple):
    """Lines that were said at once; `first` is the number of the first of them."""

    first: int
    at: int
    stream: str
    level: str
    texts: Sequence[str]


class Unwritten:
    """Changes: the first lines, those of the rolling end, and how many there are of either."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._first: list[Bundle] = []
        self._end: deque[Bundle] = deque()
        self._in_first = self._in_end = 0

    def add(self, bundle: Bundle) -> None:
        """Take lines; what would be trimmed in the database is let go here already."""
        if self._in_first < LOG_HALF:
            self._first.append(bundle)
            self._in_first += len(bundle.texts)
            return
        self._end.append(bundle)
        self._in_end += len(bundle.texts)
        while self._in_end - len(self._end[0].texts) >= LOG_HALF:
            self._in_end -= len(self._end.popleft().texts)

    def lines(self, clean: Callable[[str], str]) -> list[Line]:
        """Return the lines in their order, each made clean."""
        return [
            Line(number, bundle.at, bundle.stream, bundle.level, clean(text))
            for bundle in (*self._first, *self._end)
            for number, text in enumerate(bundle.texts, bundle.first)
        ]
