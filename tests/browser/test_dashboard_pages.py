"""Every page of the dashboard, in light and dark, wide and narrow: empty, with jobs, and without a server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Visit
from tests.browser.floor import Floor, expect_live, expect_sound, serve

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SLOW = pytest.mark.slow
LOOKS = [
    pytest.param(("light", 1280), marks=SLOW),
    pytest.param(("light", 360), marks=SLOW),
    ("dark", 1280),
    pytest.param(("dark", 360), marks=SLOW),
]
PLAIN_PAGES = ("", "jobs", "new", "stats")
# Controls that stand beside the page, or whose words do not fit into them; what scrolls by itself is no such place.
CUT_OFF = """() => {
  const found = [];
  const look = (root) => {
    for (const node of root.querySelectorAll("*")) {
      if (node.shadowRoot) look(node.shadowRoot);
      if (!node.matches("button, a, input, select, textarea, summary, .badge, label")) continue;
      if (!node.checkVisibility()) continue;
      const { left, right } = node.getBoundingClientRect();
      const beside = (left < -0.5 || right > innerWidth + 0.5) && !node.closest(".scroll, .visually-hidden, .hidden");
      const cut = node.matches("button, .button, .badge") && node.scrollWidth > node.clientWidth + 1;
      if (beside || cut) found.push([node.outerHTML.slice(0, 120), left, right, node.scrollWidth, node.clientWidth]);
    }
  };
  look(document);
  return found;
}"""


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    floor = serve(tmp_path / "data")
    yield floor
    floor.server.kill()


@pytest_asyncio.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}", loop_scope="module")
async def page(visit: Visit, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    scheme, width = request.param
    await visit.page.emulate_media(color_scheme=scheme)
    await visit.page.set_viewport_size({"width": width, "height": 800})
    yield visit.page
    assert visit.faults == []


async def settled(page: Page, address: str) -> None:
    """Go to a page and wait until what it asked for is there."""
    await page.goto(address)
    await expect_live(page)
    await expect(page.locator("h1")).to_be_visible()
    await expect(page.locator(".skeleton[role=status]")).to_have_count(0)


async def test_axe_finds_nothing_on_any_page_empty_or_full(floor: Floor, page: Page) -> None:
    for name in PLAIN_PAGES:
        await settled(page, f"{floor.url}/{name}")
        await expect_sound(page)
    ids = floor.fill()
    for name in (*PLAIN_PAGES, *(f"jobs/{job_id}" for job_id in ids.values()), f"new?from={ids['done']}"):
        await settled(page, f"{floor.url}/{name}")
        await expect_sound(page)


@pytest.mark.slow
async def test_axe_finds_nothing_where_no_answer_comes_and_the_page_says_so(floor: Floor, page: Page) -> None:
    async def refuse(route: Route) -> None:
        await route.abort()

    await page.route("**/api/v1/**", refuse)
    for name in (*PLAIN_PAGES, "jobs/00000000-0000-7000-8000-000000000000"):
        await page.goto(f"{floor.url}/{name}")
        await expect(page.locator("#connection")).to_contain_text(re.compile("Reconnecting|Not live"), timeout=20_000)
        if name != "new":
            await expect(page.get_by_text("The server cannot be reached.").first).to_be_visible(timeout=20_000)
        await expect_sound(page)


@pytest.mark.parametrize(
    "size", [(320, 256), pytest.param((640, 400), marks=pytest.mark.slow)], ids=["320 px", "200 %"]
)
@pytest.mark.slow
async def test_every_page_reflows_without_scrolling_sideways_or_a_control_that_is_cut_off(
    floor: Floor, visit: Visit, size: tuple[int, int]
) -> None:
    """Half the size is what 200 % zoom leaves of 1280 by 800 (WCAG 1.4.4), 320 px what 400 % does (1.4.10)."""
    floor.submit("steady", title="Word" * 40, user_id="anna" * 20, tags=["project:" + "7" * 80])
    ids = floor.fill()
    await visit.page.set_viewport_size({"width": size[0], "height": size[1]})
    for name in (*PLAIN_PAGES, *(f"jobs/{job_id}" for job_id in ids.values()), "new?type=typed", "jobs?q=status:none"):
        await settled(visit.page, f"{floor.url}/{name}")
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await visit.page.evaluate(wider) <= 0, name
        assert await visit.page.evaluate(CUT_OFF) == [], name


async def test_no_request_leaves_the_origin_and_every_page_has_the_policy(floor: Floor, visit: Visit) -> None:
    ids = floor.fill()
    for name in (*PLAIN_PAGES, f"jobs/{ids['running']}"):
        answer = await visit.page.goto(f"{floor.url}/{name}")
        assert answer is not None
        policy = (await answer.all_headers())["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        await expect_live(visit.page)
    origins = {urlsplit(address)[:2] for address in visit.requests if not address.startswith(("data:", "blob:"))}
    assert origins == {urlsplit(floor.url)[:2]}
    assert visit.faults == []


@pytest.mark.slow
async def test_all_pages_work_below_a_base_path(tmp_path: Path, visit: Visit) -> None:
    floor = serve(tmp_path / "data", base="/tools/jobs", JOBRUNNER_SERVER__BASE_PATH="/tools/jobs")
    try:
        job = floor.run("plain", title="Below")
        await settled(visit.page, f"{floor.url}/jobs/{job['job_id']}/")
        await expect(visit.page.locator("h1")).to_have_text("Below")
        await visit.page.get_by_role("link", name="Statistics").click()
        await expect(visit.page).to_have_url(f"{floor.url}/stats")
        await visit.page.reload()
        await expect(visit.page.locator("h1")).to_have_text("Statistics")
        await visit.page.go_back()
        await expect(visit.page.locator("h1")).to_have_text("Below")
        assert visit.faults == []
    finally:
        floor.server.kill()
