"""An ad from a template: a product's picture, a headline, a price. Drawn with Pillow; the same order, the same ad."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from PIL import Image, ImageDraw

from jobrunner import JobError
from jobrunner.examples.lettering import font, wrapped, writable

Colour = tuple[int, int, int]
Check = Callable[[float], None]
Box = tuple[int, int, int, int]

_SCALE = 2  # drawn larger and made smaller
_LINES = 3


@dataclass(frozen=True, slots=True)
class _Template:
    """Where things stand, in shares of width and height: the boxes of picture and text, how high the headline is."""

    size: tuple[int, int]
    picture: tuple[float, float, float, float]
    text: tuple[float, float, float, float]
    headline: float  # of the height


@dataclass(frozen=True, slots=True)
class _Scheme:
    """Colours that go together."""

    back: Colour
    panel: Colour
    ink: Colour
    accent: Colour
    on_accent: Colour


TEMPLATES: dict[str, _Template] = {
    "square": _Template((1080, 1080), (0.2, 0.05, 0.8, 0.65), (0.07, 0.68, 0.93, 0.94), 0.07),
    "story": _Template((1080, 1920), (0.08, 0.12, 0.92, 0.6), (0.09, 0.66, 0.91, 0.92), 0.05),
    "banner": _Template((1200, 628), (0.55, 0.06, 0.97, 0.94), (0.06, 0.16, 0.56, 0.86), 0.11),
    "leaderboard": _Template((1456, 180), (0.02, 0.04, 0.14, 0.96), (0.185, 0.1, 0.98, 0.9), 0.27),
}
_SCHEMES = (
    _Scheme((240, 233, 222), (228, 218, 203), (38, 48, 47), (38, 58, 64), (246, 240, 230)),
    _Scheme((31, 46, 51), (222, 203, 172), (243, 236, 224), (226, 178, 112), (31, 46, 51)),
    _Scheme((216, 227, 221), (200, 215, 208), (29, 52, 50), (176, 84, 52), (255, 247, 238)),
    _Scheme((247, 214, 176), (240, 198, 152), (66, 36, 24), (66, 36, 24), (252, 238, 219)),
)


class Words(NamedTuple):
    """What is written on an ad; brand and price may be empty."""

    headline: str
    brand: str
    price: str


def draw_ad(kind: str, scheme: int, picture: bytes | None, words: Words, check: Check) -> bytes:
    """Return an ad as PNG; `check` hears its percentage.

    Raises JobError TEXT_TOO_LONG for a headline that cannot be read in its place, BAD_PICTURE for what is no picture.
    """
    template, colours = TEMPLATES[kind], _SCHEMES[scheme % len(_SCHEMES)]
    width, height = (side * _SCALE for side in template.size)
    ad = Image.new("RGB", (width, height), colours.back)
    box = _box(template.picture, ad)
    _panel(ad, box, colours, kind)
    check(20)
    if picture is not None:
        _place(ad, picture, box)
    check(50)
    _write(ad, template, colours, words)
    check(80)
    file = io.BytesIO()
    ad.reduce(_SCALE).save(file, "PNG")
    return file.getvalue()


def _panel(ad: Image.Image, box: Box, colours: _Scheme, kind: str) -> None:
    """Put a circle, or a field, behind the product."""
    pen = ImageDraw.Draw(ad)
    left, top, right, bottom = box
    if kind == "leaderboard":
        pen.rectangle((0, 0, right + left, ad.height), fill=colours.panel)
        return
    radius = min(right - left, bottom - top) * 0.5
    x, y = (left + right) / 2, (top + bottom) / 2
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colours.panel)


def _place(ad: Image.Image, picture: bytes, box: Box) -> None:
    try:
        product = Image.open(io.BytesIO(picture)).convert("RGBA")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise JobError("BAD_PICTURE", "The picture of the product cannot be read.", retryable=False) from error
    room = (box[2] - box[0], box[3] - box[1])
    share = min(room[0] / product.width, room[1] / product.height)
    product = product.resize((max(1, round(product.width * share)), max(1, round(product.height * share))))
    at = (box[0] + (room[0] - product.width) // 2, box[1] + (room[1] - product.height) // 2)
    ad.paste(product, at, product)


def _write(ad: Image.Image, template: _Template, colours: _Scheme, words: Words) -> None:
    """Write the brand, the headline below it, and the price on a label: one below the other, or side by side."""
    headline, brand, price = words
    left, top, right, bottom = _box(template.text, ad)
    pen, flat = ImageDraw.Draw(ad), template.size[0] > 4 * template.size[1]
    small = font(round(template.headline * ad.height * 0.42))
    label = _label_width(price, template, ad)
    room = right - left - (label + ad.height // 4 if flat else 0)
    lines, size = _fitted(headline, room, template.headline * ad.height, 1 if flat else _LINES)
    y = top + (ad.height // 10 if flat else 0)
    pen.text((left, y), writable(brand, small), font=small, fill=colours.accent)
    y += round(small.size * 1.7)
    for line in lines:
        pen.text((left, y), line, font=font(size, bold=True), fill=colours.ink)
        y += round(size * 1.18)
    if price:
        place = (
            (right - label, ad.height // 2) if flat else (left, bottom - round(template.headline * ad.height * 0.55))
        )
        _label(ad, place, price, template, colours)


def _fitted(text: str, width: float, size: float, most: int) -> tuple[list[str], int]:
    """Break a headline into lines, smaller where it is long."""
    for share in (1, 0.88, 0.76, 0.66, 0.58):
        wanted = round(size * share)
        lines = wrapped(text, font(wanted, bold=True), width)
        widest = max((font(wanted, bold=True).getlength(line) for line in lines), default=0)
        if len(lines) <= most and widest <= width:
            return lines, wanted
    message = f'"{text}" is too long to be read on an ad of this format. Say it in fewer words.'
    raise JobError("TEXT_TOO_LONG", message, retryable=False)


def _label_width(price: str, template: _Template, ad: Image.Image) -> int:
    written = font(round(template.headline * ad.height * 0.55), bold=True)
    return round(written.getlength(writable(price, written)) + written.size * 1.6) if price else 0


def _label(ad: Image.Image, at: tuple[int, int], price: str, template: _Template, colours: _Scheme) -> None:
    """Write a price on a round label, whose left side and middle height are given."""
    written = font(round(template.headline * ad.height * 0.55), bold=True)
    half, width = round(written.size * 0.9), _label_width(price, template, ad)
    pen = ImageDraw.Draw(ad)
    pen.rounded_rectangle((at[0], at[1] - half, at[0] + width, at[1] + half), radius=half, fill=colours.accent)
    pen.text((at[0] + width / 2, at[1]), writable(price, written), font=written, fill=colours.on_accent, anchor="mm")


def _box(shares: tuple[float, float, float, float], ad: Image.Image) -> Box:
    left, top, right, bottom = shares
    return round(left * ad.width), round(top * ad.height), round(right * ad.width), round(bottom * ad.height)
