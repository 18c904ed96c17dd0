"""From values to places: scales with round ticks, and the frame of a chart with its grid, ticks and titles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from jobrunner.examples.data_story.wording import with_unit

from .svg import TEXT_PX, Canvas, fit, text_width

_STEPS = (1.0, 2.0, 5.0, 10.0)
_MOST_TICKS = 12
_LETTERS = ((1e12, 1e12, "T"), (1e9, 1e9, "B"), (1e6, 1e6, "M"), (1e4, 1e3, "k"))
"""From which size on, what one letter stands for."""

_PLAIN = (1e-4, 1e15)
_GAP = 8
_FINEST = 1e-9


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight way from values (low to high) to places (start to end)."""

    low: float
    high: float
    start: float = 0.0
    end: float = 1.0

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        return self.start + (self.end - self.start) * ((value - self.low) / (self.high - self.low))

    def between(self, start: float, end: float) -> Scale:
        """Return the same values at other places."""
        return Scale(self.low, self.high, start, end)


@dataclass(frozen=True, slots=True)
class Frame:
    """The rectangle that a chart's values are drawn in."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Plane:
    """A canvas with its frame and the scales from values to places on it."""

    canvas: Canvas
    frame: Frame
    x: Scale
    y: Scale


def widened(low: float, high: float) -> tuple[float, float]:
    """Make a range that has a length, even for a single value, and one that floating point can divide."""
    if high - low > _FINEST * max(abs(low), abs(high)):
        return low, high
    around = abs(low) * 0.1 or 1.0
    return low - around, high + around


def round_scale(low: float, high: float, count: int = 5) -> tuple[Scale, list[float]]:
    """Widen a range to round numbers; return its scale and its ticks."""
    low, high = widened(low, high)
    step = round_step((high - low) / count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    marks = [at * step for at in range(first, min(last, first + _MOST_TICKS) + 1)]
    return Scale(marks[0], marks[-1]), marks


def ticks_inside(low: float, high: float, count: int = 6) -> list[float]:
    """Return round numbers in a range that stays as it is."""
    step = round_step((high - low) / count)
    first = math.ceil(low / step - 1e-9)
    last = min(math.floor(high / step + 1e-9), first + _MOST_TICKS)
    return [at * step for at in range(first, last + 1)]


def round_step(raw: float) -> float:
    """Return the next larger of 1, 2 and 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(raw))
    return next(step * power for step in _STEPS if step * power >= raw * (1 - 1e-9))


def labels(ticks: Sequence[float], unit: str = "") -> list[str]:
    """Write ticks alike: same scale, same decimals, no more of them than tell the ticks apart."""
    largest = max(map(abs, ticks), default=0.0)
    step = min((b - a for a, b in pairwise(ticks)), default=largest) or 1.0
    if not _PLAIN[0] <= largest < _PLAIN[1] and largest:
        return [with_unit(f"{tick:.3g}", _short(unit)) for tick in ticks]
    scale, letter = next(((scale, letter) for least, scale, letter in _LETTERS if largest >= least), (1.0, ""))
    decimals = max(0, min(-math.floor(math.log10(step / scale) + 1e-9), 6))
    return [_label(tick, scale, letter, decimals, unit) for tick in ticks]


def draw_frame(canvas: Canvas, y: Scale, ticks: Sequence[float], names: Sequence[str], title: str) -> Frame:
    """Draw the horizontal grid, its labels on the left, its title above; return what is left for the chart."""
    left = max(map(text_width, names), default=0.0) + _GAP
    frame = Frame(left, TEXT_PX * 2.0, canvas.width - _GAP, canvas.height - TEXT_PX * 3.6)
    canvas.text(0, TEXT_PX, fit(title, canvas.width))
    place = y.between(frame.bottom, frame.top)
    for tick, name in zip(ticks, names, strict=True):
        role = "axis" if tick == 0 else "grid"
        canvas.line(left, place(tick), frame.right, place(tick), role)
        canvas.text(left - _GAP, place(tick) + TEXT_PX / 3, name, anchor="end")
    return frame


def draw_bottom(canvas: Canvas, frame: Frame, places: Sequence[float], names: Sequence[str], title: str) -> None:
    """Write the labels below the chart, as many as have room, and the title below them."""
    free = -math.inf
    for place, name in zip(places, names, strict=True):
        half = text_width(name) / 2
        middle = min(max(place, half), canvas.width - half)
        if middle - half < free:
            continue
        canvas.line(place, frame.bottom, place, frame.bottom + 4, "axis")
        canvas.text(middle, frame.bottom + TEXT_PX * 1.5, name, anchor="middle")
        free = middle + half + _GAP
    canvas.line(frame.left, frame.bottom, frame.right, frame.bottom, "axis")
    canvas.text(
        (frame.left + frame.right) / 2, canvas.height - 4, fit(title, canvas.width - frame.left), anchor="middle"
    )


def _label(tick: float, scale: float, letter: str, decimals: int, unit: str) -> str:
    digits = f"{abs(tick) / scale:,.{decimals}f}"
    zero = not digits.strip("0.,")
    return ("-" if tick < 0 and not zero else "") + with_unit("0" if zero else digits + letter, _short(unit))


def _short(unit: str) -> str:
    return unit if len(unit) == 1 and not unit.isalpha() else ""
