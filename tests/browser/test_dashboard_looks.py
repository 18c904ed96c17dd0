"""The dashboard in forced colours, by pixel: what axe does not see vanish is looked for on the picture."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Visit
from tests.browser.floor import Floor, expect_live, serve
from tests.browser.pixels import far, row_of, rows_of

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def floor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Floor]:
    """Be a server with a job of every kind, one of them half way."""
    floor = serve(tmp_path_factory.mktemp("floor"))
    floor.fill()
    floor.submit("half", title="Half way")
    floor.call("DELETE", f"jobs/{floor.submit('plain', title='Off', delay=3_600)['job_id']}")
    yield floor
    floor.server.kill()


@pytest_asyncio.fixture(loop_scope="module", params=["light", pytest.param("dark", marks=pytest.mark.slow)])
async def page(visit: Visit, request: pytest.FixtureRequest) -> AsyncIterator[Page]:
    await visit.page.emulate_media(forced_colors="active", color_scheme=request.param, reduced_motion="reduce")
    yield visit.page
    assert visit.faults == []


async def open_page(page: Page, address: str) -> None:
    await page.goto(address)
    await expect_live(page)


@pytest.mark.slow
async def test_bar_ring_and_borders_of_a_running_job_are_seen(floor: Floor, page: Page, browser: Browser) -> None:
    await open_page(page, floor.url)
    await page.get_by_role("link", name="Half way").first.click()
    await expect(page.locator("h1")).to_have_text("Half way")
    bar = await row_of(browser, page.locator("job-progress[variant=bar] .bar"))
    filled, empty = bar[len(bar) // 4], bar[3 * len(bar) // 4]
    assert far(filled, empty)
    assert any(far(pixel, empty) for pixel in bar[-2:]), "the track has no border"
    ring = await row_of(browser, page.locator("job-progress[variant=ring] .ring"))
    done, left = ring[-len(ring) // 6 :], ring[: len(ring) // 6]
    assert strongest(done) != strongest(left), "the half that is done looks like the other"
    card = await row_of(browser, page.locator("section.card").first)
    assert any(far(pixel, card[6]) for pixel in card[:2]), "the card has no border"


@pytest.mark.slow
async def test_bars_and_tiles_of_the_overview_are_seen(floor: Floor, page: Page, browser: Browser) -> None:
    await open_page(page, floor.url)
    row = page.locator(".running li", has_text="Half way")
    bar = await row_of(browser, row.locator(".bar"))
    assert far(bar[len(bar) // 4], bar[3 * len(bar) // 4])
    edge = await row_of(browser, page.locator("queue-stats [part~=tile]:visible").first)
    assert any(far(pixel, edge[5]) for pixel in edge[:2]), "the tile has no border"


@pytest.mark.slow
async def test_each_status_has_a_shape_of_its_own(floor: Floor, page: Page, browser: Browser) -> None:
    await open_page(page, f"{floor.url}/jobs")
    shapes = []
    for status in ("queued", "processing", "completed", "failed", "cancelled"):
        icon = page.locator(f"table.jobs tr[data-status={status}] .badge .icon").first
        rows = await rows_of(browser, icon)
        background = rows[0][0]
        shapes.append({(x, y) for y, row in enumerate(rows) for x, pixel in enumerate(row) if far(pixel, background)})
    for one, other in itertools.combinations(shapes, 2):
        assert len(one ^ other) > 10


@pytest.mark.slow
async def test_a_chart_and_its_words_are_seen(floor: Floor, page: Page, browser: Browser) -> None:
    await open_page(page, f"{floor.url}/stats?range=1h")
    for name in ("Ended jobs over time", "How long attempts ran, by type"):
        chart = page.get_by_role("img", name=name)
        for node in (chart.locator("text").first, chart.locator(".area").first):
            rows = await rows_of(browser, node)
            background = (await row_of(browser, page.locator("section.card").first, 0.02))[5]
            assert any(far(pixel, background) for row in rows for pixel in row)


def strongest(pixels: list[tuple[int, ...]]) -> tuple[int, ...]:
    """Return the colour that is farthest from that of the middle, behind a ring."""
    return max(pixels, key=lambda pixel: sum(abs(a - b) for a, b in zip(pixel, pixels[0], strict=True)))
