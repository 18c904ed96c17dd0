"""Lists: filters, order and pages, and that a page by cursor misses nothing while jobs come in."""

from __future__ import annotations

from typing import Any

import pytest

from jobrunner import Jobrunner
from tests.web.api import Api


@pytest.fixture
async def ids(api: Api) -> dict[str, str]:
    """Some jobs by a letter."""
    later = {"delay": 3600}
    rows: dict[str, dict[str, Any]] = {
        "a": {"type": "echo", "user_id": "u1", "tags": ["red", "big"], "title": "Intro to SQL", **later},
        "b": {"type": "echo", "user_id": "u2", "tags": ["red"], "title": "100% _done_", **later},
        "c": {"type": "gated", "user_id": "u1", "tags": ["blue"], "title": "Größe", **later},
        "d": {"type": "fail", "user_id": "u3", "title": "back\\slash"},
        "e": {"type": "order", "payload": {"rows": 2}, "title": "e"},
    }
    made = {
        letter: (await api.submit(row.pop("type"), row.pop("payload", None), **row))["job_id"]
        for letter, row in rows.items()
    }
    for letter in "de":
        await api.ended(made[letter])
    return made


@pytest.mark.parametrize(
    ("query", "letters"),
    [
        ("", "edcba"),
        ("?sort=created_at", "abcde"),
        ("?sort=-created_at", "edcba"),
        ("?type=echo", "ba"),
        ("?type=echo&type=gated", "cba"),
        ("?type=echo&user_id=u1", "a"),
        ("?type=echo&type=gated&user_id=u1&user_id=u3", "ca"),
        ("?tag=red&tag=blue", "cba"),
        ("?tag=red&user_id=u2", "b"),
        ("?status=queued", "cba"),
        ("?status=failed,completed", "ed"),
        ("?status=failed&status=completed", "ed"),
        ("?status=all", "edcba"),
        ("?status=all&type=fail", "d"),
        ("?queue=default&status=completed", "e"),
        ("?queue=other", ""),
        ("?q=sql", "a"),
        ("?q=100%25", "b"),
        ("?q=_", "b"),
        ("?q=%C3%B6", "c"),
        ("?q=%5C", "d"),
        ("?q=ech", "ba"),
        ("?created_after=2020-01-01T00:00:00Z", "edcba"),
        ("?created_after=2100-01-01", ""),
        ("?created_before=2020-01-01T00:00:00%2B02:00", ""),
        ("?created_before=2100-01-01T00:00:00Z&status=failed", "d"),
        ("?user_id=", ""),
        ("?user_id=nobody", ""),
    ],
)
async def test_filters_are_or_within_a_name_and_and_across_names(
    api: Api, ids: dict[str, str], query: str, letters: str
) -> None:
    jobs = (await api("GET", f"jobs{query}")).json["jobs"]
    assert [job["job_id"] for job in jobs] == [ids[letter] for letter in letters]
    paged = (await api("GET", f"jobs{query}{'&' if query else '?'}page_size=500")).json
    assert [job["job_id"] for job in paged["jobs"]] == [job["job_id"] for job in jobs]
    assert paged["total"] == len(letters)


async def test_ids_are_filters_too(api: Api, ids: dict[str, str]) -> None:
    found = (await api("GET", f"jobs?job_id={ids['a']}&job_id={ids['d'].upper()}")).json["jobs"]
    assert [job["job_id"] for job in found] == [ids["d"], ids["a"]]
    assert [job["job_id"] for job in (await api("GET", f"jobs?q={ids['b']}")).json["jobs"]] == [ids["b"]]


async def test_payloads_and_results_come_when_they_are_asked_for(api: Api, ids: dict[str, str]) -> None:
    path = f"jobs?job_id={ids['e']}"
    result = {"rows": 2, "note": None}
    for query, members in (
        ("", {"result_data": result}),
        ("&include=payload", {"payload": {"rows": 2}, "result_data": result}),
        ("&include=payload,result", {"payload": {"rows": 2}, "result_data": result}),
        ("&include=result&include=payload", {"payload": {"rows": 2}, "result_data": result}),
    ):
        (job,) = (await api("GET", path + query)).json["jobs"]
        assert {name: job[name] for name in ("payload", "result_data") if name in job} == members
    (waiting,) = (await api("GET", f"jobs?job_id={ids['a']}&include=payload,result")).json["jobs"]
    assert (waiting["payload"], "result_data" in waiting) == (None, False)


async def test_a_large_result_comes_only_when_it_is_asked_for(api: Api) -> None:
    large = await api.run("echo", "x" * 20_000)
    (without,) = (await api("GET", "jobs")).json["jobs"]
    (with_,) = (await api("GET", "jobs?include=result")).json["jobs"]
    assert ("result_data" in without, with_["result_data"]) == (False, large["result_data"])


@pytest.mark.parametrize("sort", ["created_at", "-created_at"])
async def test_pages_by_cursor_miss_nothing_and_repeat_nothing_while_jobs_come_in(api: Api, sort: str) -> None:
    first = [(await api.submit("echo", delay=3600))["job_id"] for _ in range(23)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await api("GET", f"jobs?limit=5&sort={sort}{cursor}")).json
        seen += [job["job_id"] for job in page["jobs"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
        if len(seen) < 30:
            await api.submit("echo", delay=3600)
    assert len(seen) == len(set(seen))
    assert set(first) <= set(seen)
    assert seen == sorted(seen, reverse=sort == "-created_at")


async def test_the_last_page_has_no_next_cursor_also_when_it_is_full(api: Api) -> None:
    for _ in range(4):
        await api.submit("echo", delay=3600)
    page = (await api("GET", "jobs?limit=2")).json
    last = (await api("GET", f"jobs?limit=2&cursor={page['next_cursor']}")).json
    assert (len(last["jobs"]), last["next_cursor"]) == (2, None)
    assert (await api("GET", "jobs?limit=4")).json["next_cursor"] is None


async def test_pages_by_number_say_how_many_there_are(api: Api) -> None:
    ids = [(await api.submit("echo", delay=3600))["job_id"] for _ in range(25)][::-1]
    first, second = (await api("GET", "jobs?page=1")).json, (await api("GET", "jobs?page=2&page_size=20")).json
    assert (first["page"], first["page_size"], first["total"]) == (1, 20, 25)
    assert [job["job_id"] for job in (*first["jobs"], *second["jobs"])] == ids
    assert first.keys() == {"jobs", "page", "page_size", "total"}
    assert (await api("GET", "jobs?page=3")).json["jobs"] == []


async def test_a_list_shows_what_is_committed(api: Api, runner: Jobrunner) -> None:
    job = await api.submit("echo", delay=3600)
    (listed,) = (await api("GET", "jobs")).json["jobs"]
    assert listed["cursor"] == job["cursor"] == f"{runner.database.epoch}-{runner.writer.head}"
