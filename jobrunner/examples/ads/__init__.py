"""An ad workshop in which everything is a job: read a product's page, report on it, make ads of it, or all of that.

This file is all that has to do with jobs. `fetching` and `scraping` read the page, `product` finds what can be said,
`report` writes it down, `poster` draws.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from jobrunner import Context, JobError, Stage, job

from .fetching import fetch
from .product import Angle, Product, angles
from .report import as_html, as_markdown, summary
from .scraping import read_product

INSTALL = 'pip install "jobrunner[examples]"'
CATALOGUE = {"halo": "product.html"}  # products that are shipped, by their ids
FORMATS = {"square": "Square", "banner": "Banner", "leaderboard": "Leaderboard", "story": "Story"}


class Page(BaseModel):
    """Say which page is to be read."""

    model_config = ConfigDict(extra="forbid")

    url: str | None = Field(
        None,
        title="Page",
        max_length=2_000,
        description="Address of a product's page; without it, the lamp that is shipped",
        json_schema_extra={"format": "uri"},
    )


class About(BaseModel):
    """Say which product it is about: one of the catalogue, or what another job has read."""

    model_config = ConfigDict(extra="forbid")

    product_id: str = Field("halo", max_length=60)
    scrape_job: str | None = Field(None, max_length=60, description="A job of the type scrape that this one depends on")


class Order(About):
    """Say how many ads are wanted, and whose reasons to buy stand on them."""

    report_job: str | None = Field(None, max_length=60, description="A job of the type product_report, likewise")
    headlines: int = Field(2, ge=1, le=4, description="So many headlines, each in four formats")


class Report(BaseModel):
    """What is to be known of a product, and what to say of it."""

    product_id: str
    name: str
    price: str
    summary: str
    features: list[str]
    angles: list[Angle]


class Ad(BaseModel):
    """An ad among the artifacts."""

    name: str
    headline: str


class Campaign(Page):
    """Say which page is to become ads, and how many."""

    headlines: int = Field(2, ge=1, le=4, description="So many headlines, each in four formats")


class Plan(BaseModel):
    """The jobs that a campaign has started."""

    scrape: str
    report: str
    ads: str


@job(
    "scrape",
    title="Read a page",
    stages=[
        Stage("fetching", "Fetching", "The page is fetched.", "FETCH_ERROR"),
        Stage("reading", "Reading", "The product is looked for.", "SCRAPE_ERROR"),
    ],
    max_attempts=2,
    deadline="10m",
    poll_interval="5s",
    routes=["/api/v1/ads/scrape-job"],
)
async def scrape(context: Context, payload: Page) -> Product:
    """Read what a page says of a product: name, price, pictures, features."""
    async with context.stage("fetching"):
        page = await fetch(payload.url or CATALOGUE["halo"])
        context.progress(60)
    async with context.stage("reading"):
        return read_product(page.decode(errors="replace"), payload.url)


@job(
    "product_report",
    title="Product report",
    stages=["gathering", "writing"],
    deadline="50m",
    poll_interval="10s",
    routes=["/api/v1/ads/products/{product_id}/report-job"],
    cache_ttl="1h",
)
async def report(context: Context, payload: About) -> Report:
    """Report on a product: its price, its features, and the reasons to buy it."""
    async with context.stage("gathering"):
        product = await _product(context, payload)
        reasons = angles(product)
        context.progress(50, f"Writing about {product.name}")
    async with context.stage("writing"):
        await context.artifact("report.html", as_html(product, reasons), "text/html")
        await context.artifact("report.md", as_markdown(product, reasons), "text/markdown")
    return Report(
        product_id=product.product_id,
        name=product.name,
        price=product.price_words,
        summary=summary(product),
        features=product.features,
        angles=reasons,
    )


def _ads(payload: Order) -> dict[str, str]:
    """Return the parts of an order: an ad of each format for each headline."""
    return {f"{kind}-{at}": f"{name} {at}" for at in range(1, payload.headlines + 1) for kind, name in FORMATS.items()}


@job(
    "ad_images",
    title="Ads",
    requires={"PIL": INSTALL},
    parts=_ads,
    deadline="30m",
    poll_interval="6s",
    routes=["/api/v1/ads/products/{product_id}/ads-job"],
)
async def draw_ads(context: Context, payload: Order) -> list[Ad]:
    """Draw ads of a product from a template, in four formats for each headline."""
    from .poster import Words, draw_ad  # noqa: PLC0415 - it needs the extra

    product = await _product(context, payload)
    picture = await fetch(product.images[0]) if product.images else None
    reasons = await _reasons(context, payload, product)
    made: list[Ad] = []
    for key in context.parts:
        async with context.part(key) as part:
            kind, at = key.split("-")
            headline = reasons[(int(at) - 1) % len(reasons)].headline
            words = Words(headline, product.brand or "", product.price_words)
            ad = await context.in_thread(draw_ad, kind, int(at) - 1, picture, words, part.progress)
            await part.artifact(f"{product.product_id}-{key}.png", ad, "image/png")
            made.append(Ad(name=f"{product.product_id}-{key}.png", headline=headline))
        context.progress(100 * len(made) / len(_ads(payload)))
    return made


@job("campaign", title="Campaign", deadline="90m", poll_interval="10s", routes=["/api/v1/ads/campaign-job"])
async def plan(context: Context, payload: Campaign) -> Plan:
    """Make a whole campaign of a page: read it, report on it, draw ads. Each step waits for the one before."""
    read = await context.spawn("scrape", {"url": payload.url}, key="scrape")
    told = await context.spawn("product_report", {"scrape_job": read}, key="report", depends_on=[read])
    order = {"scrape_job": read, "report_job": told, "headlines": payload.headlines}
    ads = await context.spawn("ad_images", order, key="ads", depends_on=[read, told])
    return Plan(scrape=read, report=told, ads=ads)


async def _product(context: Context, payload: About) -> Product:
    """Return what the job before has read, or a product of the catalogue."""
    if payload.scrape_job is not None:
        return Product.model_validate(await context.result_of(payload.scrape_job))
    page = CATALOGUE.get(payload.product_id)
    if page is None:
        raise JobError("UNKNOWN_PRODUCT", f"There is no product {payload.product_id!r}.", retryable=False)
    return read_product((await fetch(page)).decode(), None)


async def _reasons(context: Context, payload: Order, product: Product) -> list[Angle]:
    """Return the reasons of a report, or those that the product's page gives."""
    if payload.report_job is None:
        return angles(product)
    return Report.model_validate(await context.result_of(payload.report_job)).angles
