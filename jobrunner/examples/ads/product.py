"""What is known of a product, and what can be said of it for its sake. Holds no markup and fetches nothing."""

from __future__ import annotations

import re

from pydantic import BaseModel

_SIGNS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
_ANGLES = 4
_HEADLINE = 34


class Product(BaseModel):
    """A product as its page describes it; `images` are addresses, relative to the page where it has none itself."""

    product_id: str
    name: str
    brand: str | None = None
    description: str = ""
    price: float | None = None
    currency: str | None = None
    rating: float | None = None
    reviews: int | None = None
    features: list[str] = []
    images: list[str] = []
    url: str | None = None

    @property
    def price_words(self) -> str:
        """Return the price as people write it: `€89.00`, `89.00 CHF`; empty when it is not known."""
        if self.price is None:
            return ""
        amount = f"{self.price:,.2f}"
        sign = _SIGNS.get(self.currency or "")
        return f"{sign}{amount}" if sign else f"{amount} {self.currency or ''}".rstrip()


class Angle(BaseModel):
    """One reason to buy: a headline that fits on an ad, and the sentence that it comes from."""

    headline: str
    because: str


def angles(product: Product) -> list[Angle]:
    """Return the reasons that a page itself gives, the shortest features first, at most four."""
    found = [Angle(headline=headline(feature), because=feature) for feature in product.features]
    found.sort(key=lambda angle: len(angle.headline))
    if product.rating is not None and product.reviews:
        praise = f"{product.rating:g} of 5 from {product.reviews:,} reviews"
        found.insert(1, Angle(headline=f"Rated {product.rating:g} of 5", because=praise))
    return found[:_ANGLES] or [Angle(headline=product.name, because=product.description or product.name)]


def headline(sentence: str) -> str:
    """Return the first clause of a sentence, shortened by whole words to what can be read in passing."""
    clause = re.split(r"[,;:.]\s| that | which ", sentence, maxsplit=1)[0]
    short = ""
    for word in clause.split():
        if len(f"{short} {word}") > _HEADLINE:
            break
        short = f"{short} {word}".strip()
    return re.sub(r" (of|a|an|the|with|and|to|by|in|from)$", "", short) or clause[:_HEADLINE]


def identifier(name: str) -> str:
    """Make an id of a name: `halo-desk-lamp`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "product"
