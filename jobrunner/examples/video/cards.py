"""The cards of a film, drawn by Pillow: a heading, a text and a colour for each scene. Knows neither sound nor time."""

from __future__ import annotations

import colorsys
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw

from jobrunner.examples.lettering import Font, font, wrapped, writable

Colour = tuple[int, int, int]
WHITE, PALE = (255, 255, 255), (205, 215, 230)
FIRST_HUE, NEXT_HUE = 0.60, 0.13  # of a circle: neighbours are told apart, and the first is blue


class Block(NamedTuple):
    """Lines in one font."""

    lines: list[str]
    face: Font
    colour: Colour
    leading: int

    @property
    def height(self) -> int:
        """Return the pixels from the first line to the last."""
        return len(self.lines) * self.leading


def draw(path: Path, size: tuple[int, int], title: str, heading: str, text: str, at: int, scenes: int) -> None:
    """Draw the card of a scene as PNG; scene 0 is the title's own."""
    image = _ground(size, (FIRST_HUE + NEXT_HUE * at) % 1.0)
    pen = ImageDraw.Draw(image)
    unit = size[1] // 36
    margin, width = 3 * unit, size[0] - 6 * unit
    if at == 0:
        _write(pen, [_block(heading, 4 * unit, width, WHITE, bold=True)], margin, size[1])
    else:
        _label(pen, f"{at} / {scenes}", margin, 2 * unit, unit)
        _write(pen, [_block(heading, 3 * unit, width, WHITE, bold=True), _fitting(text, unit, size)], margin, size[1])
        _label(pen, title, margin, size[1] - 4 * unit, unit)
    image.save(path)


def _ground(size: tuple[int, int], hue: float) -> Image.Image:
    """Return a ground that grows darker downwards."""
    top, bottom = _colour(hue, 0.62, 0.46), _colour(hue, 0.75, 0.16)
    shade = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), shade)


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = (round(255 * each) for each in colorsys.hsv_to_rgb(hue, saturation, value))
    return red, green, blue


def _block(text: str, pixels: int, width: int, colour: Colour, *, bold: bool = False) -> Block:
    face = font(pixels, bold=bold)
    return Block(wrapped(_breakable(text, face, width), face, width), face, colour, round(1.3 * pixels))


def _breakable(text: str, face: Font, width: int) -> str:
    """Return a text in which no word is wider than a line."""
    words = writable(text, face).split()
    return " ".join(word if face.getlength(word) <= width else _broken(word, face, width) for word in words)


def _broken(word: str, face: Font, width: int) -> str:
    pieces = [""]
    for letter in word:
        if face.getlength(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return " ".join(pieces)


def _fitting(text: str, unit: int, size: tuple[int, int]) -> Block:
    """Return a text in the largest letters in which it has room; one that has none even so loses its end."""
    width, room = size[0] - 6 * unit, 18 * unit
    pixels = next((each for each in range(2 * unit, unit // 2, -2) if _fits(text, each, width, room)), unit // 2 + 1)
    block = _block(text, pixels, width, PALE)
    return block._replace(lines=block.lines[: room // block.leading])


def _fits(text: str, pixels: int, width: int, room: int) -> bool:
    return _block(text, pixels, width, PALE).height <= room


def _write(pen: ImageDraw.ImageDraw, blocks: list[Block], left: int, height: int) -> None:
    """Write blocks below each other, the whole of them in the middle."""
    gap = blocks[0].leading // 3
    top = (height - sum(block.height for block in blocks) - gap * (len(blocks) - 1)) // 2
    for block in blocks:
        for line in block.lines:
            pen.text((left, top), line, font=block.face, fill=block.colour)
            top += block.leading
        top += gap


def _label(pen: ImageDraw.ImageDraw, text: str, left: int, top: int, unit: int) -> None:
    face = font(round(1.2 * unit))
    pen.text((left, top), writable(text, face), font=face, fill=PALE)
