"""What a person sees at `/`: a file goes in, stages move, a story comes out; and what happens when something breaks."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, FilePayload, Locator, Page, expect

from jobrunner.examples import data_story

if TYPE_CHECKING:
    from tests.browser.conftest import Server, Visit

pytestmark = pytest.mark.browser

SALES = Path(data_story.__file__).with_name("sales.csv")
WORDS: FilePayload = {"name": "words.csv", "mimeType": "text/csv", "buffer": b"name,note\nann,hello\nbob,goodbye\n"}
STAGES = ("uploading", "analyzing", "generating", "visualizing")
END_MS = 60_000


async def submit(page: Page, file: Path | FilePayload, title: str) -> Locator:
    """Submit a data story by hand and be its card."""
    await page.get_by_label("Type", exact=True).select_option("data_story")
    await page.get_by_label("File", exact=True).set_input_files(file)
    await page.get_by_label("Title").fill(title)
    await page.get_by_role("button", name="Submit").click()
    card = page.locator("li.job").filter(has=page.get_by_role("heading", name=title, exact=True))
    await expect(card).to_be_visible()
    return card


async def expect_end(card: Locator, status: str) -> None:
    """Wait until a job has ended in this way."""
    await expect(card).to_have_attribute("data-status", re.compile("completed|failed|cancelled"), timeout=END_MS)
    await expect(card).to_have_attribute("data-status", status)


async def expect_live(page: Page) -> None:
    """Wait until the page says that it is live."""
    await expect(page.locator("#connection")).to_contain_text("Live", timeout=30_000)


async def test_the_shipped_table_becomes_a_story_while_its_stages_move(server: Server, visit: Visit) -> None:
    await visit.page.goto(server.url)
    card = await submit(visit.page, SALES, "Sales")
    await expect_end(card, "completed")
    await expect(card.locator(".stages li[data-status=completed]")).to_have_count(len(STAGES))
    seen = await visit.page.evaluate("stagesSeen")
    assert {step.split()[0] for step in seen if step.endswith(" processing")}, "no stage was seen at work"
    async with visit.page.expect_download() as download:
        await card.get_by_role("link", name="Download story.html").click()
    story = await (await download.value).path()
    assert "<svg" in story.read_text(encoding="utf-8")


async def test_a_story_opens_beside_the_page_and_can_do_nothing_there(server: Server, visit: Visit) -> None:
    await visit.page.goto(server.url)
    card = await submit(visit.page, SALES, "Sales")
    await expect_end(card, "completed")
    async with visit.page.expect_popup() as popup:
        await card.get_by_role("link", name="Open story.html").click()
    story = await popup.value
    await story.wait_for_load_state()
    assert await story.evaluate("window.origin") == "null"
    assert await story.evaluate("window.opener") is None


async def test_a_file_that_is_no_table_of_numbers_shows_its_category_and_can_be_retried(
    server: Server, visit: Visit
) -> None:
    await visit.page.goto(server.url)
    card = await submit(visit.page, WORDS, "Words")
    await expect_end(card, "failed")
    await expect(card.locator(".failure strong")).to_have_text("PREPROCESSING_ERROR")
    await card.get_by_role("button", name="Retry").press("Enter")
    await expect(card).to_contain_text("attempt 2", timeout=END_MS)
    await expect_end(card, "failed")


async def test_a_reload_in_the_middle_loses_nothing(server: Server, visit: Visit) -> None:
    await visit.page.goto(server.url)
    card = await submit(visit.page, SALES, "Sales")
    await expect(card).not_to_contain_text("Waiting for its file")
    await visit.page.reload()
    await expect_end(card, "completed")


async def test_a_killed_server_is_told_by_words_and_its_return_needs_no_reload(server: Server, visit: Visit) -> None:
    page = visit.page
    await page.clock.install()
    await page.goto(server.url)
    card = await submit(page, WORDS, "Words")
    await expect_end(card, "failed")
    await expect_live(page)
    await asyncio.to_thread(server.kill)
    await expect(page.locator("#connection")).to_contain_text("Reconnecting")
    await page.clock.fast_forward("00:41")
    await expect(page.locator("#connection")).to_have_text(re.compile(r"^Not live, as of \d\d:\d\d:\d\d"))
    await expect(card).to_be_visible()
    await asyncio.to_thread(server.start)
    await page.clock.fast_forward("00:31")
    await expect_live(page)
    await expect_end(await submit(page, WORDS, "More words"), "failed")
    assert visit.faults == []


async def test_no_request_leaves_the_origin_and_the_content_policy_is_kept(server: Server, visit: Visit) -> None:
    answer = await visit.page.goto(server.url)
    assert answer is not None
    assert "default-src 'none'" in (await answer.all_headers())["content-security-policy"]
    await expect_end(await submit(visit.page, SALES, "Sales"), "completed")
    origins = {urlsplit(address)[:2] for address in visit.requests if not address.startswith("data:")}
    assert origins == {urlsplit(server.url)[:2]}
    assert visit.faults == []


async def test_a_hostile_title_is_only_text(server: Server, visit: Visit) -> None:
    await visit.page.goto(server.url)
    title = "<img src=x onerror=alert(1)><script>alert(1)</script>"
    card = await submit(visit.page, WORDS, title)
    await expect(card.get_by_role("heading")).to_have_text(title)
    assert await card.locator("img, script").count() == 0
    assert visit.faults == []


async def test_the_keyboard_keeps_its_place_while_the_jobs_change(
    server: Server, visit: Visit, browser: Browser
) -> None:
    await visit.page.goto(server.url)
    card = await submit(visit.page, WORDS, "First")
    await expect_end(card, "failed")
    await card.get_by_role("button", name="Retry").focus()
    other = await browser.new_page()
    await other.goto(server.url)
    await expect_end(await submit(other, SALES, "Second"), "completed")
    await expect(visit.page.get_by_role("heading", name="Second", exact=True)).to_be_visible()
    await expect(card.get_by_role("button", name="Retry")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(
    server: Server, visit: Visit, scheme: str, width: int
) -> None:
    page = visit.page
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto(server.url)
    await expect_live(page)
    await expect(page.locator("#empty")).to_be_visible()
    await expect_sound(page)
    await expect_end(await submit(page, WORDS, "Words"), "failed")
    await expect_end(await submit(page, SALES, "Sales"), "completed")
    await expect_sound(page)


async def expect_sound(page: Page) -> None:
    """Let axe look at the page, and see that it does not scroll sideways."""
    found = await Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
