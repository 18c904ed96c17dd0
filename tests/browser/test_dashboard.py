"""What a person does with the dashboard: looks, understands, acts, also when the server goes."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.floor import Floor, expect_live, expect_sound, serve
from tests.process import ServerProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

RUNNING = "section.card:has-text('Running now')"
MOVES = """(count) => new Promise((done) => {
  const bar = document.querySelector(".running job-status").shadowRoot.querySelector(".bar");
  new MutationObserver(() => (count -= 1) > 0 || done()).observe(bar, { attributeFilter: ["aria-valuenow"] });
})"""


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    floor = serve(tmp_path / "data")
    yield floor
    floor.server.kill()


@pytest.fixture
def queues(tmp_path: Path) -> Iterator[Floor]:
    """Be a server with two queues."""
    floor = serve(tmp_path / "data", JOBRUNNER_QUEUES__GPU__CONCURRENCY="1")
    yield floor
    floor.server.kill()


@pytest_asyncio.fixture(loop_scope="module")
async def page(visit: Visit) -> AsyncIterator[Page]:
    yield visit.page
    assert visit.faults == []


async def open_page(page: Page, floor: Floor, path: str = "") -> None:
    await page.goto(f"{floor.url}/{path}")
    await expect_live(page)


async def test_the_first_visit_shows_a_command_and_runs_an_example_at_one_press(floor: Floor, page: Page) -> None:
    await open_page(page, floor)
    await expect(page.locator("h1")).to_have_text("No jobs yet")
    await expect(page.get_by_label("Command")).to_contain_text("/api/v1/jobs")
    await page.get_by_role("button", name="Run an example").click()
    await expect(page).to_have_url(re.compile("/jobs/[0-9a-f-]{36}$"))
    await expect(page.locator("h1")).to_have_text("Example")


@pytest.mark.slow
async def test_the_overview_says_all_in_one_sentence_and_its_tiles_lead_to_the_history(
    floor: Floor, page: Page, visit: Visit
) -> None:
    floor.fill()
    await open_page(page, floor)
    await expect(page.locator("h1")).to_have_text("1 job running, 1 waiting")
    await expect(page.locator(".headline")).to_contain_text("1 of 8 workers busy")
    await expect(page.locator(RUNNING)).to_contain_text("Translate Intro")
    await expect(page.locator(RUNNING)).to_contain_text(re.compile(r"line \d"))
    asked = len(visit.requests)
    await page.evaluate(MOVES, 12)
    counts = [address for address in visit.requests[asked:] if address.endswith("/counts")]
    assert len(counts) <= 2, "progress changes no count: what is asked is of the beginning"
    await expect(page.locator("section.card:has-text('Waiting')")).to_contain_text("Waiting until")
    await expect(page).to_have_title(re.compile(r"^\(2\) \d+ % · Translate Intro"))
    await page.locator("queue-stats").get_by_role("link", name=re.compile("Failed")).click()
    await expect(page).to_have_url(re.compile("/jobs.q=status"))
    await expect(page.locator("table.jobs")).to_contain_text("CODEC: No such codec.")


async def test_failures_are_grouped_by_error_and_all_of_a_kind_are_retried(floor: Floor, page: Page) -> None:
    for n in range(3):
        floor.run("broken", title=f"Render {n}", payload={"code": "CODEC", "message": "No such codec."})
    await open_page(page, floor)
    group = page.locator("section.card:has-text('Needs attention') li")
    await expect(group).to_contain_text("No such codec.")
    await group.get_by_role("button", name="Retry all 3").click()
    dialog = page.get_by_role("dialog", name="Retry jobs")
    await expect(dialog).to_contain_text("Of 3 jobs, 3 would be queued again")
    await expect_sound(page)
    await dialog.get_by_role("button", name="Retry 3 jobs").click()
    await expect(dialog).to_contain_text("3 jobs were queued again")


@pytest.mark.slow
async def test_queues_are_told_in_lines_and_a_table_that_lead_to_their_jobs_and_a_pause_is_ended(
    queues: Floor, page: Page
) -> None:
    queues.run("plain")
    queues.submit("plain", title="Rendering", queue="gpu", delay=3_600)
    queues.call("POST", "queues/default/pause")
    await open_page(page, queues)
    await expect(page.locator(".notices")).to_contain_text("Queue default is paused")
    await page.get_by_role("button", name="Resume queue default").click()
    await expect(page.locator(".notices")).to_be_hidden()
    assert not [queue for queue in queues.call("GET", "queues")["queues"] if queue["paused"]]
    await expect_sound(page)
    await page.get_by_role("list", name="Queues").get_by_role("link", name="1 waiting").click()
    await expect(page.get_by_role("combobox", name="Search jobs")).to_have_value("queue:gpu status:queued")
    await expect(page.locator("table.jobs tbody tr")).to_have_count(1)
    await page.set_viewport_size({"width": 360, "height": 800})
    await page.get_by_role("link", name="Statistics").click()
    table = page.locator("table.queues")
    await expect(table.get_by_role("link", name="gpu")).to_have_attribute("href", re.compile("q=queue%3Agpu"))
    await expect(table.get_by_role("columnheader", name="Running")).to_be_visible()
    await expect(table.get_by_role("columnheader", name="Slots")).to_be_hidden()


@pytest.mark.slow
async def test_a_job_is_shown_with_its_times_its_error_its_input_and_its_log(floor: Floor, page: Page) -> None:
    job = floor.run("broken", title="Render video 4", payload={"code": "CODEC", "message": "No such codec."})
    await open_page(page, floor, f"jobs/{job['job_id']}")
    await expect(page.get_by_label("Error")).to_contain_text("No such codec.")
    await expect(page.locator(".timeline")).to_contain_text("Attempt 1 failed")
    await expect(page.locator(".timeline")).to_contain_text("without signing in")
    await expect(page.get_by_role("link", name="Jobs", exact=True)).to_have_attribute("aria-current", "true")
    await expect(page.get_by_label("Follow")).to_be_hidden()
    small = "node => parseFloat(getComputedStyle(node).fontSize)"
    assert await page.get_by_label("Error").locator("small").evaluate(small) >= 12
    await expect(page.locator(".tree").last).to_contain_text('message: "No such codec."')
    await expect(page.get_by_label("Log lines")).to_contain_text("about to break")
    await page.get_by_role("button", name="Retry").click()
    await expect(page.locator(".timeline")).to_contain_text("Attempt 2 failed")
    await expect(page.locator(".timeline")).to_contain_text("Retried by hand")


@pytest.mark.slow
async def test_a_failed_job_shows_its_message_first_and_its_traceback_folded(floor: Floor, page: Page) -> None:
    job = floor.run("wrong", title="Sums")
    await open_page(page, floor, f"jobs/{job['job_id']}")
    error = page.get_by_label("Error")
    await expect(error.locator("p")).to_have_text("ValueError: <b>not</b> a number")
    trace = error.get_by_label("Traceback")
    await expect(trace).to_be_hidden()
    await error.get_by_text("Traceback", exact=True).click()
    await expect(trace).to_contain_text(re.compile(r"Traceback \(most.*in wrong\n.*ValueError: <b>not</b>", re.DOTALL))
    assert await error.evaluate("node => node.innerText.indexOf('not') < node.innerText.indexOf('in wrong')")
    await expect_sound(page)


@pytest.mark.slow
async def test_a_long_log_is_followed_with_a_bound_on_its_lines(floor: Floor, page: Page) -> None:
    job = floor.run("talk", payload={"times": 3_000, "word": "line"})
    await open_page(page, floor, f"jobs/{job['job_id']}")
    log = page.get_by_label("Log lines")
    await expect(log).to_contain_text("line 2999", timeout=20_000)
    assert await log.evaluate("node => node.childElementCount") <= 1_000
    assert await log.evaluate("node => node.scrollHeight - node.scrollTop - node.clientHeight") < 24
    await expect(page.get_by_text("2,000 earlier lines left out here.")).to_be_visible()


@pytest.mark.slow
async def test_a_waiting_job_says_why_it_waits(floor: Floor, page: Page) -> None:
    job = floor.submit("plain", title="Later", delay=3_600)
    await open_page(page, floor, f"jobs/{job['job_id']}")
    sentence = floor.call("GET", f"jobs/{job['job_id']}/explain")["sentence"]
    await expect(page.locator(".why")).to_have_text(sentence)


async def test_the_jobs_around_a_job_are_shown_live_and_those_below_a_child_are_unfolded(
    floor: Floor, page: Page
) -> None:
    root = floor.submit("nest", title="Root")
    side = floor.submit("half", title="Side")
    last = floor.submit("plain", title="Last", depends_on=[root["job_id"], side["job_id"]])
    await open_page(page, floor, f"jobs/{root['job_id']}")
    tree = page.locator("job-tree")
    await expect(tree.get_by_role("link")).to_have_text(["Left 1", "Right 0"])
    await tree.get_by_text("2 children").click()
    await expect(tree.get_by_role("link")).to_have_text(["Left 1", "Left 0", "Right 0", "Right 0"])
    await expect(tree.locator("li[data-status=processing] .much").first).to_have_text("10%")
    await expect_sound(page)
    right = floor.call("GET", f"jobs?q=Left%200&parent_id={floor.call('GET', 'jobs?q=Left%201')['jobs'][0]['job_id']}")
    floor.call("DELETE", f"jobs/{right['jobs'][0]['job_id']}")
    await expect(tree.locator("li li").first).to_contain_text("Cancelled")
    await tree.get_by_role("link", name="Left 1").click()
    await expect(page.locator("h1")).to_have_text("Left 1")
    await expect(tree).to_contain_text("Part of")
    await page.set_viewport_size({"width": 360, "height": 800})
    await expect_sound(page)
    await tree.get_by_role("link", name="Root").click()
    await expect(page.locator("h1")).to_have_text("Root")
    await open_page(page, floor, f"jobs/{last['job_id']}")
    await expect(page.get_by_text("Waiting for 2 other jobs").first).to_be_visible()
    await expect(tree.get_by_role("link")).to_have_text(["Root", "Side"])


@pytest.mark.slow
async def test_code_that_is_not_in_force_is_told_above_every_page(tmp_path: Path, page: Page) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text("VALUE = 1\n")
    server = ServerProcess(tmp_path / "data", "mine", path=tmp_path, flags=["--reload"])
    server.start()
    floor = Floor(server)

    async def look(*, is_wrong: bool) -> None:
        async with asyncio.timeout(20):
            while (floor.call("GET", "jobs/health")["reload_error"] is not None) is not is_wrong:
                await asyncio.sleep(0.1)  # nobody is told of it

    try:
        mine.write_text("raise ValueError('half <b>written</b>')\n")
        await look(is_wrong=True)
        await open_page(page, floor, "stats")
        await expect(page.locator(".tiles")).to_contain_text(re.compile(r"Failed\s*0\s*Wait"))
        await expect(page.locator("#reload")).to_be_visible()
        await expect(page.locator("#reload")).to_contain_text("ValueError: half <b>written</b>")
        await expect_sound(page)
        mine.write_text("VALUE = 22\n")
        await look(is_wrong=False)
        await expect(page.locator("#reload")).to_be_hidden(timeout=15_000)
    finally:
        server.kill()


@pytest.mark.slow
async def test_a_job_that_is_not_there_says_so(floor: Floor, page: Page) -> None:
    await open_page(page, floor, "jobs/00000000-0000-7000-8000-000000000000")
    await expect(page.get_by_text("There is no such job.")).to_be_visible()


async def test_a_new_job_is_made_by_a_form_of_its_schema_or_as_json(floor: Floor, page: Page) -> None:
    await open_page(page, floor, "new?type=typed")
    await page.get_by_label("Word").fill("from the form")
    await expect(page.get_by_label("Payload")).to_have_value(re.compile('"word": "from the form"'))
    await page.get_by_label("Payload").fill('{"word": "from JSON", "times": 7}')
    await expect(page.get_by_label("Word")).to_have_value("from JSON")
    await expect(page.get_by_label("Times")).to_have_value("7")
    await page.get_by_label("Payload").fill("{")
    await expect(page.locator("#json-fault")).to_contain_text("Not JSON")
    await page.get_by_label("Payload").fill('{"word": "sent", "times": 7}')
    await page.get_by_role("button", name="Submit").click()
    await expect(page).to_have_url(re.compile("/jobs/[0-9a-f-]{36}$"))
    await expect(page.locator("section.card:has-text('Result')")).to_contain_text('word: "sent"')


@pytest.mark.slow
async def test_the_command_of_a_new_job_names_the_type_that_is_chosen_and_what_is_filled_in(
    floor: Floor, page: Page
) -> None:
    await open_page(page, floor, "new")
    locked = page.get_by_label("Type").locator("option[value=locked]")
    await expect(locked).to_be_disabled()
    await expect(locked).to_contain_text("pip install no-such-module")
    command = page.get_by_label("Command")
    chosen = await page.get_by_label("Type").input_value()
    await expect(command).to_contain_text(f'"type":"{chosen}"')
    await page.get_by_label("Type").select_option("typed")
    await expect(command).to_contain_text('"type":"typed"')
    await page.get_by_label("Word").fill("It's said")
    await page.get_by_label("Times").fill("3")
    await expect(command).to_contain_text('"times":3')
    words = shlex.split(await command.inner_text())
    sent = json.loads(words[words.index("--json") + 1])
    assert (sent["type"], sent["payload"]["word"], sent["payload"]["times"]) == ("typed", "It's said", 3)


@pytest.mark.slow
async def test_an_old_job_is_edited_and_run_again_as_a_new_one(floor: Floor, page: Page) -> None:
    job = floor.run("typed", title="First try", payload={"word": "old", "times": 3})
    await open_page(page, floor, f"jobs/{job['job_id']}")
    await page.get_by_role("link", name="Edit and re-run").click()
    await expect(page.get_by_label("Word")).to_have_value("old")
    await page.get_by_label("Word").fill("new")
    await page.get_by_role("button", name="Submit").click()
    await expect(page).to_have_url(re.compile("/jobs/[0-9a-f-]{36}$"))
    await expect(page.locator("section.card:has-text('Result')")).to_contain_text('word: "new"')
    await page.get_by_role("link", name="the job before").click()
    await expect(page.locator("h1")).to_have_text("First try")


@pytest.mark.slow
async def test_every_chart_can_be_read_as_a_table(floor: Floor, page: Page) -> None:
    floor.run("plain")
    floor.run("broken")
    await open_page(page, floor, "stats?range=1h")
    await expect(page.get_by_role("link", name="1 hour")).to_have_attribute("aria-current", "true")
    await expect(page.locator(".tiles")).to_contain_text("50 % of those that ended")
    await expect(page.locator(".tiles")).to_contain_text(re.compile(r"Run, p50\s*[\d.< ]+ s\s+p95: "))
    pictures = page.get_by_role("img")
    await expect(pictures).to_have_count(5)  # no job was left waiting: one says so in words
    for fold in await page.get_by_text("Show as table").all():
        await fold.click()
    ended = page.get_by_role("table", name="Ended jobs over time")
    cells = await ended.locator("td").all_inner_texts()
    assert sorted(cell for cell in cells if cell != "0") == ["1", "1"]
    for what, name in (("wait", "How long jobs waited, by type"), ("run", "How long attempts ran, by type")):
        told = floor.call("GET", "jobs/stats?range=1h")["types"]
        rows = page.get_by_role("table", name=name).locator("tbody tr")
        assert sorted(await rows.locator("th").all_inner_texts()) == sorted(one["type"] for one in told)
        words = await page.get_by_role("img", name=name).locator("text").all_text_contents()
        assert {one["type"] for one in told} <= set(words)
        assert all(one[what]["p95"] is not None for one in told)
        cells = await rows.locator("td").all_inner_texts()
        assert len(cells) == 4
        assert all(re.fullmatch(r"(< )?[\d.]+ s", cell) for cell in cells)
    await expect_sound(page)


async def test_a_server_that_goes_is_told_its_data_stay_and_its_return_needs_no_reload(
    floor: Floor, page: Page
) -> None:
    await page.clock.install()
    floor.run("broken", title="Kept", payload={"code": "CODEC"})
    floor.submit("half", title="Half way")
    await open_page(page, floor)
    await expect(page.locator("section.card:has-text('Needs attention')")).to_contain_text("CODEC")
    await expect(page.locator(RUNNING)).to_contain_text("no estimate yet")
    await asyncio.to_thread(floor.server.kill)
    await expect(page.locator("#connection")).to_contain_text("Reconnecting")
    await page.clock.fast_forward("00:41")
    await expect(page.locator("#connection")).to_contain_text(re.compile(r"Not live, as of \d\d:\d\d:\d\d"))
    await expect(page.locator("html")).to_have_attribute("data-live", "no")
    await expect(page.locator("section.card:has-text('Needs attention')")).to_contain_text("CODEC")
    await expect(page.locator(RUNNING)).to_contain_text("Half way")
    await expect(page.locator(RUNNING)).not_to_contain_text("no estimate yet")
    await asyncio.to_thread(floor.server.start)
    await page.get_by_role("button", name="Try now").click()
    await expect_live(page)
    await expect(page.get_by_role("button", name="Try now")).to_be_hidden()
    await expect(page.locator("html")).to_have_attribute("data-live", "yes")
    floor.submit("steady", title="After the return")
    await page.clock.fast_forward("00:02")
    await expect(page.locator(RUNNING)).to_contain_text("After the return")


@pytest.mark.slow
async def test_a_person_pauses_what_moves_and_goes_on(floor: Floor, page: Page) -> None:
    floor.submit("steady", title="Moving")
    await open_page(page, floor)
    await expect(page.locator(RUNNING)).to_contain_text("Moving")
    await page.keyboard.press("p")
    await expect(page.locator("#connection")).to_contain_text("Paused")
    await expect(page.locator("html")).to_have_attribute("data-live", "no")
    await page.get_by_role("button", name="Resume").click()
    await expect_live(page)


@pytest.mark.slow
async def test_the_theme_is_remembered_and_comes_before_the_first_picture(floor: Floor, page: Page) -> None:
    await open_page(page, floor)
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_label("Dark").check()
    dark = "rgb(13, 17, 23)"
    await expect(page.locator("body")).to_have_css("background-color", dark)
    await page.reload(wait_until="commit")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await expect(page.locator("body")).to_have_css("background-color", dark)


@pytest.mark.slow
async def test_nothing_asks_for_notifications_but_the_button(floor: Floor, visit: Visit) -> None:
    await visit.page.add_init_script(
        "window.asked = 0; Notification.requestPermission = async () => { window.asked += 1; return 'denied'; };"
    )
    await open_page(visit.page, floor)
    await visit.page.get_by_role("button", name="Settings").click()
    assert await visit.page.evaluate("asked") == 0
    await visit.page.get_by_role("button", name=re.compile("notifications")).click()
    assert await visit.page.evaluate("asked") == 1
