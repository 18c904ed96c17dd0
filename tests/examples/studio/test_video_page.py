"""The page of the videos, from a script to a film that plays: reloaded, cancelled, and found again in the history."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.examples.studio.conftest import running
from tests.examples.studio.media import probe
from tests.process import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


def status_of(page: Page) -> Locator:
    return page.locator("job-status .job")


async def order(page: Page, studio: ServerProcess, title: str, text: str, size: str) -> None:
    """Submit a film of one scene."""
    await page.goto(f"{studio.url}/examples/video/")
    await page.get_by_label("Title", exact=True).fill(title)
    await page.get_by_role("button", name="Remove scene 2").click()
    await page.get_by_label("Heading").fill("The only scene")
    await page.get_by_label("Text").fill(text)
    await page.get_by_label("Size").select_option(size)
    await page.get_by_role("button", name="Make the video").click()


async def test_a_script_becomes_a_film_that_plays_and_is_saved_over_a_reload(
    page: Page, studio: ServerProcess, visit: Visit, tmp_path: Path
) -> None:
    await order(page, studio, "A short film", "This is all that is said in it.", "640x360")
    await expect(status_of(page)).to_have_attribute("data-status", "processing")
    await page.reload()
    await expect(status_of(page)).to_have_attribute("data-status", "completed")
    film = page.locator("job-player video")
    await expect(film).to_have_js_property("videoWidth", 640)
    seconds = await film.evaluate("(film) => film.duration")
    await film.evaluate("(film) => { film.muted = true; film.currentTime = 1; return film.play(); }")
    async with page.expect_download() as download:
        await page.locator("job-player").get_by_role("link").click()
    saved = await download.value
    assert saved.suggested_filename == "A short film.mp4"
    await saved.save_as(tmp_path / "film.mp4")
    found = probe(tmp_path / "film.mp4")
    assert found.video.startswith("h264")
    assert found.audio.startswith("aac")
    assert found.seconds == pytest.approx(seconds, abs=0.1)
    assert visit.faults == []


@pytest.mark.slow
async def test_a_film_is_cancelled_and_leaves_nothing_running_and_can_be_made_again(
    page: Page, studio: ServerProcess
) -> None:
    await order(page, studio, "A long film", "And so on and on. " * 100, "1920x1080")
    await expect(status_of(page).get_by_text("Rendering", exact=True).first).to_be_visible()
    await page.locator("job-status").get_by_role("button", name="Cancel").click()
    await expect(status_of(page)).to_have_attribute("data-status", "cancelled")
    assert not running("ffmpeg", str(studio.data_dir))
    await page.locator("job-status").get_by_role("button", name="Retry").click()
    await expect(status_of(page)).to_have_attribute("data-status", "processing")
    await page.locator("job-status").get_by_role("button", name="Cancel").click()
    await expect(status_of(page)).to_have_attribute("data-status", "cancelled")


@pytest.mark.slow
async def test_the_history_is_narrowed_by_status_and_leads_back_to_a_film(page: Page, studio: ServerProcess) -> None:
    await page.goto(f"{studio.url}/examples/video/")
    rows = page.locator("job-list .list > li")
    await expect(rows).to_have_count(2)
    await page.get_by_role("button", name="Completed").click()
    await expect(rows).to_have_count(1)
    await rows.get_by_role("link", name="A short film", exact=True).click()
    await expect(page.locator("job-player video")).to_be_visible()
