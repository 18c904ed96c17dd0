"""A canvas for SVG: shapes by role, colours by stylesheet. The one place where text becomes markup, escaped."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

TEXT_PX = 12

_NARROW = frozenset("ijltfrI.,:;'|!()[]1 ")
_BROAD = frozenset("mwMWGOQ@%&\u2014")
_NARROW_EM, _USUAL_EM, _CAPITAL_EM, _BROAD_EM, _FULL_EM = 0.36, 0.58, 0.68, 0.9, 1.05

STYLE = Path(__file__).with_name("chart.css").read_text(encoding="utf-8")
"""The colours of all charts, in light and in dark; only rules below `.chart`."""


@dataclass(slots=True)
class Canvas:
    """A drawing in the making. Mutable: its elements."""

    width: float
    height: float
    _elements: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, content: str, role: str = "", anchor: str = "start") -> None:
        """Write a text with its baseline at y."""
        named = f' class="{role}"' if role else ""
        self._elements.append(f'<text x="{x:.1f}" y="{y:.1f}"{named} text-anchor="{anchor}">{escape(content)}</text>')

    def line(self, x1: float, y1: float, x2: float, y2: float, role: str) -> None:
        """Draw a straight line."""
        self._elements.append(f'<path class="{role}" d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"/>')

    def curve(self, points: Sequence[tuple[float, float]], role: str, *, end: str = "") -> None:
        """Draw a line through points; `end` is what follows in the path, such as the way back of an area."""
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self._elements.append(f'<path class="{role}" d="M{path}{end}"/>')

    def bar(self, x: float, y: float, width: float, height: float, role: str = "bar") -> None:
        """Draw a rectangle with slightly rounded corners."""
        radius = min(2.0, width / 3, height / 3)
        size = f'width="{max(width, 0):.1f}" height="{max(height, 0):.1f}"'
        self._elements.append(f'<rect class="{role}" x="{x:.1f}" y="{y:.1f}" {size} rx="{radius:.1f}"/>')

    def dot(self, x: float, y: float, radius: float, role: str) -> None:
        """Draw a disc."""
        self._elements.append(f'<circle class="{role}" cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/>')

    def svg(self, name: str, title: str, description: str) -> str:
        """Return the drawing, with title and description for those who do not see it; `name` keeps its ids unique."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {self.width:g} {self.height:g}"'
            f' role="img" aria-labelledby="{name}-title {name}-desc">'
            f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
            f"{''.join(self._elements)}</svg>"
        )

    def plain(self) -> str:
        """Return the drawing as an ornament, hidden from screen readers."""
        box = f'viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}" height="{self.height:g}"'
        return f'<svg class="chart spark" {box} aria-hidden="true">{"".join(self._elements)}</svg>'


def as_file(drawing: str, width: float, height: float, title: str) -> str:
    """Make a drawing a file of its own: with a ground, a heading and its colours."""
    pad, head = 20, 52
    whole = f"{width + 2 * pad:g} {height + head + pad:g}"
    inner = drawing.replace("<svg ", f'<svg x="{pad}" y="{head}" width="{width:g}" height="{height:g}" ', 1)
    heading = escape(fit(title, width, size=16))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 {whole}"><style>{STYLE}</style>'
        f'<rect class="ground" width="100%" height="100%" rx="8"/>'
        f'<text class="heading" x="{pad}" y="34">{heading}</text>{inner}</svg>\n'
    )


def text_width(text: str, size: float = TEXT_PX) -> float:
    """Estimate how wide a text is, rather too wide than too narrow."""
    return size * sum(map(_em, text))


def fit(text: str, width: float, size: float = TEXT_PX) -> str:
    """Shorten a text until it is not wider than `width`."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "\u2026", size) > width:
        text = text[:-1]
    return text.rstrip() + "\u2026"


def _em(sign: str) -> float:
    if sign in _NARROW:
        return _NARROW_EM
    if sign in _BROAD:
        return _BROAD_EM
    if unicodedata.east_asian_width(sign) in "WF":
        return _FULL_EM
    return _CAPITAL_EM if sign.isupper() else _USUAL_EM
