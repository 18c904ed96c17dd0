"""Parts that are retried alone, jobs that wait for others, and children, over HTTP."""

from __future__ import annotations

from tests.web.api import Api
from tests.web.handlers import Gate


async def test_a_failed_part_is_retried_alone_and_its_file_is_there_meanwhile(api: Api) -> None:
    job = await api.run("pieces", {"parts": ["a/b", "c"], "bad": ["a/b"]})
    assert [job["status"], job["error_data"]["code"]] == ["failed", "PARTS_FAILED"]
    assert [[part["status"], part["error_data"] and part["error_data"]["code"]] for part in job["parts"]] == [
        ["failed", "TORN"],
        ["completed", None],
    ]
    assert (await api("GET", job["parts"][1]["artifact"]["download_url"])).content == b"c"
    again = await api("POST", f"jobs/{job['job_id']}/parts/a%2Fb/retry")
    assert again.status == 202
    done = await api.ended(job["job_id"])
    assert [done["status"], done["parts_completed"], done["attempt"]] == ["completed", 2, 2]
    assert (await api("GET", done["parts"][0]["artifact"]["download_url"])).content == b"a/b"


async def test_a_retry_of_a_part_with_a_key_is_done_once_and_other_parts_are_refused(api: Api) -> None:
    job = await api.run("pieces", {"parts": ["a", "b"], "bad": ["a"]})
    unknown = await api("POST", f"jobs/{job['job_id']}/parts/x/retry")
    assert [unknown.status, unknown.json["type"]] == [404, "urn:jobrunner:problem:unknown-part"]
    assert (await api("POST", f"jobs/{job['job_id']}/parts/b/retry")).status == 409
    headers = {"Idempotency-Key": '"once"'}
    answers = [await api("POST", f"jobs/{job['job_id']}/parts/a/retry", headers=headers) for _ in range(2)]
    assert [answer.status for answer in answers] == [202, 202]
    assert (await api.ended(job["job_id"]))["attempt"] == 2


async def test_a_job_waits_for_those_it_depends_on_and_says_so(api: Api, gate: Gate) -> None:
    first = await api.submit("gated")
    second = await api.submit("echo", 1, depends_on=[first["job_id"].upper()])
    assert [second["status"], second["waiting_for"], second["depends_on"]] == [
        "queued",
        "dependency",
        [first["job_id"]],
    ]
    assert (await api("GET", f"jobs/{second['job_id']}")).json["estimated_start"] is None
    told = (await api("GET", f"jobs/{second['job_id']}/explain")).json["sentence"]
    assert told == f"It waits for another job to complete: {first['job_id']}."
    gate.opened.set()
    assert (await api.ended(second["job_id"]))["result_data"] == 1


async def test_what_cannot_be_depended_on_is_refused_with_its_place_alone_and_in_bulk(api: Api) -> None:
    nobody = "01a0c450-6c00-758d-b5cb-d8b62f6ec3f9"
    for wrong, status in (("nonsense", 422), (nobody, 422)):
        alone = await api("POST", "jobs", json={"type": "echo", "depends_on": [wrong]})
        assert [alone.status, alone.json["errors"][0]["pointer"]] == [status, "/depends_on/0"]
        bulk = await api(
            "POST", "jobs/bulk", json={"jobs": [{"type": "echo"}, {"type": "echo", "depends_on": [wrong]}]}
        )
        assert bulk.json["accepted"] == 1
        assert bulk.json["jobs"][1]["problem"]["errors"][0]["pointer"] == "/jobs/1/depends_on/0"


async def test_children_are_found_by_their_parent(api: Api) -> None:
    parent = await api.run("family", [1, 2], user_id="ada")
    await api.run("echo", 3, user_id="ada")
    listed = (await api("GET", f"jobs?parent_id={parent['job_id']}")).json["jobs"]
    assert sorted(job["job_id"] for job in listed) == sorted(parent["result_data"])
    assert {(job["parent_id"], job["user_id"]) for job in listed} == {(parent["job_id"], "ada")}
    changes = (await api("GET", f"events?parent_id={parent['job_id']}&after={parent['cursor']}")).json
    assert {job["parent_id"] for job in changes["jobs"]} <= {parent["job_id"]}
