"""A measure by category: horizontal bars, the largest first, what does not fit put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jobrunner.examples.data_story.series import Breakdown
from jobrunner.examples.data_story.story import Chart
from jobrunner.examples.data_story.wording import figure, share, tidy

from .axes import Scale, widened
from .drawing import Drawing, finish
from .svg import TEXT_PX, Canvas, fit, text_width

_MOST_BARS = 10
_BAR_PX, _PITCH_PX = 20, 30
_BOLD_PX = TEXT_PX * 1.1
_LABEL_SHARE = 0.32
_NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `rest` stands for several categories."""

    name: str
    value: float
    count: int
    rest: bool = False


def draw_bars(breakdown: Breakdown, unit: str) -> Drawing:
    """Draw totals or averages of a measure by category."""
    bars = _bars(breakdown)
    word = "Total" if breakdown.total else "Average"
    axis = f"{word} {breakdown.measure}"

    def draw(canvas: Canvas) -> None:
        names = [bar.name for bar in bars]
        values = [figure(bar.value, unit) for bar in bars]
        left = min(max(text_width(name, _BOLD_PX) for name in names) + 12, canvas.width * _LABEL_SHARE)
        right = canvas.width - max(map(text_width, values)) - 12
        low, high = widened(min(0.0, *(bar.value for bar in bars)), max(0.0, *(bar.value for bar in bars)))
        x = Scale(low, high, left, right)
        for at, (bar, value) in enumerate(zip(bars, values, strict=True)):
            _draw_bar(canvas, bar, value, x, at * _PITCH_PX)
        canvas.line(x(0), 0, x(0), len(bars) * _PITCH_PX - 8, "axis")

    return finish(
        Chart(name="categories", title=f"{axis} by {breakdown.category}", kind="bar"),
        _caption(breakdown, unit),
        draw,
        header=(breakdown.category, axis, "Rows"),
        rows=[(bar.name, figure(bar.value, unit), f"{bar.count:,}") for bar in bars],
        height=len(bars) * _PITCH_PX,
    )


def _draw_bar(canvas: Canvas, bar: Bar, value: str, x: Scale, top: float) -> None:
    baseline = top + _BAR_PX / 2 + TEXT_PX / 3
    canvas.text(x.start - 10, baseline, fit(bar.name, x.start - 10, _BOLD_PX), "" if bar.rest else "strong", "end")
    start, end = sorted((x(0), x(bar.value)))
    canvas.bar(start, top, max(end - start, 1.0), _BAR_PX, "rest" if bar.rest else "bar")
    canvas.text(end + 6, baseline, value)


def _bars(breakdown: Breakdown) -> Sequence[Bar]:
    groups = breakdown.groups
    bars = [Bar(tidy(group.name, _NAME_LENGTH), breakdown.value(group), group.count) for group in groups]
    if len(bars) <= _MOST_BARS:
        return bars
    rest = groups[_MOST_BARS - 1 :]
    count, total = sum(group.count for group in rest), sum(group.sum for group in rest)
    together = Bar(f"{len(rest)} others", total if breakdown.total else total / count, count, rest=True)
    return [*bars[: _MOST_BARS - 1], together]


def _caption(breakdown: Breakdown, unit: str) -> str:
    first, last = breakdown.groups[0], breakdown.groups[-1]
    names = [tidy(group.name, _NAME_LENGTH) for group in (first, last)]
    if not breakdown.total:
        return f"{names[0]} averages {figure(first.mean, unit)}, {names[1]} {figure(last.mean, unit)}."
    whole = sum(group.sum for group in breakdown.groups)
    if last.sum < 0:
        return f"{names[0]} comes to {figure(first.sum, unit)}, {names[1]} to {figure(last.sum, unit)}."
    return f"{names[0]} makes up {share(first.sum, whole)} of the total, {names[1]} {share(last.sum, whole)}."
