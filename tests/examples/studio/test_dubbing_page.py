"""The page of the dubbing studio, from a text to the files: reloaded, cancelled, failed, and a file that is gone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Locator, Page, Route, expect

from tests.browser.conftest import Visit
from tests.examples.studio.conftest import running
from tests.examples.studio.media import Sound
from tests.process import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SPEECH: FilePayload = {"name": "speech.txt", "mimeType": "text/plain", "buffer": b"This was in the file. " * 20}


def status_of(page: Page) -> Locator:
    return page.locator("job-status .job")


def part(page: Page, key: str) -> Locator:
    return page.locator(f'job-status li[data-part="{key}"]')


async def speak(page: Page, studio: ServerProcess, text: str, *languages: str, kind: str = "wav") -> None:
    await page.goto(f"{studio.url}/examples/dubbing/")
    await page.get_by_label("Text", exact=True).fill(text)
    for name in ("German", "English", "French"):
        await page.get_by_label(name, exact=True).uncheck()
    await page.get_by_text("More languages").click()
    await page.get_by_label("Other languages").fill(" ".join(languages))
    await page.get_by_label("Format").select_option(kind)
    await page.get_by_role("button", name="Speak").click()


async def test_the_example_becomes_files_that_can_be_heard_and_saved(
    page: Page, studio: ServerProcess, visit: Visit, tmp_path: Path
) -> None:
    await page.goto(f"{studio.url}/examples/dubbing/")
    await page.get_by_role("button", name="Use the example").click()
    await page.get_by_role("button", name="Speak").click()
    await expect(status_of(page)).to_have_attribute("data-status", "completed")
    for key, name in {"de": "German", "fr": "French"}.items():
        async with page.expect_download() as download:
            await part(page, key).get_by_role("link").click()
        saved = await download.value
        assert saved.suggested_filename == f"Welcome to the studio, {name}.wav"
        await saved.save_as(tmp_path / key)
        assert 2 < Sound.of((tmp_path / key).read_bytes()).seconds < 12
    player = page.locator("job-player audio")
    await expect(player).to_have_count(3)
    await expect(player.first).to_have_js_property("readyState", 4)
    assert await player.first.evaluate("(sound) => sound.duration") > 2
    assert visit.faults == []


@pytest.mark.slow
async def test_the_job_is_there_before_its_file_and_a_reload_takes_it_up_again(
    page: Page, studio: ServerProcess
) -> None:
    held = asyncio.Event()

    async def hold(_: Route) -> None:
        held.set()

    await page.route("**/uploads/file*", hold)
    await page.goto(f"{studio.url}/examples/dubbing/")
    await page.get_by_label("Or a text file").set_input_files(SPEECH)
    await page.get_by_role("button", name="Speak").click()
    await held.wait()
    await expect(page.get_by_label("Sending speech.txt")).to_be_visible()
    await expect(status_of(page)).to_contain_text("Waiting for its file")
    await page.unroute("**/uploads/file*")
    await page.reload()
    await page.get_by_label("Choose it again").set_input_files(SPEECH)
    await expect(status_of(page)).to_have_attribute("data-status", "completed")
    await expect(page.get_by_label("Choose it again")).to_be_hidden()
    await expect(page.locator("job-status li[data-stage]")).to_have_count(4)


@pytest.mark.slow
async def test_a_recording_is_refused_in_words(page: Page, studio: ServerProcess) -> None:
    await page.goto(f"{studio.url}/examples/dubbing/")
    recording: FilePayload = {"name": "voice.mp3", "mimeType": "audio/mpeg", "buffer": b"ID3"}
    await page.get_by_label("Or a text file").set_input_files(recording)
    await page.get_by_role("button", name="Speak").click()
    await expect(status_of(page)).to_have_attribute("data-status", "failed")
    await expect(page.locator("job-status .failure")).to_contain_text("RECORDING_NOT_SUPPORTED")


async def test_a_language_that_fails_is_retried_and_the_others_keep_their_files(
    page: Page, studio: ServerProcess
) -> None:
    await speak(page, studio, "One, two, three.", "xx", "nl")
    await expect(part(page, "xx")).to_have_attribute("data-status", "failed")
    await expect(part(page, "xx")).to_contain_text("There is no voice for the language 'xx'.")
    await expect(part(page, "nl").get_by_role("link")).to_be_visible()
    await expect(status_of(page)).to_have_attribute("data-status", "failed")
    kept = await part(page, "nl").get_by_role("link").get_attribute("href")
    await part(page, "xx").get_by_role("button", name="Retry").click()
    await expect(status_of(page)).to_contain_text("attempt 2")
    await expect(status_of(page)).to_have_attribute("data-status", "failed")
    assert await part(page, "nl").get_by_role("link").get_attribute("href") == kept


@pytest.mark.slow
async def test_a_long_dubbing_gives_its_first_file_while_it_goes_on_and_is_cancelled(
    page: Page, studio: ServerProcess
) -> None:
    await speak(page, studio, "Seven wise women walked west. " * 600, "en", "ja", "de", "fr", "it", kind="mp3")
    await expect(part(page, "en").get_by_role("link")).to_be_visible()
    assert await status_of(page).get_attribute("data-status") == "processing"
    await page.reload()
    await page.locator("job-status").get_by_role("button", name="Cancel").click()
    await expect(status_of(page)).to_have_attribute("data-status", "cancelled")
    assert not running("ffmpeg", str(studio.data_dir))


@pytest.mark.slow
async def test_a_file_that_is_gone_is_said_and_not_saved(page: Page, studio: ServerProcess) -> None:
    await speak(page, studio, "One, two, three.", "nl")
    await expect(status_of(page)).to_have_attribute("data-status", "completed")
    for file in (studio.data_dir / "files").rglob("*"):
        if file.is_file() and file.read_bytes().startswith(b"RIFF"):
            file.unlink()
    await part(page, "nl").get_by_role("link").click()
    await expect(part(page, "nl")).to_contain_text("This file is gone.")


@pytest.mark.slow
async def test_what_cannot_be_is_said_beside_the_button(page: Page, studio: ServerProcess) -> None:
    await speak(page, studio, "", "nl")
    await expect(page.get_by_role("alert")).to_have_text("Write a text, or choose a file.")
    await page.get_by_label("Text", exact=True).fill("One.")
    await page.get_by_label("Other languages").fill("Klingon!")
    await page.get_by_role("button", name="Speak").click()
    await expect(page.get_by_role("alert")).to_contain_text("/payload/languages/0")
