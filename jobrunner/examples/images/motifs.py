"""What there is to see in a picture, a layer at a time: `depth` is 0 for the farthest and 1 for the nearest."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw

from .mood import Colour, Motif, Palette, mixed

Point = tuple[float, float]
Ridge = Sequence[Point]
_CORNERS = ((0, 0, 0), (1, 0, 90), (0, 1, 270), (1, 1, 180))  # right, down, and where a quarter circle begins
Layer = Callable[[Image.Image, Palette, float, random.Random], None]


def draw(motif: Motif, picture: Image.Image, palette: Palette, depth: float, dice: random.Random) -> None:
    """Draw one layer of a motif."""
    _LAYERS[motif](picture, palette, depth, dice)


def _hills(picture: Image.Image, palette: Palette, depth: float, dice: random.Random) -> None:
    height = picture.height
    swing = height * (0.085 - 0.04 * depth)
    ridge = _ridge(picture, 0.5 + 0.42 * depth, swing, (2, 5, 11), dice)
    _land(picture, ridge, palette, depth)


def _dunes(picture: Image.Image, palette: Palette, depth: float, dice: random.Random) -> None:
    ridge = _ridge(picture, 0.55 + 0.38 * depth, picture.height * 0.07, (1, 2), dice)
    _land(picture, ridge, palette, depth)
    lit = mixed(_colour(palette, depth), palette.light, 0.3)
    ImageDraw.Draw(picture).line(ridge, fill=lit, width=max(2, picture.width // 500), joint="curve")


def _waves(picture: Image.Image, palette: Palette, depth: float, dice: random.Random) -> None:
    ridge = _ridge(picture, 0.55 + 0.38 * depth, picture.height * (0.008 + 0.034 * depth), (3, 5, 8), dice)
    _land(picture, ridge, palette, depth)
    foam = mixed(_colour(palette, depth), palette.light, 0.6)
    ImageDraw.Draw(picture).line(ridge, fill=foam, width=round(1 + picture.width * 0.003 * depth), joint="curve")
    if 0.35 < depth < 0.45:  # noqa: PLR2004 - one of the layers in the middle carries it
        _boat(picture, palette, ridge, dice)


def _boat(picture: Image.Image, palette: Palette, ridge: Ridge, dice: random.Random) -> None:
    x, y = ridge[round(len(ridge) * dice.uniform(0.3, 0.7))]
    unit, pen = picture.width * 0.03, ImageDraw.Draw(picture)
    pen.polygon([(x - unit, y), (x + unit, y), (x + unit * 0.6, y + unit * 0.45), (x - unit * 0.6, y + unit * 0.45)],
                fill=palette.near)  # fmt: skip
    pen.polygon([(x, y - unit * 2.2), (x, y - unit * 0.15), (x + unit * 0.95, y - unit * 0.15)], fill=palette.light)
    mast, foot = x - unit * 0.1, y - unit * 0.15
    pen.polygon([(mast, y - unit * 1.8), (mast, foot), (x - unit * 0.75, foot)], fill=palette.accent)


def _forest(picture: Image.Image, palette: Palette, depth: float, dice: random.Random) -> None:
    ridge = _ridge(picture, 0.56 + 0.42 * depth, picture.height * 0.05, (1, 3, 7), dice)
    _land(picture, ridge, palette, depth)
    pen, colour = ImageDraw.Draw(picture), _colour(palette, depth)
    for _ in range(round(60 - 44 * depth)):
        x, y = dice.choice(ridge)
        _tree(
            pen, (x, y + picture.height * 0.01), picture.height * dice.uniform(0.05, 0.09) * (0.8 + 2 * depth), colour
        )


def _tree(pen: ImageDraw.ImageDraw, foot: Point, height: float, colour: Colour) -> None:
    x, y = foot
    for step in range(4):
        top, half = y - height * (1 - 0.2 * step), height * (0.1 + 0.055 * step)
        pen.polygon([(x, top), (x - half, top + height * 0.4), (x + half, top + height * 0.4)], fill=colour)


def _city(picture: Image.Image, palette: Palette, depth: float, dice: random.Random) -> None:
    pen, (width, height) = ImageDraw.Draw(picture), picture.size
    colour, x = _colour(palette, depth), -width * 0.02
    while x < width:
        wide = width * dice.uniform(0.03, 0.07) * (0.8 + 0.7 * depth)
        top = height * (0.42 + 0.4 * depth + dice.uniform(-0.13, 0.1) * (1.2 - 0.6 * depth))
        pen.rectangle((x, top, x + wide, height), fill=colour)
        _roof(pen, (x, top, wide), colour, dice)
        if depth > 0.3:  # noqa: PLR2004 - farther windows cannot be seen
            _windows(pen, (x, top, wide, height), mixed(colour, palette.accent, 0.35 + 0.55 * depth), dice)
        x += wide + width * dice.uniform(0, 0.008)


def _roof(pen: ImageDraw.ImageDraw, place: tuple[float, float, float], colour: Colour, dice: random.Random) -> None:
    x, top, wide = place
    kind = dice.randrange(4)
    if kind == 0:
        pen.polygon([(x, top), (x + wide, top), (x + wide / 2, top - wide * 0.5)], fill=colour)
    elif kind == 1:
        pen.rectangle((x + wide * 0.46, top - wide * 0.8, x + wide * 0.54, top), fill=colour)


def _windows(
    pen: ImageDraw.ImageDraw, place: tuple[float, float, float, float], colour: Colour, dice: random.Random
) -> None:
    x, top, wide, bottom = place
    cell = wide / 5
    for row in range(int((bottom - top) / (cell * 1.7))):
        for column in range(4):
            if dice.random() < 0.3:  # noqa: PLR2004 - so many are lit
                left, upper = x + cell * (0.7 + column), top + cell * (0.9 + row * 1.7)
                pen.rectangle((left, upper, left + cell * 0.55, upper + cell * 0.8), fill=colour)


def _garden(picture: Image.Image, palette: Palette, depth: float, dice: random.Random) -> None:
    ridge = _ridge(picture, 0.58 + 0.42 * depth, picture.height * 0.04, (1, 2, 5), dice)
    _land(picture, ridge, palette, depth)
    if depth == 0:
        return
    pen, colour = ImageDraw.Draw(picture), _colour(palette, depth)
    for _ in range(round(34 - 20 * depth)):
        x, y = dice.choice(ridge)
        y += picture.height * dice.uniform(0, 0.05)
        size = picture.height * dice.uniform(0.012, 0.022) * (0.5 + 1.6 * depth)
        head = (x + dice.uniform(-1, 1) * size, y - size * dice.uniform(3, 6))
        pen.line([(x, y), head], fill=mixed(colour, palette.near, 0.4), width=max(2, round(size / 5)))
        _flower(pen, head, size, mixed(dice.choice((palette.accent, palette.light, palette.top)), palette.accent, 0.3),
                palette.light)  # fmt: skip


def _flower(pen: ImageDraw.ImageDraw, at: Point, size: float, colour: Colour, middle: Colour) -> None:
    for petal in range(6):
        x, y = at[0] + size * math.cos(petal * math.pi / 3), at[1] + size * math.sin(petal * math.pi / 3)
        pen.ellipse((x - size * 0.62, y - size * 0.62, x + size * 0.62, y + size * 0.62), fill=colour)
    pen.ellipse((at[0] - size * 0.5, at[1] - size * 0.5, at[0] + size * 0.5, at[1] + size * 0.5), fill=middle)


def _orbits(picture: Image.Image, palette: Palette, depth: float, dice: random.Random) -> None:
    pen, (width, height) = ImageDraw.Draw(picture), picture.size
    radius = min(width, height) * (0.16 + 0.33 * depth)
    x, y = width / 2, height / 2
    start, length = dice.uniform(0, 360), dice.uniform(120, 330)
    thick = round(min(width, height) * dice.uniform(0.004, 0.014))
    pen.arc((x - radius, y - radius, x + radius, y + radius), start, start + length,
            fill=mixed(_colour(palette, depth), palette.light, 0.25), width=thick)  # fmt: skip
    angle, size = math.radians(start + length), min(width, height) * dice.uniform(0.014, 0.042)
    planet = (x + radius * math.cos(angle), y + radius * math.sin(angle))
    pen.ellipse((planet[0] - size, planet[1] - size, planet[0] + size, planet[1] + size),
                fill=dice.choice((palette.accent, palette.near, palette.far, palette.light)))  # fmt: skip


def _tiles(picture: Image.Image, palette: Palette, depth: float, dice: random.Random) -> None:
    """Lay some rows of quarter circles, as on a floor; all layers together cover it."""
    pen, (width, height) = ImageDraw.Draw(picture), picture.size
    side = width / 8
    rows = math.ceil(height / side)
    colours = (palette.top, palette.horizon, palette.light, palette.far, palette.near, palette.accent)
    for row in range(rows):
        if min(5, row * 6 // rows) != round(depth * 5):
            continue
        for column in range(8):
            x, y = column * side, row * side
            back, front = dice.sample(colours, 2)
            pen.rectangle((x, y, x + side, y + side), fill=back)
            _tile(pen, (x, y), side, dice.randrange(len(_CORNERS) + 1), front)


def _tile(pen: ImageDraw.ImageDraw, at: Point, side: float, corner: int, colour: Colour) -> None:
    """Draw a quarter circle around one of the corners, or else a small circle in the middle."""
    x, y = at
    if corner == len(_CORNERS):
        pen.ellipse((x + side * 0.14, y + side * 0.14, x + side * 0.86, y + side * 0.86), fill=colour)
        return
    right, down, start = _CORNERS[corner]
    x, y = x + side * right, y + side * down
    pen.pieslice((x - side, y - side, x + side, y + side), start, start + 90, fill=colour)


def _ridge(picture: Image.Image, level: float, swing: float, waves: Sequence[int], dice: random.Random) -> list[Point]:
    """Return a line from side to side around a level: several waves, each shorter one lower than the one before."""
    width, height = picture.size
    parts = [(wave * dice.uniform(0.7, 1.3), dice.uniform(0, 2 * math.pi), 0.6**at) for at, wave in enumerate(waves)]

    def y(x: float) -> float:
        return sum(weight * math.sin(wave * math.pi * x / width + phase) for wave, phase, weight in parts)

    return [(x, level * height + swing * y(x)) for x in range(0, width + 8, 8)]


def _land(picture: Image.Image, ridge: Ridge, palette: Palette, depth: float) -> None:
    """Fill what is below a ridge, with mist at its foot where it is far away."""
    width, height = picture.size
    top = min(height - 1, max(0, round(min(y for _, y in ridge))))
    size = (width, height - top)
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).polygon([(x, y - top) for x, y in ridge] + [(width, size[1]), (0, size[1])], fill=255)
    clear, misty = _colour(palette, depth), mixed(_colour(palette, depth), palette.horizon, 0.75 * (1 - depth))
    mist = Image.linear_gradient("L").point(lambda value: min(255, value * 2)).resize(size)
    picture.paste(Image.composite(Image.new("RGB", size, misty), Image.new("RGB", size, clear), mist), (0, top), mask)


def _colour(palette: Palette, depth: float) -> Colour:
    return mixed(palette.far, palette.near, depth**0.9)


_LAYERS: dict[Motif, Layer] = {
    "hills": _hills,
    "waves": _waves,
    "forest": _forest,
    "city": _city,
    "garden": _garden,
    "dunes": _dunes,
    "orbits": _orbits,
    "tiles": _tiles,
}
