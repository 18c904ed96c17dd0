"""Pictures, painted with Pillow: a sky, something that shines in it, and a motif in layers from far to near.

The same brief always gives the same picture, byte for byte. It knows nothing of jobs: `check` is told how far the
picture is, and may raise to stop it.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from . import motifs
from .mood import PALETTES, Colour, Mood, Palette, mixed

SCALE = 2  # painted larger and made smaller: that is what smooths the edges
_LAYERS = 6

Check = Callable[[float], None]


def paint(mood: Mood, size: tuple[int, int], dice: random.Random, check: Check) -> bytes:
    """Return a picture as PNG."""
    palette = PALETTES[mood.palette]
    canvas = (size[0] * SCALE, size[1] * SCALE)
    picture = _gradient(canvas, palette.top, palette.horizon)
    check(0.1)
    _sky(picture, mood, palette, dice)
    check(0.25)
    for layer in range(_LAYERS):
        motifs.draw(mood.motif, picture, palette, layer / (_LAYERS - 1), dice)
        check(0.3 + 0.5 * (layer + 1) / _LAYERS)
    if mood.birds:
        _birds(picture, palette, dice)
    picture = _grained(picture.reduce(SCALE), dice)
    check(0.95)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def _gradient(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def _sky(picture: Image.Image, mood: Mood, palette: Palette, dice: random.Random) -> None:
    width, height = picture.size
    if mood.stars:
        _stars(picture, palette, dice)
    if mood.motif == "tiles":
        return
    radius = min(width, height) * dice.uniform(0.09, 0.15)
    x, y = width * dice.uniform(0.24, 0.76), height * dice.uniform(0.2, 0.4)
    if mood.motif == "orbits":
        x, y, radius = width / 2, height / 2, min(width, height) * 0.1
    _glow(picture, palette.light, (x, y), radius * 3.2)
    draw = ImageDraw.Draw(picture)
    draw.ellipse(_circle(x, y, radius), fill=palette.light)
    if mood.moon:
        shade = mixed(palette.light, palette.horizon, 0.35)
        for dx, dy, share in ((-0.35, -0.2, 0.22), (0.3, 0.3, 0.16), (0.1, -0.45, 0.1), (-0.2, 0.45, 0.12)):
            draw.ellipse(_circle(x + dx * radius, y + dy * radius, share * radius), fill=shade)


def _stars(picture: Image.Image, palette: Palette, dice: random.Random) -> None:
    draw, (width, height) = ImageDraw.Draw(picture), picture.size
    for _ in range(140):
        x, y, share = dice.uniform(0, width), dice.uniform(0, height * 0.7), dice.uniform(0.2, 0.9)
        colour = mixed(palette.top, palette.light, share)
        draw.ellipse(_circle(x, y, width * dice.uniform(0.0007, 0.0022)), fill=colour)


def _glow(picture: Image.Image, colour: Colour, at: tuple[float, float], radius: float) -> None:
    """Let a light spread softly into the sky."""
    side = max(2, round(2 * radius))
    light = ImageChops.invert(Image.radial_gradient("L")).point(lambda value: max(0, value - 75) * 0.55)
    mask = light.resize((side, side)).filter(ImageFilter.GaussianBlur(side / 40))
    picture.paste(Image.new("RGB", (side, side), colour), (round(at[0] - radius), round(at[1] - radius)), mask)


def _birds(picture: Image.Image, palette: Palette, dice: random.Random) -> None:
    draw, (width, height) = ImageDraw.Draw(picture), picture.size
    x, y = width * dice.uniform(0.2, 0.7), height * dice.uniform(0.14, 0.34)
    for _ in range(dice.randint(4, 7)):
        wing = width * dice.uniform(0.008, 0.016)
        at = (x + width * dice.uniform(-0.13, 0.13), y + height * dice.uniform(-0.07, 0.07))
        for side in (-1, 1):
            box = _circle(at[0] + side * wing, at[1], wing)
            draw.arc(box, *((200, 350) if side < 0 else (190, 340)), fill=palette.near, width=max(2, round(wing / 5)))


def _grained(picture: Image.Image, dice: random.Random) -> Image.Image:
    """Give it the grain of paper."""
    size = picture.size
    grain = Image.frombytes("L", size, dice.randbytes(size[0] * size[1])).point(lambda value: 121 + value * 14 // 255)
    return ImageChops.soft_light(picture, Image.merge("RGB", (grain, grain, grain)))


def _circle(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return x - radius, y - radius, x + radius, y + radius
