"""Which cells say that there is no value; the one place that knows."""

from __future__ import annotations

_WORDS = (
    "na",
    "n/a",
    "nan",
    "null",
    "none",
    "nil",
    "missing",
    "#n/a",
    "#null!",
    "#div/0!",
    "#value!",
    "#ref!",
    "#name?",
    "#num!",
)
_SIGNS = ("", "-", "--", "---", "\N{EN DASH}", "\N{EM DASH}", "?", ".", "\\N")

MISSING = (
    frozenset(_SIGNS) | {spelling for word in _WORDS for spelling in (word, word.upper(), word.capitalize())} | {"NaN"}
)
