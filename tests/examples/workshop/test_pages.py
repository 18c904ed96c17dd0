"""The gallery and three of its pages in a real browser, from what is given to the finished file: reloaded, retried."""

from __future__ import annotations

import csv
import re
import statistics
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import FilePayload, Locator, Page, expect

pytest.importorskip("PIL", reason='no Pillow: pip install "jobrunner[examples]"')

from jobrunner.examples import data_story
from jobrunner.examples.ads.fetching import SHIPPED
from tests.browser.conftest import Visit
from tests.browser.floor import expect_sound
from tests.process import ServerProcess, free_port

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SALES = Path(data_story.__file__).with_name("sales.csv")
WORDS: FilePayload = {"name": "words.csv", "mimeType": "text/csv", "buffer": b"name,note\nann,hello\nbob,goodbye\n"}
STORY = re.compile(r"/examples/data_story/story\.html\?job=[0-9a-f-]{36}$")


def job(page: Page, title: str) -> Locator:
    """Be the newest row of the list with this title."""
    return page.locator("job-list li .job").filter(has=page.get_by_role("heading", name=title, exact=True)).first


async def expect_status(found: Locator, status: str) -> None:
    await expect(found).to_have_attribute("data-status", status)


async def loaded(pictures: Locator) -> list[bool]:
    """Tell which pictures the browser could read, once it has tried."""
    script = (
        "(all) => Promise.all(all.map((one) => (one.loading = 'eager', one.decode().then(() => true, () => false))))"
    )
    found: list[bool] = await pictures.evaluate_all(script)
    return found


async def test_the_gallery_says_which_examples_are_there_and_what_to_do_about_the_others(
    page: Page, workshop: ServerProcess, visit: Visit
) -> None:
    await page.goto(f"{workshop.url}/examples/")
    for name in ("images", "ads", "data_story"):
        await expect(page.locator(f"#{name} .state")).to_have_text("Ready")
    await expect(page.locator("#dubbing .state .badge")).to_have_text("nothing_like_it is not installed")
    await expect(page.locator("#dubbing code")).to_have_text("pip install nothing-like-it")
    await expect(page.locator("#video .state .badge")).to_have_text("Not served")
    await expect(page.locator("#video code")).to_contain_text("jobrunner.examples.video")
    await page.get_by_role("link", name="Data story").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Data story")
    await page.get_by_role("link", name="Examples").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Five systems")
    assert visit.faults == []


async def test_words_become_pictures_of_their_project_whatever_is_reloaded_or_killed_in_the_middle(
    page: Page, workshop: ServerProcess, visit: Visit
) -> None:
    await page.goto(f"{workshop.url}/examples/images/?project=journal")
    await expect(page.locator("#none")).to_be_visible()
    await page.get_by_label("What is to be seen").fill("A forest in the snow")
    await page.get_by_role("spinbutton", name="Pictures").fill("4")
    await page.get_by_role("button", name="Paint").click()
    await expect(page.locator("h1 jobs-badge")).to_have_text("1")
    await page.reload()
    await expect(job(page, "A forest in the snow")).to_contain_text(re.compile(r"Picture \d of 4"))
    workshop.kill()
    workshop.start()
    await expect_status(job(page, "A forest in the snow"), "completed")
    pictures = page.locator("#pictures img")
    await expect(pictures).to_have_count(4)
    assert await loaded(pictures) == [True] * 4
    await expect(page.locator("h1 jobs-badge").get_by_role("link")).to_be_hidden()
    await expect(page.locator("jobs-toasts")).to_contain_text("Completed")
    await page.get_by_role("link", name="Spring campaign").click()
    await expect(page.locator("#none")).to_be_visible()
    await page.get_by_role("link", name="All projects").click()
    await expect(pictures).to_have_count(4)
    assert visit.faults == []


@pytest.mark.slow
async def test_a_spilled_picture_shows_why_and_how_often_and_a_retry_paints_it(
    page: Page, workshop: ServerProcess
) -> None:
    await page.goto(f"{workshop.url}/examples/images/")
    await page.get_by_role("spinbutton", name="Pictures").fill("1")
    await page.get_by_text("Rehearse a failure").click()
    await page.get_by_label("Attempts that fail").fill("2")
    await page.get_by_role("button", name="Paint").click()
    found = job(page, "A boat on a calm sea, morning birds")
    await expect_status(found, "failed")
    await expect(found).to_contain_text("PAINT_SPILLED")
    await expect(found).to_contain_text("attempt 2 of 2")
    await page.get_by_role("button", name="Failed", exact=True).click()
    await found.get_by_role("button", name="Retry").click()
    await expect(page.locator("#pictures img")).to_have_count(1)
    await expect(page.get_by_text("No jobs here.")).to_be_visible()


@pytest.mark.slow
async def test_who_has_no_credits_is_told_and_paints_on_when_there_are_some(
    page: Page, workshop: ServerProcess
) -> None:
    await page.goto(f"{workshop.url}/examples/images/?project=credits")
    await page.get_by_role("spinbutton", name="Pictures").fill("8")
    await page.get_by_role("button", name="Paint").click()
    await job(page, "A boat on a calm sea, morning birds").get_by_role("button", name="Cancel").click()
    await page.get_by_role("button", name="Paint").click()
    refused = re.compile(r"This costs 8 of your credits, and you have [0-7]\.")
    await expect(page.get_by_role("alert")).to_contain_text(refused)
    await page.get_by_role("button", name="Get 12 more credits").click()
    await expect(page.get_by_role("alert")).to_contain_text(re.compile("You have 1[2-9] credits now"))
    await page.get_by_role("button", name="Paint").click()
    await expect(page.get_by_role("alert")).to_be_hidden()
    await page.locator("job-list").get_by_role("button", name="Cancel").first.click()


class Shop:
    """Somebody else's shop, with the shipped page; at first it is closed."""

    def __init__(self) -> None:
        self.open = False
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/examples/ads/product.html"

    async def answer(self, request: web.Request) -> web.Response:
        if not self.open:
            return web.Response(status=503)
        return web.Response(body=(SHIPPED / request.match_info["name"]).read_bytes())


@pytest_asyncio.fixture(loop_scope="module")
async def shop() -> AsyncIterator[Shop]:
    """Be a shop that has not opened."""
    shop, app = Shop(), web.Application()
    app.router.add_get("/examples/ads/{name}", shop.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", shop.port).start()
    yield shop
    await runner.cleanup()


@pytest.mark.slow
async def test_a_campaign_whose_page_is_away_fails_in_words_and_ends_in_ads_when_it_is_back(
    page: Page, workshop: ServerProcess, visit: Visit, shop: Shop
) -> None:
    await page.goto(f"{workshop.url}/examples/ads/")
    await expect(page.locator("#none")).to_be_visible()
    await page.get_by_role("textbox", name="Page").fill(shop.url)
    await page.get_by_label("Headlines").fill("1")
    await page.get_by_role("button", name="Start").click()
    scrape = job(page, "Read a page")
    await expect_status(scrape, "failed")
    await expect(scrape).to_contain_text("FETCH_ERROR")
    await expect(scrape).to_contain_text("503")
    shop.open = True
    await page.reload()
    for title in ("Read a page", "Product report", "Ads"):
        await job(page, title).get_by_role("button", name="Retry").click()
        await expect_status(job(page, title), "completed")
    await expect(page.locator("#product")).to_have_text("Halo desk lamp")
    await expect(page.locator("#price")).to_have_text("€89.00")
    ads = page.locator("#ads img")
    await expect(ads).to_have_count(4)
    assert await loaded(ads) == [True] * 4
    async with page.expect_popup() as popup:
        await page.get_by_role("link", name="report.html").click()
    await expect((await popup.value).get_by_role("heading", level=1)).to_have_text("Halo desk lamp")
    assert visit.faults == []


@pytest.mark.slow
async def test_a_report_that_is_asked_for_twice_is_made_once(page: Page, workshop: ServerProcess) -> None:
    await page.goto(f"{workshop.url}/examples/ads/")
    await page.get_by_role("button", name="Report on the lamp").click()
    await expect(page.locator("#told")).to_have_text("Started: see the tasks.")
    await expect_status(job(page, "Product report"), "completed")
    await page.get_by_role("button", name="Report on the lamp").click()
    await expect(page.locator("#told")).to_contain_text("known already")


async def test_a_table_becomes_a_story_whose_figures_are_those_of_the_table(
    page: Page, workshop: ServerProcess, visit: Visit, tmp_path: Path
) -> None:
    table = tmp_path / "shop.csv"  # larger than the shipped one, so that there is a middle to reload in
    head, *rows = SALES.read_text().splitlines(keepends=True)
    table.write_text(head + "".join(rows) * 3)
    await page.goto(f"{workshop.url}/examples/data_story/")
    await page.locator("job-submit").get_by_label("File").set_input_files(table)
    await page.get_by_role("button", name="Tell its story").click()
    await expect(page.locator("job-status [data-stage=uploading]")).to_have_attribute("data-status", "completed")
    await page.reload()
    await expect(page).to_have_url(STORY)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Shop")
    revenue = [float(row["revenue"]) for row in csv.DictReader(SALES.read_text().splitlines())] * 3
    told = page.locator("#chapters .chapter").filter(has=page.get_by_role("heading", name="Revenue", exact=True))
    await expect(told).to_contain_text(f"All {len(revenue):,} values of revenue add up to {sum(revenue):,.0f}.")
    await expect(told).to_contain_text(f"The median is {statistics.median(revenue):.2f}")
    row = page.locator("#rows tr").filter(has=page.get_by_role("rowheader", name="revenue"))
    await expect(row.locator("td").nth(1)).to_have_text(f"{len(revenue):,}")
    await expect(row.locator("td").nth(3)).to_have_text(f"{statistics.fmean(revenue):.3f}")
    assert await loaded(page.locator("#chapters img")) == [True] * 4
    assert visit.faults == []


@pytest.mark.slow
async def test_what_is_no_table_shows_its_category_and_may_be_tried_again_three_times(
    page: Page, workshop: ServerProcess
) -> None:
    await page.goto(f"{workshop.url}/examples/data_story/")
    await page.locator("job-submit").get_by_label("File").set_input_files(WORDS)
    await page.get_by_role("button", name="Tell its story").click()
    status = page.locator("job-status .job")
    retry = status.get_by_role("button", name="Retry")
    for attempt in range(1, 5):
        await expect_status(status, "failed")
        await expect(status).to_contain_text("PREPROCESSING_ERROR")
        await expect(page.locator("job-list .facts").first).to_contain_text(f"attempt {attempt}" if attempt > 1 else "")
        if attempt < 4:
            await retry.click()
    await expect(retry).to_be_hidden()


@pytest.mark.slow
async def test_axe_finds_nothing_on_any_page_in_any_colours_and_none_scrolls_sideways(
    page: Page, workshop: ServerProcess
) -> None:
    await page.goto(f"{workshop.url}/examples/data_story/")
    await page.get_by_role("button", name="Tell that of the shipped sales").click()
    await expect(page).to_have_url(STORY)
    story = page.url.rpartition("/")[2]
    for path in ("", "images/?project=all", "ads/", "data_story/", f"data_story/{story}"):
        await page.goto(f"{workshop.url}/examples/{path}")
        shown = page.locator("job-list li, [slot=empty], .state .badge, #rows tr").filter(visible=True)
        await expect(shown.first).to_be_visible()
        for scheme, width in (("light", 1280), ("dark", 360)):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            await page.set_viewport_size({"width": width, "height": 800})
            await expect_sound(page)
