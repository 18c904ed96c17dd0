"""The client in a page, before a real server: what is watched, waited for, asked and remembered."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.browser.client_page import ClientPage, Rig, rigged

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

NOWHERE = "0199f0c2-7a1e-7c3b-9a53-0d1f3b2c4e5f"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rig(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    async with rigged(chromium, tmp_path_factory.mktemp("client")) as rig:
        yield rig


@pytest_asyncio.fixture(loop_scope="module")
async def tab(rig: Rig) -> AsyncIterator[ClientPage]:
    async with rig.page() as page:
        yield await page.open()


async def test_a_page_has_one_stream_however_much_it_watches_and_none_when_all_of_it_has_ended(
    rig: Rig, tab: ClientPage
) -> None:
    ids = [await tab.submit(f"card {number}") for number in range(20)]
    await tab.do("void (args[0].forEach((id) => client.watch(id, observer)), client.watchMany(args[0], observer))", ids)
    await tab.until("told.filter(([kind]) => kind === 'snapshot').length === 21")
    await tab.state("live")
    assert rig.proxy.open_streams == 1
    assert len([asked for asked in rig.proxy.asked if "/events" in asked.path]) == 2
    for job_id in ids[:19]:
        await tab.do("void (await client.cancel(args[0]))", job_id)
    await tab.do("void (await client.submit({ type: 'plain', payload: {}, title: 'not watched' }))")
    assert rig.proxy.open_streams == 1
    assert await tab.do("client.connection.state") == "live"
    await tab.do("void (await client.cancel(args[0]))", ids[19])
    await tab.until("told.filter(([kind]) => kind === 'ended').length === 40")
    await rig.proxy.until(lambda: rig.proxy.open_streams == 0)
    await tab.state("stopped")
    assert await tab.do("client.connection.problem") is None
    assert "not watched" not in await tab.do("shown()")


@pytest.mark.slow
async def test_the_stream_ends_with_the_last_who_watches_and_begins_anew_with_the_next(
    rig: Rig, tab: ClientPage
) -> None:
    await tab.do("void (window.stops = [client.watch({}, observer), client.watch({ type: 'copy' }, observer)])")
    await tab.state("live")
    await tab.do("stops[0]()")
    await rig.proxy.until(lambda: rig.proxy.streams() == 2)
    assert rig.proxy.asked[-1].path.endswith("/events?type=copy"), "it heard more than was wanted"
    await tab.state("live")
    await tab.do("stops[1]()")
    await rig.proxy.until(lambda: rig.proxy.open_streams == 0)
    await tab.state("stopped")
    await tab.watch()
    await tab.state("live")
    await tab.submit("heard again")
    await tab.until("shown()['heard again'] === 'queued'")


@pytest.mark.slow
async def test_a_job_that_is_run_again_is_watched_again(tab: ClientPage) -> None:
    job_id = await tab.submit("again", "stumble")
    await tab.watch(f"'{job_id}'")
    await tab.until("shown().again === 'failed'")
    await tab.state("stopped")
    await tab.do("void (await client.retry(args[0]))", job_id)
    await tab.until("shown().again === 'completed'")
    assert [what for kind, what in await tab.do("told") if kind == "ended"] == ["again", "again"]


@pytest.mark.slow
async def test_who_watches_one_waiting_job_is_told_its_place_in_the_queue_as_it_moves_up(
    rig: Rig, tab: ClientPage
) -> None:
    await tab.do("void (await client.pauseQueue('default'))")
    first, second = await tab.submit("first", "plain"), await tab.submit("second", "plain")
    await tab.watch(f"'{second}'")
    await tab.until("fold.get(args[0])?.queue_position === 2", second)
    await tab.do("void (await client.cancel(args[0]))", first)
    await tab.until("fold.get(args[0])?.queue_position === 1", second)
    assert [asked.path for asked in rig.proxy.asked if asked.stream] == [f"/api/v1/jobs/{second}/events"]
    await tab.do("void (await client.resumeQueue('default'))")
    await tab.until("shown().second === 'completed'")
    await tab.state("stopped")
    assert "reconnecting" not in await tab.do("states"), "the end of the job's stream was taken for a fault"


@pytest.mark.slow
async def test_a_filter_begins_with_the_open_jobs_and_counts_and_hears_what_matches_only(tab: ClientPage) -> None:
    await tab.do("void (await client.cancelMany({ status: 'all' }))")
    await tab.do(
        "void (await client.submit({ type: 'copy', payload: {}, title: 'mine', tags: ['a'], uploads: ['file'] }))"
    )
    await tab.watch("{ tag: ['a', 'b'], type: 'copy' }")
    await tab.until("told.length === 1")
    kind, beginning = (await tab.do("told"))[0]
    assert (kind, beginning) == ("snapshot", {"titles": ["mine"], "counts": None, "missing": [], "reset": False})
    await tab.do("void (await client.submit({ type: 'copy', payload: {}, title: 'other', uploads: ['file'] }))")
    await tab.do(
        "void (await client.submit({ type: 'copy', payload: {}, title: 'also', tags: ['b'], uploads: ['file'] }))"
    )
    await tab.until("shown().also === 'queued'")
    assert set(await tab.do("shown()")) == {"mine", "also"}
    await tab.do("void client.watch({ type: 'copy' }, { snapshot: ({ counts }) => (window.counted = counts) })")
    await tab.until("window.counted?.queued === 3")


@pytest.mark.slow
async def test_what_does_not_exist_is_missing_and_what_cannot_be_watched_fails_and_neither_stops_the_others(
    tab: ClientPage,
) -> None:
    job_id = await tab.submit("there")
    await tab.do("void client.watchMany([args[0], args[1], 'no id at all'], observer)", job_id, NOWHERE)
    await tab.do("void client.watch({ colour: 'red' }, { failed: (error) => (window.failure = error.status) })")
    await tab.until("window.failure === 422")
    await tab.until("told.some(([kind]) => kind === 'snapshot')")
    missing = [what["missing"] for kind, what in await tab.do("told") if kind == "snapshot"]
    assert missing == [[NOWHERE, "no id at all"]]
    assert await tab.do("shown()") == {"there": "queued"}
    await tab.state("live")


@pytest.mark.slow
async def test_an_observer_that_throws_is_told_to_the_page_and_harms_no_other(tab: ClientPage) -> None:
    errors: list[str] = []
    tab.page.on("pageerror", lambda error: errors.append(error.message))
    await tab.do("void client.watch({}, { job() { throw new Error('my own fault'); } })")
    await tab.watch()
    await tab.submit("told to both")
    await tab.until("shown()['told to both'] === 'queued'")
    await tab.state("live")
    assert set(errors) == {"my own fault"}


@pytest.mark.slow
async def test_to_wait_is_to_get_the_whole_job_or_to_learn_that_it_still_runs(tab: ClientPage) -> None:
    wish = "{ type: 'plain', payload: { n: 7 }, title: 'short' }"
    waited = await tab.do(f"client.submit({wish}).then((job) => client.wait(job.job_id))")
    assert (waited["status"], waited["result_data"]) == ("completed", {"n": 7})
    job_id = await tab.submit("long")
    late = "client.wait(args[0], { timeout: 0.05 }).catch((error) => [error.name, error.job?.title])"
    assert await tab.do(late, job_id) == ["StillRunning", "long"]
    assert await tab.do("client.wait(args[0]).catch((error) => error.status)", NOWHERE) == 404
    aborted = "client.wait(args[0], { signal: AbortSignal.timeout(1) }).catch((error) => error.name)"
    assert await tab.do(aborted, job_id) == "TimeoutError"
    changes = "void client.wait(args[0], { onChange: (job) => (window.seen ??= []).push(job.status) })"
    await tab.do(changes, job_id)
    await tab.do("void (await client.cancel(args[0]))", job_id)
    await tab.until("window.seen?.at(-1) === 'cancelled'")


@pytest.mark.slow
async def test_reads_within_5_s_share_one_answer_until_something_changes(rig: Rig, tab: ClientPage) -> None:
    def asked() -> int:
        return len([one for one in rig.proxy.asked if one.path.endswith("/counts")])

    await tab.page.clock.install()
    same = "Promise.all([client.counts(), client.counts()]).then(([a, b]) => a === b)"
    assert await tab.do(same)
    assert asked() == 1
    await tab.submit("a change of our own")
    await tab.do("client.counts()")
    assert asked() == 2
    await tab.page.clock.fast_forward(4_000)
    await tab.do("client.counts()")
    assert asked() == 2
    await tab.page.clock.fast_forward(1_100)
    await tab.do("client.counts()")
    assert asked() == 3


@pytest.mark.slow
async def test_a_call_is_tried_three_times_and_a_submission_arrives_once(rig: Rig, tab: ClientPage) -> None:
    refused = iter([True, True, False])
    rig.proxy.bad_gateway = lambda asked: asked.path == "/api/v1/jobs" and next(refused)
    await tab.submit("thrice")
    rig.proxy.bad_gateway = lambda _asked: True
    assert await tab.do("client.list().catch((error) => error.status)") == 502
    assert [asked.path for asked in rig.proxy.asked].count("/api/v1/jobs") == 6
    rig.proxy.heal()
    titles = "client.list({ q: 'thrice' }).then(({ jobs }) => jobs.length)"
    assert await tab.do(titles) == 1


@pytest.mark.slow
async def test_a_log_is_followed_to_its_last_line_without_a_stream_of_its_own(rig: Rig, tab: ClientPage) -> None:
    job_id = await tab.submit("logs", "talk")
    await tab.do("void (window.lines = [], client.followLogs(args[0], (line) => lines.push(line.text)))", job_id)
    await tab.state("live")
    await tab.do("void (await client.upload(args[0], 'file', new File(['x'], 'a.txt')))", job_id)
    await tab.until("lines.at(-1) === 'last words'")
    assert await tab.do("lines") == ["first words", "last words"]
    assert rig.proxy.streams() == 1
    await rig.proxy.until(lambda: rig.proxy.open_streams == 0)


@pytest.mark.slow
async def test_on_the_way_back_from_the_cache_of_the_browser_a_page_is_fresh_and_live(
    rig: Rig, tab: ClientPage
) -> None:
    await tab.watch()
    job_id = await tab.submit("seen later")
    await tab.until("shown()['seen later'] === 'queued'")
    await tab.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    await rig.proxy.until(lambda: rig.proxy.open_streams == 0)
    await tab.do("void fetch(`/api/v1/jobs/${args[0]}`, { method: 'DELETE' })", job_id)
    await tab.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    await tab.until("shown()['seen later'] === 'cancelled'")
    await tab.state("live")


@pytest.mark.slow
async def test_a_state_is_read_the_same_everywhere(tab: ClientPage) -> None:
    await tab.do("""void Object.assign(window, {
      at: (status, percentage, current_step) => ({ status, progress_data: { percentage, current_step } }),
      left: (seconds) => ({ progress_data: { estimated_time_remaining: seconds }, estimated_completion: null }),
    })""")
    cases = {
        "formatProgress(at('processing', 45.6, 'Draws'))": "45 % · Draws",
        "formatProgress(at('processing', null, null))": "processing",
        "formatProgress(at('failed', 45, 'Draws'))": "failed",
        "canCancel({ can_cancel: true }, { kind: 'user', allow: ['read'] })": False,
        "canCancel({ can_cancel: true }, { kind: 'operator', allow: [] })": True,
        "canRetry({ can_retry: true })": True,
        "timeRemaining(left(null))": None,
        "timeRemaining(left(9))": 9,
        "timeRemaining({ ...left(9), status: 'failed' })": 0,
        "downloadName({ title: 'A/B: c', artifacts: [{}] }, { name: 'd.mp3' }, { label: 'DE' })": "A_B_ c, DE.mp3",
        "downloadName({ title: '', type: 'copy', artifacts: [{}, {}] }, { name: 'b.tar' })": "copy, b.tar",
    }
    assert {expression: await tab.do(expression) for expression in cases} == cases


async def test_states_only_move_forward_whatever_brings_them_and_only_the_stream_knows_more_at_one_place(
    tab: ClientPage,
) -> None:
    put = """args[0].map(([cursor, live]) => {
      client.jobs.put({ job_id: 'a', cursor, created_at: '', live }, { live });
      return client.jobs.get('a').cursor + (client.jobs.get('a').live ? ' live' : '');
    })"""
    heard, fetched = True, False
    came = [("e-9", fetched), ("e-10", fetched), ("e-9", heard), ("e-10", fetched), ("e-10", heard), ("e-2", heard)]
    assert await tab.do(put, [*came, ("f-1", fetched)]) == [
        "e-9",
        "e-10",
        "e-10",
        "e-10",
        "e-10 live",
        "e-10 live",
        "f-1",
    ]
