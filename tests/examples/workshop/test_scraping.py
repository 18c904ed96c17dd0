"""A product's page is read, and what is made of it says what the page says; no address leads into our own network."""

from __future__ import annotations

import io
from html import unescape

import pytest

from jobrunner import JobError
from jobrunner.examples.ads.fetching import SHIPPED, fetch
from jobrunner.examples.ads.product import Product, angles, headline
from jobrunner.examples.ads.report import as_html, as_markdown
from jobrunner.examples.ads.scraping import read_product

LAMP = read_product((SHIPPED / "product.html").read_text(encoding="utf-8"), None)
GRAPH = """<script type="application/ld+json">{ broken</script>
<script type="application/ld+json">{"@graph": [{"@type": "WebPage"}, {"@type": "Product", "name": "Cup &amp; saucer",
"brand": "Ute", "image": {"url": "/cup.jpg"}, "offers": [{"price": "1,234.50", "priceCurrency": "CHF"}]}]}</script>"""
META = """<meta property="og:title" content="Cup"><meta property="product:price:amount" content="9.9">
<meta property="product:price:currency" content="USD"><h2>Highlights</h2>
<ul><li>Holds <b>200</b> ml<li>Safe in the oven</ul><h2>Related</h2><ul><li>Spoon</li></ul>"""


def test_the_shipped_page_is_read_with_name_price_pictures_and_features() -> None:
    assert (LAMP.product_id, LAMP.name, LAMP.brand) == ("halo-desk-lamp", "Halo desk lamp", "Lumen & Oak")
    assert (LAMP.price, LAMP.currency, LAMP.price_words) == (89.0, "EUR", "€89.00")
    assert (LAMP.rating, LAMP.reviews) == (4.7, 132)
    assert LAMP.images == ["halo.png"]
    assert len(LAMP.features) == 5
    assert LAMP.features[0] == "Warm light of 2,700 K that spares your eyes"


def test_other_pages_say_it_in_other_ways() -> None:
    product = read_product(GRAPH, "https://shop.test/cups/1")
    assert (product.name, product.price_words) == ("Cup &amp; saucer", "1,234.50 CHF")
    assert product.images == ["https://shop.test/cup.jpg"]
    product = read_product(META, None)
    assert (product.name, product.price_words, product.features) == (
        "Cup",
        "$9.90",
        ["Holds 200 ml", "Safe in the oven"],
    )


@pytest.mark.parametrize("page", ["", "<h1>News</h1><p>Nothing is sold here.", "\0<<<>>>", "<title>A</title>"])
def test_a_page_without_a_product_is_refused_for_good(page: str) -> None:
    with pytest.raises(JobError) as raised:
        read_product(page, None)
    assert (raised.value.code, raised.value.retryable) == ("NO_PRODUCT", False)


def test_the_reasons_are_those_of_the_page_and_short_enough_for_an_ad() -> None:
    reasons = angles(LAMP)
    assert [reason.headline for reason in reasons] == [
        "Uses 6 watts", "Rated 4.7 of 5", "Arm of solid brass", "Warm light of 2,700 K",
    ]  # fmt: skip
    assert all(reason.because in (*LAMP.features, "4.7 of 5 from 132 reviews") for reason in reasons)
    assert headline("Keeps everything that you would ever want to carry with you") == "Keeps everything"
    assert len(headline("Supercalifragilistic " * 9)) <= 34


def test_a_report_names_the_product_and_its_price_and_no_text_of_a_page_becomes_markup() -> None:
    evil = Product(product_id="x", name="<script>alert(1)</script>", price=5, features=["<img src=x onerror=alert(1)>"])
    for report in (as_html(LAMP, angles(LAMP)), as_markdown(LAMP, angles(LAMP))):
        assert "Halo desk lamp by Lumen & Oak costs €89.00." in unescape(report)
    told = as_html(evil, angles(evil))
    assert "<script" not in told
    assert "<img" not in told


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/", "http://10.0.0.1/x", "http://[::1]/", "http://169.254.169.254/latest/meta-data/",
        "http://0x7f000001/", "http://localhost/", "ftp://example.org/", "file:///etc/passwd", "http:///x",
        "http://127.0.0.1/examples/ads/product.html/../../../secret", "http://127.0.0.1/examples/ads/%2e%2e/secret",
        "http://127.0.0.1/secret?/examples/ads/product.html", "http://127.0.0.1/secret#/examples/ads/product.html",
    ],
)  # fmt: skip
async def test_no_address_leads_into_our_own_network(address: str) -> None:
    with pytest.raises(JobError) as raised:
        await fetch(address)
    assert (raised.value.code, raised.value.retryable) == ("FETCH_REFUSED", False)


async def test_shipped_files_are_read_by_their_names_and_none_beside_them() -> None:
    assert (await fetch("halo.png")).startswith(b"\x89PNG")
    for name in ("product.css", "../ads/product.html", "/etc/passwd"):
        with pytest.raises(JobError, match="There is no"):
            await fetch(name)


def test_an_ad_has_its_format_and_a_headline_that_does_not_fit_is_said() -> None:
    pytest.importorskip("PIL", reason='no Pillow: pip install "jobrunner[examples]"')
    from PIL import Image  # noqa: PLC0415 - an extra

    from jobrunner.examples.ads.poster import TEMPLATES, Words, draw_ad  # noqa: PLC0415 - it needs the extra

    picture = (SHIPPED / "halo.png").read_bytes()
    heard: list[float] = []
    for kind, template in TEMPLATES.items():
        ads = {draw_ad(kind, 0, picture, Words(line, "Ute", "€5"), heard.append) for line in ("One", "Another")}
        assert {Image.open(io.BytesIO(ad)).size for ad in ads} == {template.size}
        assert len(ads) == 2
    for wrong, code in (((picture, "Wonderful " * 40), "TEXT_TOO_LONG"), ((b"no picture", "One"), "BAD_PICTURE")):
        with pytest.raises(JobError) as raised:
            draw_ad("leaderboard", 0, wrong[0], Words(wrong[1], "", ""), heard.append)
        assert raised.value.code == code
