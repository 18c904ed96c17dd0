"""The client when the way to the server, or the server, is bad: it says so, keeps what it has, and comes back."""

from __future__ import annotations

import signal
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from tests.browser.client_page import ClientPage, Rig, rigged

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rig(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    async with rigged(chromium, tmp_path_factory.mktemp("faults")) as rig:
        yield rig


@pytest_asyncio.fixture(loop_scope="module")
async def tab(rig: Rig) -> AsyncIterator[ClientPage]:
    async with rig.page() as page:
        yield page


async def test_behind_a_proxy_that_holds_streams_back_it_polls_within_10_s_and_is_live_when_one_gets_through(
    rig: Rig, tab: ClientPage
) -> None:
    await tab.page.clock.install()
    await tab.open()
    await tab.watch()
    await tab.state("live")
    rig.proxy.buffers = True
    rig.proxy.cut()
    await tab.state("reconnecting")
    await rig.proxy.until(lambda: rig.proxy.streams() == 2)
    await tab.page.clock.fast_forward(5_000)
    await tab.state("polling")
    assert rig.proxy.streams() == 2, "one that is held back is enough"
    assert 2_000 <= await tab.do("client.connection.pollMs") <= 10_000
    await tab.submit("polled")
    await tab.page.clock.fast_forward(12_500)
    await tab.until("shown().polled === 'queued'")
    rig.proxy.buffers = False
    await tab.page.clock.fast_forward(60_000)
    await tab.state("live")
    assert (await tab.do("states"))[:4] == ["connecting", "live", "reconnecting", "polling"]


async def test_a_frozen_server_is_called_stalled_after_40_s_and_what_is_shown_stays(rig: Rig, tab: ClientPage) -> None:
    await tab.page.clock.install()
    await tab.open()
    await tab.watch()
    await tab.submit("kept")
    await tab.until("shown().kept === 'queued'")
    await tab.state("live")
    rig.server.signal(signal.SIGSTOP)
    await tab.page.clock.fast_forward(39_000)
    assert await tab.do("client.connection.state") == "live"
    await tab.page.clock.fast_forward(1_500)
    await tab.state("stalled")
    assert await tab.do("shown().kept") == "queued"
    await tab.page.clock.fast_forward(11_000)
    await tab.state("reconnecting")
    assert await tab.do("client.connection.heardAt.getTime() < Date.now() - 45_000")
    assert await tab.do("client.connection.retryAt > Date.now()")
    rig.server.signal(signal.SIGCONT)
    await tab.page.clock.fast_forward(5_000)
    await tab.state("live")
    assert await tab.do("shown().kept") == "queued"


async def test_a_server_that_was_killed_is_live_again_without_a_reload_and_nothing_is_lost(
    rig: Rig, tab: ClientPage
) -> None:
    await tab.open()
    await tab.watch()
    await tab.state("live")
    ids = [await tab.submit(f"job {number}") for number in range(3)]
    await tab.until("fold.size >= 3")
    rig.server.kill()
    await tab.state("reconnecting")
    await tab.until("client.connection.problem?.code === 'unreachable'")
    rig.server.start()
    async with ClientSession() as session, session.delete(f"{rig.server.url}/api/v1/jobs/{ids[1]}") as answer:
        assert answer.status == 200
    await tab.state("live")
    await tab.until("shown()['job 1'] === 'cancelled'")
    async with ClientSession() as session, session.get(f"{rig.server.url}/api/v1/jobs?status=all&limit=500") as answer:
        held = {job["job_id"]: job["status"] for job in (await answer.json())["jobs"]}
    shown = await tab.do("Object.fromEntries([...fold].map(([id, job]) => [id, job.status]))")
    assert shown == {job_id: status for job_id, status in held.items() if job_id in shown}
    assert {job_id for job_id, status in held.items() if status == "queued"} <= set(shown)
    assert not [what for kind, what in await tab.do("told") if kind == "snapshot" and what["reset"]]


@pytest.mark.slow
async def test_a_gateway_that_refuses_streams_only_leads_to_polling_and_one_that_refuses_all_to_reconnecting(
    rig: Rig, tab: ClientPage
) -> None:
    await tab.page.clock.install()
    rig.proxy.bad_gateway = lambda asked: asked.stream
    await tab.open()
    await tab.watch()
    await tab.state("reconnecting")
    await tab.page.clock.fast_forward(3_000)
    await tab.state("polling")
    rig.proxy.bad_gateway = lambda asked: "/events" in asked.path
    await tab.page.clock.fast_forward(12_500)
    await tab.state("reconnecting")
    assert await tab.do("client.connection.problem.status") == 502
    wait_ms = await tab.do("client.connection.retryAt - Date.now()")
    assert 3_000 <= wait_ms <= 6_100
    for _ in range(3):
        await tab.page.clock.fast_forward(10_000)
        await tab.until("client.connection.retryAt > Date.now()")
    assert await tab.do("client.connection.retryAt - Date.now()") <= 10_000, "while somebody looks"
    rig.proxy.heal()
    await tab.page.evaluate("window.dispatchEvent(new Event('online'))")
    await tab.state("live")


@pytest.mark.slow
async def test_without_a_network_it_says_offline_and_is_back_at_once_when_there_is_one(
    rig: Rig, tab: ClientPage
) -> None:
    await tab.open()
    await tab.watch()
    await tab.state("live")
    await tab.page.context.set_offline(True)
    rig.proxy.cut()
    await tab.state("offline")
    await tab.page.context.set_offline(False)
    await tab.state("live")


async def test_a_hidden_page_asks_for_nothing_and_is_fresh_within_a_second_when_it_is_shown(
    rig: Rig, tab: ClientPage
) -> None:
    await tab.open()
    await tab.watch()
    job_id = await tab.submit("elsewhere")
    await tab.until("shown().elsewhere === 'queued'")
    await tab.state("live")
    await tab.hide()
    await tab.state("paused")
    await rig.proxy.until(lambda: rig.proxy.open_streams == 0)
    rig.proxy.asked.clear()
    async with ClientSession() as session, session.delete(f"{rig.server.url}/api/v1/jobs/{job_id}") as answer:
        assert answer.status == 200
    assert rig.proxy.asked == []
    begun = await tab.do("performance.now()")
    await tab.hide(hidden=False)
    await tab.until("shown().elsewhere === 'cancelled'")
    assert await tab.do("performance.now() - args[0]", begun) < 1_000
    await tab.state("live")
    assert [asked.stream for asked in rig.proxy.asked if "/events" in asked.path] == [False, True]


@pytest.mark.slow
async def test_it_pauses_for_a_person_and_not_before_they_say_so_it_goes_on(rig: Rig, tab: ClientPage) -> None:
    await tab.open()
    await tab.watch()
    await tab.state("live")
    await tab.do("client.pause()")
    await tab.state("paused")
    await rig.proxy.until(lambda: rig.proxy.open_streams == 0)
    rig.proxy.asked.clear()
    await tab.hide()
    await tab.hide(hidden=False)
    await tab.page.evaluate("window.dispatchEvent(new Event('online'))")
    await tab.submit("unseen")
    assert [asked.path for asked in rig.proxy.asked] == ["/api/v1/jobs"]
    assert await tab.do("client.connection.state") == "paused"
    await tab.do("client.resume()")
    await tab.state("live")
    await tab.until("shown().unseen === 'queued'")
