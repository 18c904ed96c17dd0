"""A page gets few scripts, and one client, however many of our modules it names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.browser.components_page import Demo, demo_page  # noqa: F401 - a fixture
from tests.browser.conftest import Visit
from tests.browser.floor import Floor, expect_live, serve

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

NAME_MANY = """async (id) => {
  const [{ createClient }, { defaultClient }, { createHooks }, { JobStatus }, { JobList }] = await Promise.all(
    ["jobrunner", "components", "react", "job-status", "job-list"].map((name) => import(`/assets/${name}.js`)));
  const heard = await new Promise((resolve) => createClient().watch(id, resolve));
  return [
    heard.job_id === id,
    createClient().jobs === defaultClient().jobs,
    customElements.get("job-status") === JobStatus && customElements.get("job-list") === JobList,
    document.querySelector("job-status") instanceof JobStatus,
    typeof createHooks,
  ];
}"""


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    floor = serve(tmp_path / "data")
    yield floor
    floor.server.kill()


def scripts(visit: Visit) -> list[str]:
    return [address for address in visit.requests if address.endswith(".js")]


async def test_the_overview_comes_with_twelve_scripts_each_asked_for_once(floor: Floor, visit: Visit) -> None:
    floor.submit("steady", title="Translate Intro")
    floor.run("plain", title="Weekly digest")
    await visit.page.goto(floor.url)
    await expect_live(visit.page)
    await expect(visit.page.locator("job-status .badge")).to_be_visible()
    await expect(visit.page.locator("job-list li[part=item]")).to_have_count(1)
    await expect(visit.page.locator("queue-stats").get_by_text("Completed")).to_be_visible()
    asked = scripts(visit)
    assert len(asked) == len(set(asked))
    assert len(asked) <= 12, asked
    assert visit.faults == []


@pytest.mark.slow
async def test_a_page_that_names_many_modules_has_one_client_and_one_stream(demo: Demo, visit: Visit) -> None:
    job = await demo.submit()
    await demo.open(f"<job-status job-id={job['job_id']}></job-status>")
    await expect(demo.page.locator("job-status .badge")).to_have_text("Processing")
    assert await demo.page.evaluate(NAME_MANY, job["job_id"]) == [True, True, True, True, "function"]
    assert len(scripts(visit)) == len(set(scripts(visit)))
    assert await demo.clean()
