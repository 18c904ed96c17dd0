"""The dashboard by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.floor import Floor, expect_live, serve

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    floor = serve(tmp_path / "data")
    yield floor
    floor.server.kill()


@pytest_asyncio.fixture(loop_scope="module")
async def page(visit: Visit, floor: Floor) -> AsyncIterator[Page]:
    await visit.page.goto(floor.url)
    await expect_live(visit.page)
    yield visit.page
    assert visit.faults == []


async def press(page: Page, *keys: str) -> None:
    for key in keys:
        await page.keyboard.press(key)


@pytest.mark.slow
async def test_every_page_is_two_keys_away_and_its_heading_has_the_focus(page: Page, floor: Floor) -> None:
    for key, path in {"j": "jobs", "n": "new", "s": "stats", "o": ""}.items():
        await press(page, "g", key)
        await expect(page).to_have_url(f"{floor.url}/{path}")
        await expect(page.locator("h1")).to_be_focused()


@pytest.mark.slow
async def test_help_opens_and_closes_and_the_focus_is_back_where_it_was(page: Page) -> None:
    await page.get_by_role("button", name="Settings").focus()
    await press(page, "?")
    await expect(page.get_by_role("dialog", name="Help")).to_be_visible()
    await press(page, "Escape")
    await expect(page.get_by_role("dialog", name="Help")).to_be_hidden()
    await expect(page.get_by_role("button", name="Settings")).to_be_focused()


@pytest.mark.slow
async def test_a_failed_job_is_found_opened_and_retried(page: Page, floor: Floor) -> None:
    floor.run("plain", title="Fine")
    floor.run("broken", title="Render", payload={"code": "CODEC"})
    await press(page, "g", "j", "/")
    await expect(page.get_by_role("combobox", name="Search jobs")).to_be_focused()
    await page.keyboard.type("code:CODEC")
    await press(page, "Enter", "Escape")
    await expect(page.locator("table.jobs tbody tr")).to_have_count(1)
    await press(page, "j")
    await expect(page.get_by_role("link", name="Render")).to_be_focused()
    await press(page, "Enter")
    await expect(page.locator("h1")).to_have_text("Render")
    await expect(page.locator("h1")).to_be_focused()
    await expect(page.get_by_role("button", name="Retry Render")).to_be_visible()
    await press(page, "r")
    await expect(page.locator(".timeline")).to_contain_text("Attempt 2 failed")


@pytest.mark.slow
async def test_jobs_are_chosen_by_x_and_cancelled_together(page: Page, floor: Floor) -> None:
    floor.submit_many("plain", 4, delay=36_000)
    await press(page, "g", "j")
    await expect(page.locator("table.jobs tbody tr")).to_have_count(4)
    await press(page, "j", "x", "j", "j", "x", "k")
    await expect(page.get_by_role("region", name="Selected jobs")).to_contain_text("2 selected")
    await press(page, "c")
    await expect(page.get_by_role("dialog", name="Cancel jobs")).to_contain_text("2 would be")
    await press(page, "Tab")
    await expect(page.get_by_role("button", name="Cancel 2 jobs")).to_be_focused()
    await press(page, "Enter")
    await expect(page.get_by_role("dialog")).to_contain_text("2 jobs were")
    await press(page, "Escape")
    await expect(page.get_by_role("region", name="Selected jobs")).to_be_hidden()
    assert floor.call("GET", "jobs/stats/counts")["cancelled"] == 2


@pytest.mark.slow
async def test_a_running_job_is_cancelled_from_the_overview(page: Page, floor: Floor) -> None:
    floor.submit("steady", title="Going")
    await expect(page.locator("section.card:has-text('Running now')").get_by_role("link", name="Going")).to_be_visible()
    await press(page, "j", "c")
    await expect(page.locator("h1")).to_have_text("Nothing is running")


@pytest.mark.slow
async def test_a_job_is_submitted_from_the_form(page: Page) -> None:
    await press(page, "g", "n")
    await expect(page.get_by_label("Type", exact=True)).to_be_visible()
    await page.get_by_label("Type", exact=True).focus()
    await page.keyboard.type("Typed")
    await page.get_by_label("Word").focus()
    await press(page, "Control+a")
    await page.keyboard.type("g o ? r c x")  # keys mean nothing while one writes
    await press(page, "Tab", "Tab", "Tab", "Tab")
    await expect(page.get_by_role("button", name="Submit")).to_be_focused()
    await press(page, "Enter")
    await expect(page).to_have_url(re.compile("/jobs/[0-9a-f-]{36}$"))
    await expect(page.locator("section.card:has-text('Result')")).to_contain_text('word: "g o ? r c x"')


@pytest.mark.slow
async def test_shortcuts_can_be_switched_off_and_stay_off(page: Page, floor: Floor) -> None:
    await page.get_by_role("button", name="Settings").press("Enter")
    await page.get_by_label("Keyboard shortcuts").press("Space")
    await press(page, "Escape")
    await page.reload()
    await expect_live(page)
    await press(page, "g", "j", "?")
    await expect(page).to_have_url(f"{floor.url}/")
    await expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.slow
async def test_the_first_tab_leads_past_the_head_of_the_page(page: Page) -> None:
    await press(page, "Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await press(page, "Enter")
    await expect(page.locator("main")).to_be_focused()
