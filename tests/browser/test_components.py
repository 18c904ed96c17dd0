"""The components on a page of somebody's own, live beside a real server."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.components_page import Demo, demo_page  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

FAILED_TWICE = """new Promise((done) => {
  const look = () => heard.filter(({ type }) => type === "job-failed").length > 1 && done();
  document.addEventListener("job-failed", look);
  look();
})"""
ORDER = {"headline": "Hello", "rows": 3, "address": {"street": "Main"}}


async def test_a_job_is_followed_from_its_first_quarter_to_its_files(demo: Demo) -> None:
    job = await demo.submit(title="Round the lake")
    await demo.open(f"<job-status job-id={job['job_id']} href='jobs/{{job_id}}'></job-status>")
    status = demo.page.locator("job-status")
    bar = status.get_by_role("progressbar", name="Round the lake")
    await expect(bar).to_have_attribute("aria-valuetext", "25 percent, stage 1 of 2")
    await expect(status.get_by_text("One quarter")).to_be_visible()
    german = status.locator("[data-part=de]")
    await expect(german).to_contain_text("First · Half of it · about 30 s left")
    await expect(german.get_by_role("link", name="Download de.txt")).to_be_visible()
    demo.let_on(1)
    await expect(bar).to_have_attribute("aria-valuetext", "75 percent, about 2 min left, stage 2 of 2")
    await expect(status.locator("[data-part=de]")).to_have_attribute("data-status", "completed")
    demo.let_on(2)
    await expect(status.get_by_role("link", name="Download story.html")).to_be_visible()
    await expect(status.get_by_role("link", name="Round the lake", exact=True)).to_have_attribute(
        "href", f"jobs/{job['job_id']}"
    )
    assert [each["type"] for each in await demo.heard("job-completed", "job-failed")] == ["job-completed"]
    assert len(await demo.heard("job-changed")) >= 3
    assert await demo.clean()


async def test_the_buttons_cancel_and_retry_and_the_focus_stays_with_the_job(demo: Demo) -> None:
    job = await demo.submit(title="Walk")
    await demo.open(f"<job-status job-id={job['job_id']}></job-status>")
    status = demo.page.locator("job-status")
    await status.get_by_role("button", name="Cancel: Walk").press("Enter")
    await expect(status.locator(".badge")).to_have_text("Cancelled")
    retry = status.get_by_role("button", name="Retry: Walk")
    await expect(retry).to_be_visible()
    assert await demo.page.evaluate("document.activeElement.localName") == "job-status"
    await retry.press("Enter")
    await expect(status.locator(".badge")).to_have_text("Processing")
    assert [each["status"] for each in await demo.heard("job-action")] == ["processing", "cancelled"]
    assert [each["type"] for each in await demo.heard("job-cancelled")] == ["job-cancelled"]


@pytest.mark.slow
async def test_a_page_can_take_an_action_into_its_own_hands(demo: Demo) -> None:
    job = await demo.submit()
    await demo.open(f"<job-actions job-id={job['job_id']}></job-actions>")
    await demo.page.evaluate("document.addEventListener('job-action', (event) => event.preventDefault())")
    await demo.page.get_by_role("button", name="Cancel").click()
    assert (await demo.call("GET", f"jobs/{job['job_id']}"))["cancel_requested_at"] is None


@pytest.mark.slow
async def test_a_failure_says_why_and_speaks_once_for_two_elements_that_show_it(demo: Demo) -> None:
    job = await demo.submit(title="Walk", payload={"fails": True})
    await demo.open(
        f"<job-status job-id={job['job_id']}></job-status><job-progress job-id={job['job_id']}></job-progress>"
    )
    await expect(demo.page.locator("job-status .badge")).to_have_text("Processing")
    said = await demo.page.evaluate_handle(
        """() => { const said = []; new MutationObserver(() => {
            const text = document.querySelector('body > [role=status]')?.textContent;
            if (text) said.push(text);
          }).observe(document.body, { subtree: true, childList: true, characterData: true });
            return said; }"""
    )
    demo.let_on(1)
    await expect(demo.page.locator("job-status .badge")).to_have_text("Processing")
    demo.let_on(2)
    failure = demo.page.locator("job-status .failure")
    await expect(failure).to_contain_text("WALK_ERROR")
    await expect(failure).to_contain_text("The way is closed.")
    await expect(demo.page.locator("body > [role=status]")).to_contain_text("Walk: Failed.")
    spoken = " ".join(await said.json_value())
    assert spoken.count("Walk: Failed.") == 1, spoken


async def test_a_part_that_failed_is_done_again_by_its_button_and_says_why(demo: Demo) -> None:
    for step in (1, 2):
        demo.let_on(step)
    job = await demo.submit(title="Walk", payload={"fails": True})
    failed = await demo.ended(job["job_id"])
    await demo.open(f"<job-parts job-id={job['job_id']}></job-parts><job-status></job-status>")
    french = demo.page.locator("[data-part=fr]")
    await expect(french).to_contain_text("No French voice.")
    await expect(demo.page.get_by_role("button")).to_have_count(1)
    await french.get_by_role("button", name="Retry: French").press("Enter")
    await demo.page.evaluate(FAILED_TWICE)
    assert await demo.heard("job-action") == [
        {"type": "job-action", "from": "job-parts", "status": "failed", "state": None}
    ]
    again = await demo.call("GET", f"jobs/{job['job_id']}")
    assert (again["attempt"], [part["status"] for part in again["parts"]]) == (2, ["completed", "failed"])
    waits = {"status": "queued", "waiting_for": "retry", "completed_at": None, "can_retry": False}
    await demo.show("job-status", {**failed, **waits, "progress_data": {**failed["progress_data"], "percentage": 75}})
    status = demo.page.locator("job-status")
    await expect(status.get_by_role("progressbar", name="Walk")).to_have_attribute("aria-valuenow", "0")
    assert await status.locator("[data-stage]").evaluate_all("nodes => nodes.map((node) => node.dataset.status)") == [
        "queued",
        "queued",
    ]
    assert await demo.clean()


@pytest.mark.slow
async def test_an_unknown_job_is_said_to_be_unknown(demo: Demo) -> None:
    await demo.open("<job-status job-id=0199f0c2-7a1e-7c3b-9a53-0d1f3b2c4e5f></job-status>")
    await expect(demo.page.locator("job-status")).to_contain_text("There is no such job")


@pytest.mark.slow
async def test_new_jobs_of_a_list_wait_behind_a_button_and_the_focus_survives(demo: Demo) -> None:
    await demo.submit(title="First")
    await demo.open("<job-list href='jobs/{job_id}'></job-list>")
    rows = demo.page.locator("job-list li[part=item]")
    first = rows.get_by_role("link", name="First", exact=True)
    await first.focus()
    await demo.submit(title="Second")
    await demo.submit(title="Third")
    button = demo.page.get_by_role("button", name="2 new jobs")
    await expect(button).to_be_visible()
    await expect(rows).to_have_count(1)
    await expect(first).to_be_focused()
    await button.press("Enter")
    await expect(rows.locator("[role=heading]")).to_have_text(["Third", "Second", "First"])


@pytest.mark.slow
async def test_a_list_of_what_runs_lets_go_what_has_ended(demo: Demo) -> None:
    one = await demo.submit(title="One")
    await demo.open("<job-list status=active live></job-list><job-list status=ended live></job-list>")
    running, ended = (demo.page.locator("job-list").nth(n).locator("li[part=item]") for n in (0, 1))
    await expect(running).to_have_count(1)
    await expect(ended).to_have_count(0)
    await expect(demo.page.locator("job-list").nth(1).get_by_text("No job matches")).to_be_visible()
    await demo.call("DELETE", f"jobs/{one['job_id']}")
    await expect(running).to_have_count(0)
    await expect(ended).to_have_count(1)


@pytest.mark.slow
async def test_the_badge_counts_what_has_not_ended_and_hides_at_zero(demo: Demo) -> None:
    await demo.open("<jobs-badge tag=project:7></jobs-badge>")
    badge = demo.page.get_by_role("img", name=re.compile("Running or waiting"))
    await expect(badge).to_have_count(0)
    job = await demo.submit(tags=["project:7"])
    await demo.submit(tags=["project:8"])
    await expect(badge).to_have_accessible_name("Running or waiting: 1")
    await demo.call("DELETE", f"jobs/{job['job_id']}")
    await expect(badge).to_have_count(0)


@pytest.mark.slow
async def test_the_tiles_count_live(demo: Demo) -> None:
    await demo.open("<queue-stats range=24h href='jobs?status={status}'></queue-stats>")
    tile = demo.page.locator("queue-stats li[data-status=processing]")
    await expect(tile.locator(".value")).to_have_text("0")
    await demo.submit()
    await expect(tile.locator(".value")).to_have_text("1")
    await expect(tile.get_by_role("link")).to_have_attribute("href", "jobs?status=processing")


@pytest.mark.slow
async def test_a_toast_tells_what_completes_and_goes_by_escape(demo: Demo) -> None:
    old = await demo.submit("order", payload=ORDER, title="Long ago")
    await demo.ended(old["job_id"])
    await demo.open("<jobs-toasts href='jobs/{job_id}'></jobs-toasts><jobs-badge></jobs-badge>")
    await demo.submit(title="News", payload={"fails": True})
    await expect(demo.page.locator("jobs-badge .badge")).to_have_text(["1", ""])
    demo.let_on(1)
    demo.let_on(2)
    toast = demo.page.locator("jobs-toasts .toast")
    await expect(toast).to_have_text("NewsFailed: The way is closed.")
    await toast.get_by_role("button", name="Close").press("Escape")
    await expect(toast).to_have_count(0)


@pytest.mark.slow
async def test_a_killed_server_is_said_in_words_and_a_person_can_pause(demo: Demo) -> None:
    job = await demo.submit()
    await demo.open(f"<jobs-connection></jobs-connection><job-status job-id={job['job_id']}></job-status>")
    words = demo.page.locator("jobs-connection .words")
    await expect(words).to_contain_text("Live")
    await demo.page.get_by_role("button", name="Pause").click()
    await expect(words).to_contain_text("Paused")
    await demo.page.get_by_role("button", name="Resume").click()
    await expect(words).to_contain_text("Live")
    await asyncio.to_thread(demo.server.kill)
    await expect(words).to_contain_text(re.compile("Reconnecting"))
    await expect(demo.page.locator("job-status [role=heading]")).to_be_visible()
    states = [each["state"] for each in await demo.heard("connection-changed")]
    assert "live" in states
    assert "paused" in states


@pytest.mark.slow
async def test_elements_of_one_page_share_one_stream(demo: Demo, visit: Visit) -> None:
    job = await demo.submit()
    await demo.open(
        f"<job-status job-id={job['job_id']}></job-status>" * 5 + "<job-list></job-list><jobs-badge></jobs-badge>"
    )
    await expect(demo.page.locator("job-status .badge", has_text="Processing")).to_have_count(5)
    await expect(demo.page.locator("job-list li[part=item]")).to_have_count(1)
    own = await demo.page.evaluate(
        "performance.getEntriesByType('resource').filter((one) => one.name.includes('/events')).length"
    )
    streams = [address for address in visit.requests if "/events" in address]
    assert len(streams) <= 6, (own, streams)
    hubs = await demo.page.evaluate(
        """async () => { const { defaultClient } = await import('/assets/components.js');
        return [...document.querySelectorAll('job-status')].every((node) => node.client === defaultClient()); }"""
    )
    assert hubs


@pytest.mark.slow
async def test_other_words_are_other_words_everywhere_at_once(demo: Demo) -> None:
    job = await demo.submit()
    await demo.open(f"<job-status job-id={job['job_id']}></job-status>")
    await demo.page.evaluate(
        """async () => { const { setMessages } = await import('/assets/components.js');
        setMessages({ locale: 'de', processing: 'In Arbeit', cancel: 'Abbrechen' }); }"""
    )
    await expect(demo.page.locator("job-status .badge")).to_have_text("In Arbeit")
    await expect(demo.page.locator("job-status .percent")).to_have_text(re.compile("25\\s%"))
    await expect(demo.page.get_by_role("button", name="Abbrechen")).to_be_visible()
