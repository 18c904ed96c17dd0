"""How the service is, what can be submitted, and the pages for people."""

from __future__ import annotations

from importlib.resources import files

import pytest

from jobrunner import Jobrunner
from jobrunner.version import VERSION
from jobrunner.web.pages import slim
from tests.web.api import Api
from tests.web.handlers import Gate


async def test_counts_are_those_of_who_is_asked_for(api: Api) -> None:
    for user, type_ in (("a", "echo"), ("a", "fail"), ("b", "echo"), (None, "echo")):
        await api.run(type_, user_id=user)
    await api.submit("echo", user_id="a", delay=3600)
    expected = {
        "": (1, 3, 1, 5), "?user_id=a": (1, 1, 1, 3), "?user_id=a&user_id=b": (1, 2, 1, 4), "?type=fail": (0, 0, 1, 1),
        "?user_id=b&type=fail": (0, 0, 0, 0), "?queue=default&user_id=b": (0, 1, 0, 1), "?queue=x": (0, 0, 0, 0),
    }  # fmt: skip
    for query, (queued, completed, failed, total) in expected.items():
        assert (await api("GET", f"jobs/stats/counts{query}")).json == {
            "queued": queued, "processing": 0, "completed": completed, "failed": failed, "cancelled": 0,
            "active": queued, "total": total,
        }  # fmt: skip


async def test_health_says_how_the_service_is(api: Api, gate: Gate) -> None:
    await api.submit("gated")
    await gate.reached.wait()
    health = (await api("GET", "jobs/health")).json
    assert (health["status"], health["writer"], health["version"]) == ("ok", "ok", VERSION)
    assert health["workers"] == {"total": 8, "busy": 1, "leaked": 0}
    assert {"loop_lag_ms", "disk_free", "sqlite_version"} <= health.keys()


async def test_livez_and_readyz_answer_at_the_root(api: Api, runner: Jobrunner) -> None:
    assert [(await api("GET", path)).content for path in ("/livez", "/readyz")] == [b"ok\n", b"ok\n"]
    runner.close_intake()
    assert [(await api("GET", path)).status for path in ("/livez", "/readyz")] == [200, 503]


async def test_types_say_what_can_be_submitted(api: Api) -> None:
    types = {each["type"]: each for each in (await api("GET", "types")).json["types"]}
    assert list(types) == sorted(types)
    gated, order, digest = types["gated"], types["order"], types["digest"]
    assert gated["stages"] == [
        {"name": "waiting", "label": "Waiting", "description": None},
        {"name": "leaving", "label": "Leaving", "description": "Going away"},
    ]
    assert order["payload_schema"]["required"] == ["rows"]
    assert digest["uploads"] == ["file"]
    members = {
        "type", "title", "description", "queue", "available", "unavailable_reason", "payload_schema", "result_schema",
        "stages", "uploads", "poll_interval", "timeout", "deadline", "max_attempts", "priority",
    }  # fmt: skip
    assert all(members <= each.keys() for each in types.values())
    assert (types["echo"]["poll_interval"], types["flaky"]["max_attempts"]) == (7.0, 2)


async def test_the_page_runs_nothing_but_its_own_scripts(api: Api) -> None:
    page = await api("GET", "/")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    policy = dict(rule.split(" ", 1) for rule in page.headers["Content-Security-Policy"].split("; "))
    assert (policy["default-src"], policy["script-src"]) == ("'none'", "'self'")
    assert (policy["frame-ancestors"], policy["base-uri"]) == ("'none'", "'none'")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert b"<script>" not in page.content


async def test_every_asset_is_served_as_what_it_is(api: Api) -> None:
    kinds = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
    found = [each for each in files("jobrunner.browser").iterdir() if each.name.endswith(tuple(kinds))]
    assert found
    for each in found:
        answer = await api("GET", f"/assets/{each.name}")
        assert answer.status == 200
        if not each.name.endswith(".js"):  # those are joined
            body = each.read_bytes()
            assert answer.content == (slim(body) if each.name.endswith(".css") else body)
        assert answer.headers["Content-Type"].partition(";")[0] == kinds["." + each.name.rpartition(".")[2]]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize(
    "name",
    [
        "..%2F__init__.py", "%2e%2e%2fversion.py", "..%5Cversion.js", "%2Fetc%2Fpasswd", ".js", "jsconfig.json",
        "%00.js", "no.js", "__init__.py", "a" * 300 + ".js", "%FF.js", "index.html%00.js",
    ],
)  # fmt: skip
async def test_nothing_else_is_served_as_an_asset(api: Api, name: str) -> None:
    answer = await api("GET", f"/assets/{name}")
    assert (answer.status, answer.json["code"]) == (404, "unknown-route")
