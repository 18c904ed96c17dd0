"""The log of a job: pages of lines, and lines as they come."""

from __future__ import annotations

import pytest

from tests.web.api import Api, Event
from tests.web.handlers import Gate


async def lines(api: Api, job_id: str, after: int = 0) -> tuple[list[str], int]:
    answer = (await api("GET", f"jobs/{job_id}/logs?after={after}")).json
    return [line["text"] for line in answer["lines"]], answer["next"]


async def followed(api: Api, job_id: str, after: str | None = None) -> list[Event]:
    async with api.stream(f"jobs/{job_id}/logs", after=after) as events:
        return [event async for event in events]


async def test_a_log_is_read_page_by_page(api: Api) -> None:
    job = await api.run("talk", 2_500)
    first, number = await lines(api, job["job_id"])
    second, number = await lines(api, job["job_id"], number)
    third, number = await lines(api, job["job_id"], number)
    assert [*first, *second, *third] == [f"line {n}" for n in range(1, 2_501)]
    assert await lines(api, job["job_id"], number) == ([], 2_500)


async def test_lines_say_their_level_and_where_they_come_from(api: Api) -> None:
    job = await api.run("flaky")
    found = (await api("GET", f"jobs/{job['job_id']}/logs")).json["lines"]
    assert [(line["n"], line["stream"], line["level"], line["text"]) for line in found] == [
        (1, "log", "warning", "attempt 1"),
        (2, "log", "warning", "attempt 2"),
    ]


async def test_the_middle_of_a_long_log_is_dropped_with_a_word(api: Api) -> None:
    job = await api.run("talk", 10_700)
    texts, number = [], 0
    while True:
        page, number = await lines(api, job["job_id"], number)
        if not page:
            break
        texts += page
    assert texts[4_999:5_002] == ["line 5000", "… 700 lines were dropped here …", "line 5701"]
    assert (texts[0], texts[-1], len(texts)) == ("line 1", "line 10700", 10_001)
    assert [event.data["text"] for event in await followed(api, job["job_id"]) if event.name == "log"] == texts


async def test_a_log_is_followed_until_the_job_has_ended(api: Api, gate: Gate) -> None:
    job = await api.submit("gated")
    await gate.reached.wait()
    async with api.stream(f"jobs/{job['job_id']}/logs") as events:
        assert events.response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        gate.opened.set()
        assert [event.name async for event in events] == ["end"]
    talk = await api.submit("talk", 3)
    told = await followed(api, talk["job_id"])
    assert [(event.name, event.id) for event in told] == [("log", "1"), ("log", "2"), ("log", "3"), ("end", None)]
    assert told[-1].data == {"job_id": talk["job_id"], "status": "completed"}


async def test_a_log_is_resumed_after_the_last_line_that_was_seen(api: Api) -> None:
    job = await api.run("talk", 5)
    assert [event.id for event in await followed(api, job["job_id"], after="3")] == ["4", "5", None]
    assert [event.name for event in await followed(api, job["job_id"], after="9")] == ["end"]


@pytest.mark.parametrize(
    "query", ["?after=-1", "?after=x", "?after=1&after=2", "?after=9999999999999999999", "?from=1"]
)
async def test_a_bad_place_in_a_log_is_refused(api: Api, query: str) -> None:
    job = await api.run("talk", 1)
    assert (await api("GET", f"jobs/{job['job_id']}/logs{query}")).status == 422


async def test_a_log_is_neither_text_nor_of_an_unknown_job(api: Api) -> None:
    job = await api.run("talk", 1)
    assert (await api("GET", f"jobs/{job['job_id']}/logs", headers={"Accept": "text/plain"})).status == 406
    assert (await api("GET", "jobs/00000000-0000-7000-8000-000000000000/logs")).status == 404
