"""A finished chart: drawn for broad and for narrow screens, its figures as a table, and one sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jobrunner.examples.data_story.story import Chart

from .svg import Canvas, as_file

WIDE = (720.0, 320.0)
NARROW = (340.0, 280.0)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart and all its forms. `header` and `rows` are its figures; none for a chart of single rows."""

    chart: Chart
    caption: str
    wide: str
    narrow: str
    file: str
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def finish(
    chart: Chart,
    caption: str,
    draw: Callable[[Canvas], None],
    *,
    header: Sequence[str] = (),
    rows: Sequence[tuple[str, ...]] = (),
    height: float | None = None,
) -> Drawing:
    """Draw a chart in all its forms."""
    wide, narrow = (Canvas(width, height or usual) for width, usual in (WIDE, NARROW))
    draw(wide)
    draw(narrow)
    broad = wide.svg(chart.name, chart.title, caption)
    return Drawing(
        chart=chart,
        caption=caption,
        wide=broad,
        narrow=narrow.svg(f"{chart.name}-narrow", chart.title, caption),
        file=as_file(broad, wide.width, wide.height, chart.title),
        header=tuple(header),
        rows=tuple(rows),
    )
