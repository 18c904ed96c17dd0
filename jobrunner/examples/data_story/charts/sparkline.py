"""A column's distribution in the height of a line of text."""

from __future__ import annotations

from collections.abc import Sequence

from .bins import make_bins
from .svg import Canvas

_WIDTH, _HEIGHT = 108, 26
_BINS = 24


def draw_sparkline(values: Sequence[float]) -> str:
    """Draw a small histogram; it only repeats what stands beside it, so it is hidden from screen readers."""
    counts = make_bins(values, _BINS).counts
    pitch, most = _WIDTH / len(counts), max(counts)
    return _svg([(at * pitch, pitch - 1, count / most) for at, count in enumerate(counts)])


def draw_shares(counts: Sequence[int], rows: int) -> str:
    """Draw the most frequent values of a category as small bars beside each other."""
    pitch = _WIDTH / max(len(counts), 1)
    return _svg([(at * pitch, pitch - 2, count / max(rows, 1)) for at, count in enumerate(counts)])


def _svg(bars: Sequence[tuple[float, float, float]]) -> str:
    canvas = Canvas(_WIDTH, _HEIGHT)
    for left, width, height in bars:
        if height:
            canvas.bar(left, _HEIGHT - max(height * _HEIGHT, 1.5), min(width, 16), max(height * _HEIGHT, 1.5))
    return canvas.plain()
