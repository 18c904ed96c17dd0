"""What is really seen: the pixels of a part of a page."""

from __future__ import annotations

import base64

from playwright.async_api import Browser, Locator

Pixels = list[tuple[int, ...]]


async def rows_of(browser: Browser, node: Locator, place: float | None = None) -> list[Pixels]:
    """Return what is seen of an element, as it moves, row by row; or the one row at a part of its height."""
    shot = base64.b64encode(await node.screenshot(animations="allow")).decode()
    page = await browser.new_page()
    rows = await page.evaluate(
        """async ([source, place]) => { const image = new Image(); image.src = source; await image.decode();
        const { width, height } = image, canvas = new OffscreenCanvas(width, height), pen = canvas.getContext("2d");
        pen.drawImage(image, 0, 0);
        const from = place === null ? 0 : Math.floor(height * place), count = place === null ? height : 1;
        const { data } = pen.getImageData(0, from, width, count);
        return Array.from({ length: count }, (_, y) => Array.from({ length: width },
          (_, x) => [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3)])); }""",
        [f"data:image/png;base64,{shot}", place],
    )
    await page.close()
    return [[tuple(pixel) for pixel in row] for row in rows]


async def row_of(browser: Browser, node: Locator, place: float = 0.5) -> Pixels:
    """Return one row of an element, at a part of its height."""
    return (await rows_of(browser, node, place))[0]


def far(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Tell whether two colours are told apart without effort."""
    return sum(abs(a - b) for a, b in zip(one, other, strict=True)) > 90
