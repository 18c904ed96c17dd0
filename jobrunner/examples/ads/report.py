"""A report on a product, for people: as a page and as Markdown. Every text of the product's page is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from .product import Angle, Product

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = Path(__file__).with_name("report.css")


def as_markdown(product: Product, reasons: Sequence[Angle]) -> str:
    """Return the report as Markdown."""
    facts = "\n".join(f"| {name} | {value} |" for name, value in _facts(product))
    features = "\n".join(f"- {feature}" for feature in product.features)
    told = "\n".join(f"{at}. **{angle.headline}**: {angle.because}" for at, angle in enumerate(reasons, 1))
    return (
        f"# {product.name}\n\n{summary(product)}\n\n| | |\n|---|---|\n{facts}\n\n"
        f"## What it has\n\n{features}\n\n## What to say of it\n\n{told}\n"
    )


def as_html(product: Product, reasons: Sequence[Angle]) -> str:
    """Return the report as a page that needs nothing else."""
    facts = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in _facts(product))
    features = "".join(f"<li>{escape(feature)}</li>" for feature in product.features)
    told = "".join(
        f"<li><strong>{escape(angle.headline)}</strong><span>{escape(angle.because)}</span></li>" for angle in reasons
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{escape(product.name)}: report</title>\n'
        f"<style>\n{_STYLE.read_text(encoding='utf-8')}</style>\n</head>\n<body>\n<main>\n"
        f'<p class="eyebrow">Product report</p><h1>{escape(product.name)}</h1>'
        f'<p class="lead">{escape(summary(product))}</p><dl>{facts}</dl>\n'
        f"<h2>What it has</h2><ul>{features}</ul>\n"
        f'<h2>What to say of it</h2><ol class="angles">{told}</ol>\n</main>\n</body>\n</html>\n'
    )


def summary(product: Product) -> str:
    """Say in a sentence or two what it is, what it costs, and what its buyers think."""
    by = f" by {product.brand}" if product.brand else ""
    costs = f" costs {product.price_words}" if product.price_words else " has no price on its page"
    liked = f" Its buyers give it {product.rating:g} of 5." if product.rating is not None else ""
    return f"{product.name}{by}{costs}.{liked}"


def _facts(product: Product) -> Iterator[tuple[str, str]]:
    """Yield what is known, with its name."""
    yield "Price", product.price_words or "not said"
    if product.brand:
        yield "Brand", product.brand
    if product.rating is not None:
        yield "Rating", f"{product.rating:g} of 5" + (f", {product.reviews:,} reviews" if product.reviews else "")
    yield "Features", f"{len(product.features)} listed"
    yield "Pictures", str(len(product.images))
