"""The form that is made from the schema of a type, and what it does with files and with what the server says."""

from __future__ import annotations

import pytest
from playwright.async_api import FilePayload, Locator, expect

from tests.browser.components_page import Demo, demo_page  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

NOTE: FilePayload = {"name": "note.txt", "mimeType": "text/plain", "buffer": b"x" * 100_000}


async def filled(demo: Demo, headline: str = "Hello") -> Locator:
    """Open the form of an order and fill in what it needs."""
    await demo.open("<job-submit type=order></job-submit>")
    form = demo.page.locator("job-submit")
    await form.get_by_label("Headline").fill(headline)
    await form.get_by_label("Rows").fill("3")
    await form.get_by_label("Street").fill("Main")
    return form


async def test_a_form_sends_what_was_typed_and_the_defaults_of_the_rest(demo: Demo) -> None:
    form = await filled(demo)
    await form.get_by_text("Options").click()
    await form.get_by_label("Tone").select_option("formal")
    await form.get_by_label("Urgent").check()
    await form.get_by_role("button", name="Add").click()
    await expect(form.get_by_label("Languages 2", exact=True)).to_be_focused()
    await demo.page.keyboard.type("fr")
    await form.get_by_label("Extra").fill('{"a": 1}')
    await form.get_by_label("Title").fill("My order")
    await form.get_by_role("button", name="Submit").press("Enter")
    await demo.hear("job-submitted")
    listed = await demo.call("GET", "jobs?include=payload")
    assert [job["title"] for job in listed["jobs"]] == ["My order"]
    assert listed["jobs"][0]["payload"] == {
        "headline": "Hello",
        "rows": 3,
        "share": 0.5,
        "urgent": True,
        "tone": "formal",
        "languages": ["de", "fr"],
        "address": {"street": "Main", "zip_code": None},
        "limit": None,
        "extra": {"a": 1},
    }
    assert await demo.clean()


@pytest.mark.slow
async def test_what_is_wrong_is_said_at_its_field_before_and_after_the_server_has_looked(demo: Demo) -> None:
    form = await filled(demo, "He")
    await form.get_by_label("Rows").fill("11")
    await form.get_by_label("Zip Code").fill("123")
    submit = form.get_by_role("button", name="Submit")
    await submit.click()
    await expect(form.get_by_label("Headline")).to_be_focused()
    await expect(form.locator(".fault:visible")).to_have_text(
        ["At least 3 characters.", "At most 10.", "Not in the form that is asked for."]
    )
    for name, value in {"Headline": "Hello", "Rows": "3", "Zip Code": "12345"}.items():
        await form.get_by_label(name).fill(value)
    await form.get_by_text("Options").click()
    extra = form.get_by_label("Extra")
    await extra.fill('{"a": "no number"}')
    await submit.click()
    await expect(extra).to_be_focused()
    await expect(extra).to_have_attribute("aria-invalid", "true")
    await expect(form.locator(".fault:visible")).to_have_count(1)
    assert (await demo.call("GET", "jobs"))["jobs"] == []
    await expect(form.get_by_label("Headline")).to_have_value("Hello")


@pytest.mark.slow
async def test_a_file_goes_up_with_its_progress_and_comes_out_as_a_copy(demo: Demo) -> None:
    await demo.open("<job-submit type=copy></job-submit><job-status></job-status>")
    await demo.page.evaluate(
        """document.addEventListener("job-submitted", (event) =>
            document.querySelector("job-status").setAttribute("job-id", event.detail.job.job_id))"""
    )
    form = demo.page.locator("job-submit")
    await form.get_by_role("button", name="Submit").click()
    await expect(form.locator(".fault:visible")).to_have_text("Choose a file.")
    await form.get_by_label("File").set_input_files(NOTE)
    await expect(form.locator(".chosen")).to_have_text("note.txt · 100 kB")
    await form.get_by_role("button", name="Submit").click()
    await expect(demo.page.locator("job-status").get_by_role("link", name="Download copy.txt")).to_be_visible()
    await demo.hear("job-completed")
    assert [each["type"] for each in await demo.heard("job-submitted", "job-uploaded", "job-completed")] == [
        "job-submitted",
        "job-uploaded",
        "job-completed",
    ]
    await expect(form.locator(".chosen")).to_have_text("Choose a file or drop it here")
    assert await demo.clean()


@pytest.mark.slow
async def test_a_file_dropped_on_the_form_is_taken_and_the_page_stays(demo: Demo) -> None:
    await demo.open("<job-submit type=copy></job-submit>")
    form = demo.page.locator("job-submit")
    await expect(form.get_by_label("File")).to_be_visible()
    await demo.page.evaluate(
        """() => { const data = new DataTransfer(); data.items.add(new File(["abc"], "dropped.txt"));
        const form = document.querySelector("job-submit");
        for (const type of ["dragover", "drop"])
          form.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true })); }"""
    )
    await expect(form.locator(".chosen")).to_have_text("dropped.txt · 3 byte")


@pytest.mark.slow
async def test_a_job_is_edited_and_run_again_as_a_new_one(demo: Demo) -> None:
    old = await demo.submit("order", payload={"headline": "unlucky", "rows": 2, "address": {"street": "Main"}})
    await demo.ended(old["job_id"])
    await demo.open(f"<job-submit retry-of={old['job_id']} submit-label='Run again'></job-submit>")
    form = demo.page.locator("job-submit")
    await expect(form.get_by_label("Headline")).to_have_value("unlucky")
    await form.get_by_label("Headline").fill("lucky")
    await form.get_by_role("button", name="Run again").click()
    await demo.hear("job-submitted")
    newest = (await demo.call("GET", "jobs?include=payload"))["jobs"][0]
    assert (newest["retried_from"], newest["payload"]["headline"]) == (old["job_id"], "lucky")


@pytest.mark.slow
async def test_without_a_type_all_are_offered_and_one_that_is_unknown_is_said(demo: Demo) -> None:
    await demo.open("<job-submit></job-submit><job-submit type=nothing></job-submit>")
    one, other = (demo.page.locator("job-submit").nth(n) for n in (0, 1))
    await expect(one.get_by_label("Type", exact=True).locator("option")).to_have_text(
        ["Copy (copy)", "Order (order)", "Walk (walk)"]
    )
    await one.get_by_label("Type", exact=True).select_option("walk")
    await expect(one.get_by_label("Gate")).to_be_visible()
    await expect(other.locator(".fault:visible")).to_have_text("No type of job is available.")
    await expect(other.get_by_role("button", name="Submit")).to_be_hidden()
