"""A measure over time: a line, its highest point marked; totals over an area, averages with gaps where nothing is."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from jobrunner.examples.data_story.series import Point, Series
from jobrunner.examples.data_story.story import Chart
from jobrunner.examples.data_story.wording import figure, period_label, period_name, sentence

from .axes import Plane, Scale, draw_bottom, draw_frame, labels, round_scale
from .drawing import Drawing, finish
from .svg import TEXT_PX, Canvas, text_width

_LABEL_GAP = 14
_MONTHS_APART = (1, 2, 3, 6, 12, 24, 60, 120)
_DOTS = 60


def draw_line(series: Series, unit: str) -> Drawing:
    """Draw a series."""
    period, word = series.period.name, "Total" if series.total else "Average"
    axis = f"{word} {series.measure} per {period}"
    values = [point.value for point in series.points if point.value is not None]

    def draw(canvas: Canvas) -> None:
        y, ticks = round_scale(*_range(values, total=series.total))
        frame = draw_frame(canvas, y, ticks, labels(ticks, unit), axis)
        x = Scale(0, max(len(series.points) - 1, 1), frame.left + 8, frame.right - 8)
        place = y.between(frame.bottom, frame.top)
        for run in _runs(series.points):
            _draw_run(
                canvas, [(x(at), place(value)) for at, value in run], place(max(y.low, 0)) if series.total else None
            )
        _draw_peak(Plane(canvas, frame, x, place), series, unit)
        shown = _shown(series, canvas.width)
        names = [period_label(series.points[at].start, period) for at in shown]
        draw_bottom(canvas, frame, [x(at) for at in shown], names, series.date)

    return finish(
        Chart(name="timeline", title=sentence(f"{series.measure} over time"), kind="line"),
        _caption(series, unit),
        draw,
        header=(period.capitalize(), axis, "Rows"),
        rows=[_row(point, series, unit) for point in series.points],
    )


def _range(values: Sequence[float], *, total: bool) -> tuple[float, float]:
    """Return what the axis has to hold: zero too, except where that would hide how averages move."""
    low, high = min(values), max(values)
    if not total and high - low < max(abs(low), abs(high)) / 2:
        return low, high
    return min(low, 0.0), max(high, 0.0)


def _runs(points: Sequence[Point]) -> Iterator[list[tuple[int, float]]]:
    """Yield the stretches without a gap."""
    run: list[tuple[int, float]] = []
    for at, point in enumerate(points):
        if point.value is not None:
            run.append((at, point.value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def _draw_run(canvas: Canvas, points: Sequence[tuple[float, float]], base: float | None) -> None:
    if len(points) == 1:
        canvas.dot(*points[0], 2.5, "dot")
        return
    if base is not None:
        canvas.curve(points, "area", end=f"L{points[-1][0]:.1f} {base:.1f}L{points[0][0]:.1f} {base:.1f}Z")
    canvas.curve(points, "curve")


def _draw_peak(plane: Plane, series: Series, unit: str) -> None:
    at = max(range(len(series.points)), key=lambda index: _height(series.points[index]))
    point = series.points[at]
    if point.value is None:
        return
    text = f"{period_label(point.start, series.period.name)}: {figure(point.value, unit)}"
    half = text_width(text) / 2
    x, y = plane.x(at), plane.y(point.value)
    middle = min(max(x, plane.frame.left + half), plane.frame.right - half)
    plane.canvas.dot(x, y, 4, "mark")
    plane.canvas.text(middle, max(y - 10, TEXT_PX * 2), text, "strong", "middle")


def _height(point: Point) -> float:
    return -math.inf if point.value is None else point.value


def _shown(series: Series, width: float) -> list[int]:
    """Choose the periods that are named below: evenly, months in step with the year."""
    points = series.points
    widest = max(
        text_width(period_label(point.start, series.period.name)) for point in points[:: max(len(points) // 12, 1)]
    )
    room = max(int((width - 80) / (widest + _LABEL_GAP)), 2)
    step = math.ceil(len(points) / room)
    if series.period.name != "month":
        return list(range(0, len(points), step))
    step = next((months for months in _MONTHS_APART if months >= step), step)
    first = next((at for at, point in enumerate(points) if period_name(point.start, "month").startswith("January")), 0)
    return list(range(first % step, len(points), step))


def _caption(series: Series, unit: str) -> str:
    known = [point for point in series.points if point.value is not None]
    best, worst = max(known, key=_height), min(known, key=_height)
    period = series.period.name
    text = (
        f"Highest in {period_name(best.start, period)} with {figure(_height(best), unit)},"
        f" lowest in {period_name(worst.start, period)} with {figure(_height(worst), unit)}."
    )
    partial = [point for point in (series.points[0], series.points[-1]) if not point.whole]
    if partial:
        names = " and ".join(period_name(point.start, period) for point in partial)
        text += f" The file does not cover all of {names}."
    return text


def _row(point: Point, series: Series, unit: str) -> tuple[str, str, str]:
    value = "" if point.value is None else figure(point.value, unit)
    return period_name(point.start, series.period.name), value, f"{point.count:,}"
