"""A product out of the HTML of its page: what that says to machines (JSON-LD, Open Graph), and what to people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

from jobrunner import JobError

from .product import Product, identifier

_FEATURES = ("feature", "highlight", "detail", "why", "benefit")


class _Page(HTMLParser):
    """Collects the data blocks, the meta tags, the first heading and the lists below headings about features."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self.meta: dict[str, str] = {}
        self.title = ""
        self.features: list[str] = []
        self._inside: str | None = None
        self._text: list[str] = []
        self._counts = False  # whether the list that comes next is one of features

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "meta":
            self.meta[given.get("property") or given.get("name") or ""] = given.get("content") or ""
        block = tag == "script" and given.get("type") == "application/ld+json"
        if tag in {"h1", "h2", "h3", "li"} or block:
            self._end()
            self._inside = "block" if block else tag

    def handle_data(self, data: str) -> None:
        self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in {self._inside, "ul", "script"}:
            self._end()
        if tag == "ul":
            self._counts = False

    def _end(self) -> None:
        """Take what stood inside, also where the end of an item is left out."""
        raw = "".join(self._text)
        text = " ".join(raw.split())
        match self._inside:
            case "block":
                self.blocks.append(raw)
            case "li":
                self.features += [text] if self._counts and text else []
            case "h1":
                self.title = self.title or text
            case "h2" | "h3":
                self._counts = any(word in text.lower() for word in _FEATURES)
        self._inside, self._text = None, []


def read_product(html: str, url: str | None) -> Product:
    """Return the product that a page is about; raise JobError NO_PRODUCT where there is none."""
    page = _Page()
    page.feed(html)
    page.close()
    said = next(_products(page.blocks), {})
    name = _text(said.get("name")) or page.meta.get("og:title") or page.title
    price = _number(_offer(said).get("price") or page.meta.get("product:price:amount"))
    if not name or (price is None and not said):
        raise JobError("NO_PRODUCT", "This page does not describe a product with a name and a price.", retryable=False)
    rating = said.get("aggregateRating") or {}
    images = said.get("image") or page.meta.get("og:image") or []
    reviews = _number(rating.get("reviewCount"))
    return Product(
        product_id=identifier(name),
        name=name,
        brand=_text(said.get("brand")) or None,
        description=_text(said.get("description")) or page.meta.get("description", ""),
        price=price,
        currency=_offer(said).get("priceCurrency") or page.meta.get("product:price:currency"),
        rating=_number(rating.get("ratingValue")),
        reviews=None if reviews is None else int(reviews),
        features=page.features[:12],
        images=[urljoin(url or "", _text(one)) for one in ([images] if isinstance(images, str | dict) else images)][:8],
        url=url,
    )


def _products(blocks: list[str]) -> Iterator[dict[str, Any]]:
    """Find what says of itself that it is a product; a block that is no JSON is as good as none."""
    for block in blocks:
        try:
            data = json.loads(block)
        except ValueError:
            continue
        graph = data.get("@graph", [data]) if isinstance(data, dict) else data
        yield from (one for one in graph if isinstance(one, dict) and one.get("@type") == "Product")


def _offer(said: dict[str, Any]) -> dict[str, Any]:
    offers = said.get("offers") or {}
    first = offers[0] if isinstance(offers, list) else offers
    return first if isinstance(first, dict) else {}


def _text(value: Any) -> str:
    """Return the name of what has one, such as a brand, or the address of an image."""
    found = value.get("name") or value.get("url") if isinstance(value, dict) else value
    return " ".join(str(found or "").split())


def _number(value: Any) -> float | None:
    try:
        return float(str(value).replace(",", ""))
    except ValueError:
        return None
