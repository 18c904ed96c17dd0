"""What a prompt asks for: colours, and what there is to see. What it does not say is left to the dice."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

Colour = tuple[int, int, int]
Motif = Literal["hills", "waves", "forest", "city", "garden", "dunes", "orbits", "tiles"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of a scene: the sky from top to horizon, what shines in it, the land from far to near, an accent."""

    top: Colour
    horizon: Colour
    light: Colour
    far: Colour
    near: Colour
    accent: Colour


@dataclass(frozen=True, slots=True)
class Mood:
    """What is to be painted: `stars` in the sky, a `moon` instead of a sun, `birds`."""

    palette: str
    motif: Motif
    stars: bool
    moon: bool
    birds: bool


def _palette(*colours: str) -> Palette:
    return Palette(*((int(one[:2], 16), int(one[2:4], 16), int(one[4:], 16)) for one in colours))


PALETTES = {
    "dawn": _palette("8fb8de", "fbe3c8", "fff4d6", "b9b7d3", "43476b", "f08a6c"),
    "sunset": _palette("3b2a63", "f6926b", "ffd98a", "a8567b", "2a1b3d", "ffb45c"),
    "sea": _palette("cfe9ec", "f6f1dd", "fff7e3", "7fbcc4", "0f4c5c", "f2a65a"),
    "forest": _palette("d3e4d0", "f4efd5", "fff6cf", "86a98a", "1f3d33", "e0a458"),
    "night": _palette("0b1330", "35457a", "f4ecd2", "3c4a78", "0a0f24", "ffcf6b"),
    "winter": _palette("b8cde2", "f3f1f4", "ffffff", "aebfd4", "46587a", "d9707a"),
    "desert": _palette("f3c9a0", "fbe9cf", "fff3d9", "dd9c6c", "7c3f2c", "2f7f86"),
    "spring": _palette("cfe6f5", "fdeee6", "fff8e0", "a9cfa0", "3e6b48", "ef7fa0"),
    "fire": _palette("2a0e18", "c8402f", "ffca5f", "8a2631", "1d0a12", "ff8a3c"),
    "mint": _palette("e4f3ee", "fbf6ea", "fffaf0", "9fcfc0", "25585a", "f4777f"),
}

_COLOURS = {
    "dawn": "dawn morning sunrise early pink lilac lavender mist fog",
    "sunset": "sunset evening dusk orange purple warm autumn fall october",
    "sea": "sea ocean lake water river wave waves beach boat ship blue island",
    "forest": "forest tree trees wood woods jungle green pine moss",
    "night": "night moon star stars midnight dark space galaxy planet planets dream",
    "winter": "winter snow ice cold frost white arctic christmas",
    "desert": "desert sand dune dunes sahara camel dry summer heat mars",
    "spring": "spring flower flowers garden meadow bloom rose roses tulip tulips may",
    "fire": "fire volcano lava red dragon flame flames hell storm",
    "mint": "mint fresh modern abstract pattern geometry jazz music",
}
_MOTIFS: dict[Motif, str] = {
    "hills": "hill hills mountain mountains valley alps landscape peak volcano dragon",
    "waves": "sea ocean lake water river wave waves beach boat ship island storm",
    "forest": "forest tree trees wood woods jungle pine fox deer wolf",
    "city": "city town street house houses skyline tower roof roofs paris london tokyo berlin york metropolis",
    "garden": "flower flowers garden meadow bloom rose roses tulip tulips spring field bee bees butterfly",
    "dunes": "desert sand dune dunes sahara camel mars",
    "orbits": "space galaxy planet planets orbit orbits atom universe music jazz time",
    "tiles": "abstract pattern geometry tile tiles bauhaus modern mosaic quilt",
}
_STARS = ["night", "star", "stars", "midnight", "space", "galaxy", "dream", "dark"]
_MOON = ["night", "moon", "midnight", "winter", "dream"]
_BIRDS = [
    "bird",
    "birds",
    "morning",
    "sea",
    "beach",
    "swallow",
    "swallows",
    "gull",
    "gulls",
    "spring",
    "autumn",
    "freedom",
]


def read(prompt: str, dice: random.Random) -> Mood:
    """Find in a prompt what it asks for; the dice decide the rest."""
    words = re.findall(r"\w+", prompt.lower())
    palette = _named(words, _COLOURS) or dice.choice(sorted(_COLOURS))
    motif: Motif | None = _named(words, _MOTIFS)
    return Mood(
        palette=palette,
        motif=dice.choice(sorted(_MOTIFS)) if motif is None else motif,
        stars=_any(words, _STARS) or palette == "night",
        moon=_any(words, _MOON),
        birds=_any(words, _BIRDS),
    )


def mixed(a: Colour, b: Colour, share: float) -> Colour:
    """Return the colour at a share of the way from one to another."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def _named(words: Iterable[str], known: dict[T, str]) -> T | None:
    """Return what the first known word of a prompt stands for."""
    return next((name for word in words for name, meant in known.items() if word in meant.split()), None)


def _any(words: Iterable[str], known: Iterable[str]) -> bool:
    return not set(known).isdisjoint(words)
