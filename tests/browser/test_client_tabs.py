"""Many tabs of one origin: one stream for all of one subject, whoever leads; nothing for another subject."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio
from aiohttp import ClientSession
from playwright.async_api import BrowserContext, Error

from tests.browser.client_page import ClientPage, Rig, rigged
from tests.browser.conftest import RIGHTS
from tests.browser.office import Office

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rig(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    async with rigged(chromium, tmp_path_factory.mktemp("tabs")) as rig:
        yield rig


@pytest_asyncio.fixture(loop_scope="module")
async def context(rig: Rig) -> AsyncIterator[BrowserContext]:
    """Be one browser profile: its tabs are of one person."""
    rig.proxy.heal()
    context = await rig.browser.new_context()
    yield context
    await context.close()
    await rig.proxy.until(lambda: rig.proxy.open_streams == 0)
    rig.proxy.asked.clear()


async def opened(rig: Rig, context: BrowserContext, **options: object) -> ClientPage:
    """Open a tab that is live."""
    tab = await ClientPage(await context.new_page(), rig.proxy.url).open(**options)
    await tab.watch()
    await tab.state("live")
    return tab


async def test_ten_tabs_share_one_stream_and_the_tenth_sees_and_fetches_as_the_first(
    rig: Rig, context: BrowserContext
) -> None:
    tabs = [await opened(rig, context) for _ in range(10)]
    assert rig.proxy.open_streams == 1
    await tabs[9].submit("ten", "plain")
    for tab in tabs:
        await tab.until("shown().ten === 'completed'")
    assert rig.proxy.streams() == 1
    assert (await tabs[9].do("client.counts()"))["completed"] >= 1


@pytest.mark.slow
async def test_another_tab_takes_over_when_the_leading_one_closes_hides_or_crashes_and_nothing_is_lost(
    rig: Rig, context: BrowserContext
) -> None:
    tabs = [await opened(rig, context) for _ in range(4)]
    await tabs[0].page.close()
    await tabs[3].submit("after the close", "plain")
    for tab in tabs[1:]:
        await tab.until("shown()['after the close'] === 'completed'")
    await tabs[1].hide()
    await tabs[3].submit("after the hiding", "plain")
    for tab in tabs[2:]:
        await tab.until("shown()['after the hiding'] === 'completed'")
    async with tabs[2].page.expect_event("crash"):
        with pytest.raises(Error):
            await tabs[2].page.goto("chrome://crash")
    await tabs[3].submit("after the crash", "plain")
    await tabs[3].until("shown()['after the crash'] === 'completed'")
    assert rig.proxy.open_streams == 1
    await tabs[1].hide(hidden=False)
    await tabs[1].until("shown()['after the crash'] === 'completed'")
    assert rig.proxy.open_streams == 1


@pytest.mark.slow
async def test_a_tab_that_hangs_is_replaced_after_45_s(rig: Rig, context: BrowserContext) -> None:
    first = await opened(rig, context)
    page = await context.new_page()
    await page.clock.install()
    second = await ClientPage(page, rig.proxy.url).open()
    await second.watch()
    await second.state("live")
    busy = "{ const until = performance.now() + 4_000; while (performance.now() < until); }"
    hanging = asyncio.create_task(first.page.evaluate(busy))
    await page.clock.fast_forward(46_000)
    await rig.proxy.until(lambda: rig.proxy.streams() == 2)
    await second.submit("beside the one that hangs", "plain")
    await second.until("shown()['beside the one that hangs'] === 'completed'")
    await hanging
    await first.until("shown()['beside the one that hangs'] === 'completed'")
    await rig.proxy.until(lambda: rig.proxy.open_streams == 1)


@pytest.mark.slow
async def test_a_follower_that_watches_something_else_gets_it_by_the_same_stream(
    rig: Rig, context: BrowserContext
) -> None:
    tabs = [await ClientPage(await context.new_page(), rig.proxy.url).open() for _ in range(2)]
    ids = [await tab.submit(title) for tab, title in zip(tabs, ("one", "two"), strict=True)]
    for tab, job_id in zip(tabs, ids, strict=True):
        await tab.watch(f"'{job_id}'")
        await tab.state("live")
    await tabs[0].do("client.cancel(args[0]).then(() => null)", ids[1])
    await tabs[1].until("shown().two === 'cancelled'")
    assert await tabs[0].do("shown()") == {"one": "queued"}
    await rig.proxy.until(lambda: rig.proxy.open_streams == 1)
    await tabs[0].do("client.cancel(args[0]).then(() => null)", ids[0])
    await rig.proxy.until(lambda: rig.proxy.open_streams == 0)
    assert await tabs[1].do("[client.connection.state, client.connection.problem]") == ["stopped", None]


@pytest.mark.slow
async def test_two_users_in_two_tabs_see_only_their_own_and_two_tabs_of_one_user_share(
    chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    async with AsyncExitStack() as stack:
        rig = await stack.enter_async_context(rigged(chromium, tmp_path_factory.mktemp("users"), **RIGHTS))
        office = Office(rig.server, await stack.enter_async_context(ClientSession()))
        context = await rig.browser.new_context()
        names = ("anna", "ben", "anna")
        tokens = [await office.token(name, "read", "submit") for name in names]
        tabs = [await opened(rig, context, token=token) for token in tokens]
        assert rig.proxy.open_streams == 2
        for name in ("anna", "ben"):
            await office.submit("plain", user_id=name, title=f"of {name}")
        for tab, name in zip(tabs, names, strict=True):
            await tab.until(f"shown()['of {name}'] === 'completed'")
            assert set(await tab.do("shown()")) == {f"of {name}"}
        assert await tabs[1].do("client.jobs.newest().map((job) => job.title)") == ["of ben"]
