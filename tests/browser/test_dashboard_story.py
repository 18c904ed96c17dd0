"""The data story in the dashboard: a file goes in, stages move, a story comes out; or it is no table at all."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import FilePayload, Page, expect

from jobrunner.examples import data_story

if TYPE_CHECKING:
    from tests.browser.conftest import Server, Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SALES = Path(data_story.__file__).with_name("sales.csv")
WORDS: FilePayload = {"name": "words.csv", "mimeType": "text/csv", "buffer": b"name,note\nann,hello\nbob,goodbye\n"}
STAGES = ("uploading", "analyzing", "generating", "visualizing")
END_MS = 60_000


async def submit(page: Page, url: str, file: Path | FilePayload, title: str) -> None:
    """Submit a data story by hand, up to its page."""
    await page.goto(f"{url}/new?type=data_story")
    await page.get_by_label("File", exact=True).set_input_files(file)
    await page.get_by_label("Title", exact=False).last.fill(title)
    await page.get_by_role("button", name="Submit").click()
    await expect(page).to_have_url(re.compile("/jobs/[0-9a-f-]{36}$"), timeout=END_MS)
    await expect(page.locator("h1")).to_have_text(title)


async def expect_end(page: Page, status: str) -> None:
    await expect(page.locator("main > .page")).to_have_attribute("data-status", status, timeout=END_MS)


async def test_the_shipped_table_becomes_a_story_that_is_saved_and_opened(server: Server, visit: Visit) -> None:
    await submit(visit.page, server.url, SALES, "Sales")
    await expect_end(visit.page, "completed")
    await expect(visit.page.locator("job-stages li[data-status=completed]")).to_have_count(len(STAGES))
    await expect(visit.page.locator("job-player li").first).to_contain_text("story.html")
    async with visit.page.expect_download() as download:
        await visit.page.get_by_role("link", name="Download story.html").click()
    story = await (await download.value).path()
    assert "<svg" in story.read_text(encoding="utf-8")
    async with visit.page.expect_popup() as popup:
        await visit.page.get_by_role("link", name="Open story.html").click()
    opened = await popup.value
    await opened.wait_for_load_state()
    assert await opened.evaluate("window.origin") == "null"
    assert await opened.evaluate("window.opener") is None
    assert visit.faults == []


@pytest.mark.slow
async def test_a_file_that_is_no_table_shows_its_category_and_can_be_retried(server: Server, visit: Visit) -> None:
    await submit(visit.page, server.url, WORDS, "Words")
    await expect_end(visit.page, "failed")
    await expect(visit.page.get_by_label("Error")).to_contain_text("PREPROCESSING_ERROR")
    await visit.page.get_by_role("button", name="Retry Words").press("Enter")
    await expect(visit.page.locator(".timeline")).to_contain_text("Attempt 2 failed", timeout=END_MS)


@pytest.mark.slow
async def test_a_reload_in_the_middle_loses_nothing(server: Server, visit: Visit) -> None:
    await submit(visit.page, server.url, SALES, "Sales")
    await expect(visit.page.locator("main > .page")).not_to_have_attribute("data-status", "queued")  # the file is there
    await visit.page.reload()
    await expect_end(visit.page, "completed")
    await expect(visit.page.locator("h1")).to_have_text("Sales")
