"""The history: found, paged, chosen, cancelled, retried, exported; thousands of jobs are no more rows than a page."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.floor import Floor, expect_live, expect_sound, serve

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ROWS = "table.jobs tbody tr"
FRAMES = """() => new Promise((resolve) => {
  let [last, longest, left] = [performance.now(), 0, 60];
  const next = (now) => {
    longest = Math.max(longest, now - last);
    last = now;
    window.scrollBy(0, 20);
    (left -= 1) > 0 ? requestAnimationFrame(next) : resolve(longest);
  };
  requestAnimationFrame(next);
})"""


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Be a server with 5,000 jobs that wait, and some that ended."""
    floor = serve(tmp_path_factory.mktemp("crowd"))
    for n in range(3):
        floor.run("broken", title=f"Broken {n}", payload={"code": f"CODE_{n}"}, tags=["odd"])
    floor.submit_many("plain", 5_000, delay=36_000, tags=["many"])
    yield floor
    floor.server.kill()


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    floor = serve(tmp_path / "data")
    yield floor
    floor.server.kill()


@pytest_asyncio.fixture(loop_scope="module")
async def page(visit: Visit) -> AsyncIterator[Page]:
    yield visit.page
    assert visit.faults == []


def span(first: int, last: int, total: str) -> str:
    return f"{first}\N{EN DASH}{last} of {total}"


async def open_jobs(page: Page, floor: Floor, query: str = "") -> None:
    await page.goto(f"{floor.url}/jobs{query}")
    await expect_live(page)
    await expect(page.locator(ROWS).first).to_be_visible()


@pytest.mark.slow  # it measures frames: by itself only
async def test_five_thousand_jobs_are_one_page_of_rows_and_scroll_without_a_stop(crowd: Floor, page: Page) -> None:
    await open_jobs(page, crowd)
    await expect(page.locator(ROWS)).to_have_count(25)
    await expect(page.locator(".tools")).to_contain_text(span(1, 25, "5,003"))
    assert await page.evaluate("document.querySelectorAll('*').length") < 1_500
    assert await page.evaluate(FRAMES) < 150  # a frame is 16 ms; the machine is shared
    await page.get_by_role("button", name="Older").click()
    await expect(page.locator(".tools")).to_contain_text(span(26, 50, "5,003"))
    await expect(page).to_have_url(re.compile("page=2"))
    await page.go_back()
    await expect(page.locator(".tools")).to_contain_text(span(1, 25, "5,003"))


async def test_what_is_searched_for_stands_in_the_address_and_survives_a_reload(crowd: Floor, page: Page) -> None:
    await open_jobs(page, crowd)
    await page.get_by_role("combobox", name="Search jobs").fill("status:failed tag:odd code:CODE_1")
    await expect(page.locator(ROWS)).to_have_count(1)
    await expect(page).to_have_url(re.compile("q=status"))
    await page.reload()
    await expect(page.locator(ROWS)).to_have_count(1)
    await expect(page.get_by_role("combobox", name="Search jobs")).to_have_value("status:failed tag:odd code:CODE_1")
    await expect(page.get_by_role("button", name="Failed", exact=True)).to_have_attribute("aria-pressed", "true")
    await page.route("**/api/v1/jobs?*", lambda route: route.abort())
    await page.get_by_role("combobox", name="Search jobs").fill("status:queued")
    await expect(page.get_by_text("The server cannot be reached.")).to_be_visible(timeout=10_000)
    await expect(page.locator(ROWS)).to_have_count(0)  # these were of another search


@pytest.mark.slow
async def test_a_search_that_finds_nothing_is_not_the_same_as_no_jobs(crowd: Floor, floor: Floor, page: Page) -> None:
    await page.goto(f"{crowd.url}/jobs?q=nowhere-to-be-found")
    await expect(page.get_by_text("No job matches this search.")).to_be_visible()
    await page.get_by_role("button", name="Clear the search").click()
    await expect(page.locator(ROWS)).to_have_count(25)
    await page.goto(f"{floor.url}/jobs")
    await expect(page.get_by_text("No jobs yet.")).to_be_visible()


@pytest.mark.slow
async def test_a_search_that_means_nothing_is_told_beside_the_field(crowd: Floor, page: Page) -> None:
    await open_jobs(page, crowd)
    await page.get_by_role("combobox", name="Search jobs").fill("status:broken after:soon")
    await expect(page.locator("#search-fault")).to_contain_text("status: is one of")
    await expect(page.locator("#search-fault")).to_contain_text("after: takes an age")
    await expect(page.locator(ROWS)).to_have_count(25)


@pytest.mark.slow
async def test_the_search_completes_qualifiers_and_values_by_the_keyboard(crowd: Floor, page: Page) -> None:
    await open_jobs(page, crowd)
    await page.keyboard.press("/")
    await page.keyboard.type("sta")
    await expect(page.get_by_role("option", name="status:")).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await page.keyboard.type("fa")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("combobox", name="Search jobs")).to_have_value("status:failed ")
    await expect(page.locator(ROWS)).to_have_count(3)


@pytest.mark.slow
async def test_new_jobs_wait_behind_a_button_and_rows_stay_where_they_are(floor: Floor, page: Page) -> None:
    floor.run("plain", title="Old one")
    await open_jobs(page, floor)
    first = await page.locator(ROWS).first.element_handle()
    for n in range(4):
        floor.run("plain", title=f"New {n}")
    await expect(page.get_by_role("button", name="4 new jobs")).to_be_visible()
    await expect(page.locator(ROWS)).to_have_count(1)
    await page.get_by_role("button", name="4 new jobs").click()
    await expect(page.locator(ROWS)).to_have_count(5)
    assert first is not None
    assert await first.evaluate("node => node.isConnected")


@pytest.mark.slow
async def test_why_a_job_failed_is_unfolded_below_its_row_and_one_that_runs_says_how_long(
    floor: Floor, page: Page
) -> None:
    floor.run("wrong", title="Sums")
    floor.run("broken", title="Render", payload={"code": "CODEC", "message": "No such codec."})
    floor.submit("half", title="Going")
    await open_jobs(page, floor)
    await page.get_by_role("link", name="Render").focus()
    await page.keyboard.press("e")
    below = page.locator("tr.more")
    await expect(below.get_by_label("Error of Render")).to_contain_text("No such codec.")
    await expect(below.get_by_label("Traceback")).to_contain_text("in broken")
    await expect(below.get_by_label("Last lines of the log")).to_contain_text("about to break")
    await page.get_by_role("button", name="Why Sums failed").click()
    await expect(below).to_have_count(2)
    await expect_sound(page)
    took = page.locator(".cell-took").first
    await expect(took).to_have_text(re.compile(r"^\d+ s$"))
    await expect(took).not_to_have_text(await took.inner_text())
    await page.get_by_role("link", name="Render").focus()
    await page.keyboard.press("e")
    await expect(below).to_have_count(1)
    await expect(page.get_by_role("button", name="Why Render failed")).to_have_attribute("aria-expanded", "false")


@pytest.mark.slow
async def test_a_row_is_patched_in_place_when_its_job_goes_on(floor: Floor, page: Page) -> None:
    job = floor.submit("steady", title="Going")
    await open_jobs(page, floor)
    await page.get_by_role("button", name="Cancel Going").focus()
    await expect(page.locator(ROWS)).to_contain_text(re.compile(r"hello \d\d"))
    await expect(page.get_by_role("button", name="Cancel Going")).to_be_focused()
    floor.call("DELETE", f"jobs/{job['job_id']}")
    await expect(page.locator(ROWS)).to_contain_text("Cancelled")
    await expect(page.get_by_role("link", name="Going")).to_be_focused()


@pytest.mark.slow
async def test_a_range_is_chosen_with_shift_and_cancelled_after_it_was_said_what_would_happen(
    floor: Floor, page: Page
) -> None:
    floor.submit_many("plain", 6, delay=36_000)
    await open_jobs(page, floor)
    await page.get_by_role("checkbox", name="Select Number 4").check()
    await page.get_by_role("checkbox", name="Select Number 1").click(modifiers=["Shift"])
    bar = page.get_by_role("region", name="Selected jobs")
    await expect(bar).to_contain_text("4 selected")
    await bar.get_by_role("button", name="Cancel").click()
    dialog = page.get_by_role("dialog", name="Cancel jobs")
    await expect(dialog).to_contain_text("Of 4 jobs, 4 would be cancelled")
    assert floor.call("GET", "jobs/stats/counts")["queued"] == 6
    await dialog.get_by_role("button", name="Cancel 4 jobs").click()
    await expect(dialog).to_contain_text("4 jobs were cancelled")
    await dialog.get_by_role("button", name="Close").click()
    await expect(bar).to_be_hidden()
    assert floor.call("GET", "jobs/stats/counts")["cancelled"] == 4


@pytest.mark.slow
async def test_all_that_match_can_be_chosen_and_retried_at_once(floor: Floor, page: Page) -> None:
    floor.submit_many("broken", 40)
    floor.run("broken", title="Last")
    await open_jobs(page, floor, "?q=status:failed")
    await expect(page.locator(".tools")).to_contain_text(span(1, 25, "41"))
    await page.get_by_role("checkbox", name="Select all jobs of this page").check()
    bar = page.get_by_role("region", name="Selected jobs")
    await bar.get_by_role("button", name="Select all 41 matching").click()
    await expect(bar).to_contain_text("All 41 selected")
    await bar.get_by_role("button", name="Retry").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Of 41 jobs, 41 would be queued again")
    await page.get_by_role("button", name="Retry 41 jobs").click()
    await expect(page.get_by_role("dialog")).to_contain_text("41 jobs were queued again")


@pytest.mark.slow
async def test_the_order_is_chosen_by_a_head_or_on_a_phone_by_a_choice_and_stands_in_the_address(
    floor: Floor, page: Page
) -> None:
    floor.submit_many("plain", 30, delay=36_000)
    await open_jobs(page, floor)
    head, first = page.locator("th[aria-sort]"), page.locator(ROWS).first
    await expect(head).to_have_attribute("aria-sort", "descending")
    await expect(first).to_contain_text("Number 29")
    await head.get_by_role("button", name="Submitted").click()
    await expect(page).to_have_url(re.compile(r"\?sort=created_at$"))
    await expect(head).to_have_attribute("aria-sort", "ascending")
    await page.get_by_role("button", name="Newer").click()
    await expect(first).to_contain_text("Number 25")
    await page.reload()
    await expect(page.locator(ROWS)).to_have_count(5)
    await expect(page.get_by_role("button", name="Older")).to_be_visible()
    await page.get_by_label("Rows").select_option("50")
    await expect(page.locator(ROWS)).to_have_count(30)
    await expect(page).to_have_url(re.compile(r"size=50$"))
    await expect(page.locator(".tools")).to_contain_text(span(1, 30, "30"))
    await page.go_back()
    await expect(page.locator(ROWS)).to_have_count(5)
    await expect(page.get_by_label("Order")).to_be_hidden()
    await page.set_viewport_size({"width": 360, "height": 800})
    await page.get_by_label("Order").select_option("Newest first")
    await expect(page).to_have_url(re.compile("/jobs$"))
    await expect(first).to_contain_text("Number 29")


@pytest.mark.parametrize("kind", ["JSON", "CSV"])
@pytest.mark.slow
async def test_what_matches_is_exported_all_of_it(crowd: Floor, page: Page, kind: str) -> None:
    await open_jobs(page, crowd, "?q=tag:many")
    async with page.expect_download() as download:
        await page.get_by_role("button", name=f"Export {kind}").click()
    path = await (await download.value).path()
    if kind == "JSON":
        assert len(json.loads(path.read_text())["jobs"]) == 5_000
    else:
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == 5_000
        assert {row["tags"] for row in rows} == {"many"}
