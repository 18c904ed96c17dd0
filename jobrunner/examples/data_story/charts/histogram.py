"""How the values of one column are distributed: a histogram with the median marked."""

from __future__ import annotations

from collections.abc import Sequence

from jobrunner.examples.data_story.columns import quantiles
from jobrunner.examples.data_story.story import Chart
from jobrunner.examples.data_story.wording import amount, figure, share

from .axes import Frame, Scale, draw_bottom, draw_frame, labels, round_scale, ticks_inside
from .bins import Bins, make_bins
from .drawing import Drawing, finish
from .svg import TEXT_PX, Canvas, text_width


def draw_histogram(name: str, values: Sequence[float], unit: str, *, sampled: bool) -> Drawing:
    """Draw the distribution of a column; `sampled` says that the values are a sample of it."""
    bins = make_bins(values)
    lower, middle, upper = quantiles(values, (0.25, 0.5, 0.75))
    rows = "Rows in the sample" if sampled else "Rows"

    def draw(canvas: Canvas) -> None:
        y, ticks = round_scale(0, max(bins.counts))
        frame = draw_frame(canvas, y, ticks, labels(ticks), rows)
        x = Scale(bins.edge(0), bins.edge(len(bins.counts)), frame.left, frame.right)
        _draw_bars(canvas, bins, x, y.between(frame.bottom, frame.top))
        marks = [tick for tick in ticks_inside(x.low, x.high) if not bins.single or float(tick).is_integer()]
        draw_bottom(canvas, frame, list(map(x, marks)), labels(marks, unit), name if not unit else f"{name} ({unit})")
        _draw_guide(canvas, frame, x(middle), f"median {figure(middle, unit)}")

    caption = (
        f"Half of the values lie between {figure(lower, unit)} and {figure(upper, unit)}.{_beyond(bins, len(values))}"
    )
    return finish(
        Chart(name="distribution", title=f"How {name} is distributed", kind="histogram"),
        caption,
        draw,
        header=(name, rows, "Share"),
        rows=[
            (_range(bins, at, unit), f"{count:,}", share(count, len(values))) for at, count in enumerate(bins.counts)
        ],
    )


def _draw_bars(canvas: Canvas, bins: Bins, x: Scale, y: Scale) -> None:
    gap = min(2.0, (x(bins.edge(1)) - x.start) * 0.15)
    for at, count in enumerate(bins.counts):
        if count:
            left, right = x(bins.edge(at)) + gap / 2, x(bins.edge(at + 1)) - gap / 2
            canvas.bar(left, y(count), right - left, y(0) - y(count))


def _draw_guide(canvas: Canvas, frame: Frame, place: float, text: str) -> None:
    """Mark a place with a line from top to bottom and a text that stays inside."""
    if not frame.left <= place <= frame.right:
        return
    canvas.line(place, frame.top - 4, place, frame.bottom, "guide")
    room = frame.right - place > text_width(text) + TEXT_PX
    canvas.text(place + (6 if room else -6), frame.top + 4, text, "guide-text", "start" if room else "end")


def _range(bins: Bins, at: int, unit: str) -> str:
    if bins.single:
        return figure(round(bins.edge(at) + 0.5), unit)
    return f"{figure(bins.edge(at), unit)} to {figure(bins.edge(at + 1), unit)}"


def _beyond(bins: Bins, rows: int) -> str:
    beyond = bins.below + bins.above
    if not beyond:
        return ""
    side = "left" if not bins.above else "right" if not bins.below else "left or right"
    verb = "lies" if beyond == 1 else "lie"
    return f" {amount(beyond, 'value')} ({share(beyond, rows)}) {verb} beyond the {side} edge."
