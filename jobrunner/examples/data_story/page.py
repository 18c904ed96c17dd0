"""The finished story as one HTML file: no script, nothing from elsewhere, every text of the data escaped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

from .analysis import Analysis
from .charts.drawing import Drawing
from .charts.sparkline import draw_shares, draw_sparkline
from .charts.svg import STYLE
from .columns import finite
from .headlines import Headline, headlines
from .narrative import Section
from .outliers import farthest
from .story import ColumnStatistics, Correlation
from .wording import amount, figure, share

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
_COLUMNS = 100
_OUTLIERS = 8
_CORRELATIONS = 6


def make_page(
    title: str, source: str, analysis: Analysis, sections: Sequence[Section], drawings: Sequence[Drawing]
) -> str:
    """Return the whole page."""
    charts = {drawing.chart.name: _figure(drawing) for drawing in drawings}
    tables = {"correlation": _links(analysis.correlations[:_CORRELATIONS]), "outliers": _outliers(analysis)}
    lead, *others, reading = sections
    told = [_section(section, charts.get(section.subject, ""), tables.get(section.subject, "")) for section in others]
    body = [
        _head(title, source, lead.narrative.text),
        _tiles(headlines(analysis)),
        *told,
        _columns(analysis),
        _section(reading, "", ""),
        "</main>\n<footer>Made by the data story example of jobrunner.</footer>",
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_stylesheet()}\n{STYLE}\n</style>\n</head>\n<body>\n"
        f"{''.join(body)}\n</body>\n</html>\n"
    )


@cache
def _stylesheet() -> str:
    return Path(__file__).with_name("page.css").read_text(encoding="utf-8")


def _head(title: str, source: str, lead: str) -> str:
    return (
        f'<header class="head"><p class="eyebrow">Data story</p><h1>{escape(title)}</h1>'
        f'<p class="lead">{escape(lead)}</p><p class="source">From {escape(source)}</p></header>\n<main>\n'
    )


def _tiles(found: Sequence[Headline]) -> str:
    tiles = "".join(
        f"<div><dt>{escape(one.label)}</dt><dd><strong>{escape(one.value)}</strong><span>{escape(one.note)}</span></dd></div>"
        for one in found
    )
    return f'<dl class="tiles">{tiles}</dl>\n'


def _section(section: Section, figure: str, table: str) -> str:
    """Put a section's text beside its figure, or alone; a table stands below both."""
    said = f"<h2>{escape(section.narrative.heading)}</h2><p>{escape(section.narrative.text)}</p>"
    card = "card" if figure else "card plain"
    return f'<section class="{card}"><div class="said">{said}</div>{figure}{table}</section>\n'


def _figure(drawing: Drawing) -> str:
    return (
        f'<figure><p class="chart-title">{escape(drawing.chart.title)}</p>'
        f'<div class="wide">{drawing.wide}</div><div class="narrow">{drawing.narrow}</div>'
        f"<figcaption>{escape(drawing.caption)}</figcaption>{_as_table(drawing)}</figure>"
    )


def _as_table(drawing: Drawing) -> str:
    if not drawing.rows:
        return ""
    table = _table(drawing.chart.title, drawing.header, [tuple(map(escape, row)) for row in drawing.rows])
    return f"<details><summary>Show as table</summary>{table}</details>"


def _columns(analysis: Analysis) -> str:
    header = ("Column", "Kind", "Shape", "Empty", "Different", "Typical", "Range")
    table = _table("Every column", header, [_column_row(analysis, column) for column in analysis.columns[:_COLUMNS]])
    more = len(analysis.columns) - _COLUMNS
    note = f"<p>{amount(more, 'more column')} in statistics.json.</p>" if more > 0 else ""
    return f'<section class="card plain every"><h2>Every column</h2>{table}{note}</section>\n'


def _column_row(analysis: Analysis, column: ColumnStatistics) -> tuple[str, ...]:
    different = f"{'more than ' if column.unique_is_minimum else ''}{column.unique:,}"
    kind = "identifier" if column.identifier else column.kind
    empty = share(column.missing, analysis.rows) if column.missing else "none"
    typical, reach = _typical(column), _reach(column)
    return (
        f"<b>{escape(column.name)}</b>", f'<span class="kind {column.kind}">{kind}</span>', _shape(analysis, column),
        empty, different, escape(typical), escape(reach),
    )  # fmt: skip


def _shape(analysis: Analysis, column: ColumnStatistics) -> str:
    values = finite(analysis.samples.get(column.name, ()))
    if values and not column.identifier:
        return draw_sparkline(values)
    return (
        draw_shares([top.count for top in column.top_values], column.top_values[0].count) if column.top_values else ""
    )


def _typical(column: ColumnStatistics) -> str:
    if column.identifier or column.kind in ("text", "date"):
        return ""
    if column.median is not None:
        return f"median {figure(column.median, column.unit)}"
    return ", ".join(f"{top.value} ({share(top.count, column.count)})" for top in column.top_values[:2])


def _reach(column: ColumnStatistics) -> str:
    ends = [value for value in (column.min, column.max) if value is not None]
    unit = column.unit
    return " to ".join(
        f"{end:.0f}" if column.identifier and isinstance(end, float) else _end(end, unit) for end in ends
    )


def _end(value: float | str, unit: str) -> str:
    return figure(value, unit) if isinstance(value, float) else str(value)


def _outliers(analysis: Analysis) -> str:
    rows = [
        (
            f"<b>{escape(one.column)}</b>",
            escape(figure(one.value, analysis.column(one.column).unit)),
            f"{one.row:,}",
            f"{one.score:,.1f}",
        )
        for one in farthest(analysis.unusual)[:_OUTLIERS]
    ]
    note = "Distance in interquartile ranges from the nearer quartile; rows as a spreadsheet numbers them."
    table = _table("Unusual values", ("Column", "Value", "Row", "Distance"), rows)
    return f'<div class="below">{table}<p>{note}</p></div>' if rows else ""


def _links(correlations: Sequence[Correlation]) -> str:
    rows = [
        (f"<b>{escape(one.a)}</b>", f"<b>{escape(one.b)}</b>", _meter(one.r), f"{one.r:.2f}", f"{one.n:,}")
        for one in correlations
    ]
    table = _table("How closely numbers are linked", ("Column", "and column", "Link", "r", "Rows"), rows)
    return f'<div class="below">{table}</div>' if len(rows) > 1 else ""


def _meter(r: float) -> str:
    side = "up" if r >= 0 else "down"
    return f'<span class="meter" aria-hidden="true"><i class="{side}" style="width:{abs(r) * 50:.1f}%"></i></span>'


def _table(name: str, header: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    """Make a table of cells that are markup already; on a narrow screen it scrolls in its own box."""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in header)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    label = escape(name)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
