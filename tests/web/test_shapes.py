"""Every answer about jobs has exactly the members of `jobrunner.wire`, and its texts have the documented formats."""

from __future__ import annotations

import re
from typing import Any, NotRequired

import pytest

from jobrunner import wire
from tests.web.api import Api, jobs_of
from tests.web.conftest import OpenApi
from tests.web.handlers import Gate
from tests.web.shape import faults

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
CURSOR = re.compile(r"[0-9a-z]+-\d+")
PLAIN = {"payload", "result_data"}


class SnapshotPage(wire.ChangesPage):
    """A page of changes that begins anew."""

    counts: NotRequired[wire.Counts]
    missing: NotRequired[list[str]]


async def some_jobs(api: Api, gate: Gate) -> list[str]:
    """Return jobs of every kind: waiting, running, completed, failed, cancelled, retried, with parts and files."""
    made = await api.run("make", ["a.txt"])
    failed, flaky = await api.run("fail", {"why": [1]}), await api.run("flaky")
    gated = await api.submit("gated", title="T", user_id="u", tags=["t"], metadata={"a": 1}, timeout=60)
    await gate.reached.wait()
    crowd = (await api("POST", "jobs/bulk", json={"jobs": [{"type": "gated"}] * 12})).json["jobs"]
    later = await api.submit("echo", delay=3600, deadline="2099-01-01T00:00:00Z", priority=9)
    waiting = await api.submit("digest", uploads=["file"])
    dropped = await api.submit("echo", delay=3600)
    await api("DELETE", f"jobs/{dropped['job_id']}")
    return [job["job_id"] for job in (gated, later, made, failed, flaky, waiting, dropped, crowd[-1])]


def moments(value: Any, name: str = "") -> list[str]:
    """Return all times of an answer."""
    if isinstance(value, dict):
        return [time for key, each in value.items() if key not in PLAIN for time in moments(each, key)]
    if isinstance(value, list):
        return [time for each in value for time in moments(each, name)]
    return [value] if value is not None and (name.endswith("_at") or name in {"at", "deadline"}) else []


async def test_a_job_has_its_shape_in_every_state_and_in_every_answer(api: Api, gate: Gate) -> None:
    seen = set()
    for job_id in await some_jobs(api, gate):
        job = (await api("GET", f"jobs/{job_id}")).json
        assert faults(job, wire.JobData) == []
        assert {"payload", "result_data"} <= job.keys()
        assert all(TIME.fullmatch(time) for time in moments(job)), moments(job)
        assert CURSOR.fullmatch(job["cursor"])
        assert (job["completed_at"] is not None) == (job["status"] in {"completed", "failed", "cancelled"})
        seen.add((job["status"], job["waiting_for"]))
    assert seen == {
        ("processing", None), ("queued", "worker"), ("queued", "time"), ("completed", None), ("failed", None),
        ("queued", "upload"), ("cancelled", None),
    }  # fmt: skip


async def test_lists_streams_and_changes_have_their_shapes_and_leave_out_the_payload(api: Api, gate: Gate) -> None:
    await some_jobs(api, gate)
    page, changes = (await api("GET", "jobs")).json, (await api("GET", "events")).json
    assert faults(page, wire.JobPage) == []
    assert faults(changes, SnapshotPage) == []
    assert changes["reset"]
    resumed = (await api("GET", f"events?after={changes['cursor'].split('-')[0]}-0")).json
    assert faults(resumed, wire.ChangesPage) == []
    assert len(resumed["jobs"]) == len(page["jobs"]) == 19
    assert not [job for job in (*page["jobs"], *changes["jobs"], *resumed["jobs"]) if "payload" in job]
    async with api.stream("events") as events:
        snapshot = await events.next("snapshot")
    assert faults({**snapshot.data, "reset": False}, SnapshotPage) == []


async def test_attempts_logs_and_counts_have_their_shapes(api: Api, gate: Gate) -> None:
    for job_id in await some_jobs(api, gate):
        attempts = (await api("GET", f"jobs/{job_id}/attempts")).json
        logs = (await api("GET", f"jobs/{job_id}/logs")).json
        assert faults(attempts["attempts"], list[wire.AttemptData]) == []
        assert faults(logs["lines"], list[wire.LogLine]) == []
        assert (attempts.keys(), logs.keys()) == ({"attempts"}, {"lines", "next"})
        assert all(TIME.fullmatch(time) for time in moments([attempts, logs]))
    counts = (await api("GET", "jobs/stats/counts")).json
    assert faults(counts, wire.Counts) == []
    assert counts == {
        "queued": 7, "processing": 8, "completed": 2, "failed": 1, "cancelled": 1, "active": 15, "total": 19,
    }  # fmt: skip


async def test_what_is_submitted_stands_in_the_job(api: Api) -> None:
    sent = {
        "title": "Überschrift", "user_id": "u 1", "tags": ["a", "b"], "metadata": {"k": [1, None]}, "priority": 0,
        "deadline": "2099-01-01T01:00:00+01:00", "run_at": "2098-12-31T23:59:59Z", "max_attempts": 4,
    }  # fmt: skip
    job = await api.submit("order", {"rows": 3, "note": None}, **sent)
    kept = {"deadline": "2099-01-01T00:00:00.000Z", "run_at": "2098-12-31T23:59:59.000Z"}
    assert {name: job[name] for name in sent} == {**sent, **kept}
    assert (job["payload"], job["queue"], job["waiting_for"]) == ({"rows": 3, "note": None}, "default", "time")


async def test_what_is_not_known_of_the_progress_is_null(api: Api, gate: Gate) -> None:
    job = await api.submit("echo", delay=3600)
    unknown = dict.fromkeys(("percentage", "current_step", "estimated_time_remaining", "stage"))
    assert job["progress_data"] == unknown
    gated = await api.submit("gated")
    await gate.reached.wait()
    async with api.stream(f"jobs/{gated['job_id']}/events") as events:
        async for event in events:
            (job,) = jobs_of(event)
            if job["progress_data"] != unknown:
                break
    assert (job["progress_data"]["percentage"], job["progress_data"]["current_step"]) == (40, "at the gate")
    assert (job["progress_data"]["stage"], job["stages"][0]["status"]) == ("waiting", "processing")


@pytest.mark.parametrize("base", ["", "/jobs-here"])
async def test_links_are_relative_and_lead_below_the_base_path(open_api: OpenApi, base: str) -> None:
    api = await open_api(**({"server.base_path": base} if base else {}))
    answer = await api("POST", f"{base}/api/v1/jobs", json={"type": "make", "payload": ["a b.txt"]})
    assert answer.headers["Location"] == f"{base}/api/v1/jobs/{answer.json['job_id']}"
    job = (await api("GET", answer.headers["Location"], headers={"Prefer": "wait=20"})).json
    url = job["artifacts"][0]["download_url"]
    assert url == f"{base}/api/v1/jobs/{job['job_id']}/artifacts/a%20b.txt"
    assert (await api("GET", url)).content == b"<b>a b.txt</b>"
