"""Two columns against each other: a point a row, with the line that fits them best."""

from __future__ import annotations

import math
from collections.abc import Sequence

from jobrunner.examples.data_story.story import Chart, Correlation
from jobrunner.examples.data_story.wording import amount, sentence

from .axes import Plane, Scale, draw_bottom, draw_frame, labels, round_scale, ticks_inside, widened
from .bins import window
from .drawing import Drawing, finish
from .svg import Canvas

_MOST_POINTS = 1_200
_CLEAR = 0.2

Pairs = Sequence[tuple[float, float]]


def draw_scatter(found: Correlation, pairs: Pairs, units: tuple[str, str]) -> Drawing:
    """Draw two columns; `pairs` are the rows that have both."""
    (left, right), (low, high) = window([x for x, _ in pairs]), window([y for _, y in pairs])
    inside = [(x, y) for x, y in pairs if left <= x <= right and low <= y <= high]
    shown = inside[:: math.ceil(len(inside) / _MOST_POINTS) or 1]

    def draw(canvas: Canvas) -> None:
        y, ticks = round_scale(low, high)
        frame = draw_frame(canvas, y, ticks, labels(ticks, units[1]), _title(found.b, units[1]))
        x = Scale(*widened(left, right), frame.left + 6, frame.right - 6)
        place = y.between(frame.bottom, frame.top)
        for across, up in shown:
            canvas.dot(x(across), place(up), 2.5, "dot")
        if abs(found.r) >= _CLEAR:
            _draw_fit(Plane(canvas, frame, x, place), inside)
        marks = ticks_inside(x.low, x.high)
        draw_bottom(canvas, frame, list(map(x, marks)), labels(marks, units[0]), _title(found.a, units[0]))

    return finish(
        Chart(name="correlation", title=sentence(f"{found.a} and {found.b}"), kind="scatter"),
        _caption(found, len(pairs), len(inside), len(shown)),
        draw,
    )


def _draw_fit(plane: Plane, pairs: Pairs) -> None:
    """Draw the line of least squares, cut at the frame."""
    line, x, y = _least_squares(pairs), plane.x, plane.y
    if line is None:
        return
    slope, height = line
    ends = [x.low, x.high]
    if slope:
        crossings = sorted((edge - height) / slope for edge in (y.low, y.high))
        ends = [max(x.low, crossings[0]), min(x.high, crossings[1])]
    if ends[0] < ends[1] and (slope or y.low <= height <= y.high):
        (x1, y1), (x2, y2) = ((x(end), y(height + slope * end)) for end in ends)
        plane.canvas.line(max(x1, plane.frame.left), y1, min(x2, plane.frame.right), y2, "guide")


def _least_squares(pairs: Pairs) -> tuple[float, float] | None:
    """Return slope and height at zero; nothing where that is not finite."""
    mean_x = math.fsum(x for x, _ in pairs) / len(pairs)
    mean_y = math.fsum(y for _, y in pairs) / len(pairs)
    spread = math.fsum((x - mean_x) ** 2 for x, _ in pairs)
    together = math.fsum((x - mean_x) * (y - mean_y) for x, y in pairs)
    slope = together / spread if spread else math.nan
    height = mean_y - slope * mean_x
    return (slope, height) if math.isfinite(slope) and math.isfinite(height) else None


def _title(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name


def _caption(found: Correlation, rows: int, inside: int, shown: int) -> str:
    text = f"Each point is one row; r = {found.r:.2f} over {amount(found.n, 'row')}."
    if rows > inside:
        verb = "is" if rows - inside == 1 else "are"
        text += f" {amount(rows - inside, 'row')} with far values {verb} outside the picture."
    if inside > shown:
        text += f" Of {'the others' if rows > inside else 'these'}, {amount(shown, 'row')} are drawn."
    if abs(found.r) >= _CLEAR:
        text += " The dashed line fits the rows in the picture best."
    return text
