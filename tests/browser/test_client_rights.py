"""The client with a token: in a page of another origin through its renewal, and at the end of the right."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from tests.browser.client_page import MAKE, ClientPage, Rig, rigged
from tests.browser.conftest import RIGHTS
from tests.browser.office import Office
from tests.browser.other_origin import Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SITE = Site()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rig(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    directory = tmp_path_factory.mktemp("rights")
    async with rigged(chromium, directory, **RIGHTS, JOBRUNNER_SERVER__CORS_ORIGINS=SITE.url) as rig, SITE.served():
        yield rig


@pytest_asyncio.fixture(loop_scope="module")
async def office(rig: Rig) -> AsyncIterator[Office]:
    async with ClientSession() as session:
        yield Office(rig.server, session)


@pytest_asyncio.fixture(loop_scope="module")
async def tab(rig: Rig) -> AsyncIterator[ClientPage]:
    async with rig.page() as page:
        yield page


async def test_a_page_of_another_origin_goes_on_where_it_was_when_its_token_ends_and_another_follows(
    rig: Rig, office: Office, tab: ClientPage
) -> None:
    SITE.issue = partial(office.token, "anna", "read", expires_in=2)
    await tab.page.goto(SITE.url)
    await tab.page.evaluate("window.renewed = async () => (await fetch('/token')).text()")
    await tab.page.evaluate(MAKE, [f"{rig.proxy.url}/assets/jobrunner.js", {"token": "any", "renew": True}])
    await tab.watch()
    await tab.state("live")
    await rig.proxy.until(lambda: rig.proxy.streams() == 2)
    await office.submit("plain", user_id="ben", title="of another")
    await office.submit("plain", user_id="anna", title="after the renewal")
    await tab.until("shown()['after the renewal'] === 'completed'")
    assert SITE.asked > 1
    assert set(await tab.do("shown()")) == {"after the renewal"}
    assert len([kind for kind, _ in await tab.do("told") if kind == "snapshot"]) == 1
    assert not {"stopped", "stalled", "polling"} & set(await tab.do("states"))


@pytest.mark.slow
async def test_when_the_right_ends_and_nothing_follows_it_stops_says_so_and_asks_for_nothing_more(
    rig: Rig, office: Office, tab: ClientPage
) -> None:
    await tab.page.clock.install()
    await tab.open(token=await office.token("anna", "read", expires_in=2))
    await office.submit("copy", user_id="anna", title="kept", uploads=["file"])
    await tab.watch()
    await tab.state("live")
    await tab.state("stopped")
    assert await tab.do("[client.connection.problem.status, client.connection.problem.code]") == [401, "expired"]
    assert (await tab.do("told"))[-1] == ["failed", "expired"]
    rig.proxy.asked.clear()
    await tab.page.clock.fast_forward(300_000)
    await tab.do("void client.watch({ type: 'copy' }, { failed: ({ code }) => (window.failure = code) })")
    await tab.until("window.failure === 'expired'")
    assert rig.proxy.asked == []
    assert await tab.do("shown()") == {"kept": "queued"}


@pytest.mark.slow
async def test_what_one_may_not_read_is_refused_at_once(rig: Rig, office: Office, tab: ClientPage) -> None:
    await tab.open(token=await office.token("anna", "cancel"))
    await tab.watch()
    await tab.state("stopped")
    assert await tab.do("client.connection.problem.status") == 403
    assert rig.proxy.streams() == 0
