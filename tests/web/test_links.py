"""A link opens one file for five minutes, to whoever has it, and nothing else ever."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.clock import ManualClock
from tests.web.conftest import OpenApi, OpenPeople
from tests.web.people import People, user

NAMES = ["a.txt", "größe €.txt", "A.TXT", "a.txt.b"]


@pytest.fixture
async def people(open_people: OpenPeople, clock: ManualClock) -> People:
    return await open_people(clock=clock)


async def job_of(people: People, names: list[str] = NAMES) -> str:
    job = await people.submit(people.application, "make", names, user_id="anna", uploads=["file"])
    await people(people.application, "PUT", f"jobs/{job['job_id']}/uploads/file", data=b"what came in")
    ended = await people(people.application, "GET", f"jobs/{job['job_id']}", headers={"Prefer": "wait=30"})
    assert ended.json["status"] == "completed"
    return str(job["job_id"])


async def link(people: People, path: str, who: Any = None) -> str:
    answer = await people(who or user("anna"), "POST", f"{path}/link")
    assert answer.status == 201, answer.content
    return str(answer.json["url"])


async def test_a_link_opens_its_file_for_five_minutes_and_to_anybody(people: People, clock: ManualClock) -> None:
    job = await job_of(people)
    for path, content in (("artifacts/a.txt", b"<b>a.txt</b>"), ("uploads/file", b"what came in")):
        answer = await people(user("anna"), "POST", f"jobs/{job}/{path}/link")
        url = answer.json["url"]
        assert url.startswith(f"/api/v1/jobs/{job}/{path}?link=")
        opened = await people.api("GET", url)
        assert (opened.status, opened.content) == (200, content)
        assert (await people.api("HEAD", url)).status == 200
    clock.advance(299.9)
    assert (await people.api("GET", url)).status == 200
    clock.advance(0.1)
    late = await people.api("GET", url)
    assert (late.status, late.json["code"]) == (401, "unauthorized")
    assert answer.json["expires_at"] == "2026-09-21T14:18:20.000Z"


async def test_a_file_by_a_link_is_looked_at_in_pieces_and_embedded_anywhere_without_any_power(people: People) -> None:
    url = await link(people, f"jobs/{await job_of(people)}/artifacts/a.txt")
    shown = await people.api("GET", f"{url}&inline=1", headers={"Range": "bytes=3-7"})
    assert (shown.status, shown.content) == (206, b"a.txt")
    assert shown.headers["Content-Disposition"].startswith("inline")
    assert shown.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert shown.headers["Content-Security-Policy"].startswith("sandbox;")
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    assert (await people.api("GET", url, headers=foreign)).status == 200
    again = await people.api("GET", url, headers={"If-None-Match": shown.headers["ETag"]})
    assert again.status == 304
    named = await people(user("anna"), "GET", url.partition("?")[0])
    assert named.headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_a_link_opens_that_file_only(people: People) -> None:
    job, other = await job_of(people), await job_of(people)
    path, _, signed = (await link(people, f"jobs/{job}/artifacts/a.txt")).partition("?")
    elsewhere = [
        path.replace("a.txt", "A.TXT"), path.replace("a.txt", "a.txt.b"), path.replace("a.txt", "a.txt%00"),
        path.replace("a.txt", ".%2Fa.txt"), path.replace("a.txt", "a.txt%2F."),
        path.replace("a.txt", "..%2Fartifacts%2Fa.txt"), path.replace("artifacts/a.txt", "uploads/file"),
        path.replace("artifacts", "uploads"), path.replace(job, other), path.replace(job, job.upper()),
        f"/api/v1/jobs/{job}", f"/api/v1/jobs/{job}/logs", f"/api/v1/jobs/{job}/events", f"/api/v1/jobs/{job}/history",
        f"/api/v1/jobs/{job}/attempts", "/api/v1/jobs", "/api/v1/events", "/api/v1/session", "/api/v1/types",
        "/api/v1/jobs/stats/counts", "/api/v1/keys",
    ]  # fmt: skip
    for address in elsewhere:
        answer = await people.api("GET", f"{address}?{signed}")
        assert answer.status in {401, 404}, address
        assert b"<b>" not in answer.content
    for spelled in (path, f"{path}/", path.replace("a.txt", "%61.txt"), path.replace("a.txt", "%2e/a.txt")):
        assert (await people.api("GET", f"{spelled}?{signed}")).status == 200, spelled
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert (await people.api(method, f"{path}?{signed}")).status in {401, 405}
    assert (await people.api("POST", f"{path}/link?{signed}")).status == 401
    assert (await people.api("GET", "/?" + signed, allow_redirects=False)).status == 303


async def test_a_link_that_was_tampered_with_opens_nothing(people: People, clock: ManualClock) -> None:
    path, _, signed = (await link(people, f"jobs/{await job_of(people)}/artifacts/a.txt")).partition("?link=")
    moment, _, mac = signed.partition(".")
    wrong = [
        "", ".", moment, mac, f"{int(moment) + 1}.{mac}", f"0{signed}", f"{signed}=", f"{signed}A", signed[:-1],
        signed.swapcase(), f"{moment}.{'A' * 43}", f" {signed}", f"{signed}%00", f"-{signed}", signed.replace(".", ","),
        f"{9 * 10**14}.{mac}", "A" * 5_000, f"{moment}.{mac}.{mac}", "%FF",
    ]  # fmt: skip
    for text in wrong:
        answer = await people.api("GET", f"{path}?link={text}")
        assert answer.status in {400, 401, 422}, text
    assert (await people.api("GET", f"{path}?link=wrong&link={signed}")).status == 401
    assert (await people(user("bob"), "GET", f"{path}?link={signed}")).status == 404, "a credential is who asks"
    clock.jump(-3_600)
    assert (await people.api("GET", f"{path}?link={signed}")).status == 200


@pytest.mark.parametrize("name", NAMES)
async def test_a_link_opens_files_of_any_name(people: People, name: str) -> None:
    job = await job_of(people, [name])
    artifact = (await people(user("anna"), "GET", f"jobs/{job}")).json["artifacts"][0]
    opened = await people.api("GET", await link(people, artifact["download_url"]))
    assert (opened.status, opened.content) == (200, f"<b>{name}</b>".encode())


async def test_a_link_is_made_only_for_a_file_that_is_there_and_by_who_may_read_it(people: People) -> None:
    job = await job_of(people)
    for path in ("artifacts/none", "uploads/none"):
        assert (await people(user("anna"), "POST", f"jobs/{job}/{path}/link")).json["code"] == "unknown-file"
    path = f"jobs/{job}/artifacts/a.txt/link"
    for who, status in ((user("bob"), 404), (user("anna", allow=["cancel"]), 403), ({}, 401), (people.reading, 201)):
        assert (await people(who, "POST", path)).status == status
    assert (await people(user("anna"), "POST", f"{path}?expires_in=9999999")).status == 422


async def test_a_link_stands_in_no_log(people: People) -> None:
    job = await job_of(people)
    with capture_logs() as logs:
        url = await link(people, f"jobs/{job}/artifacts/a.txt")
        signed = url.partition("link=")[2]
        for path in (url, url.replace("a.txt", "none"), f"/nothing?link={signed}", f"/api/v1/jobs?link={signed}"):
            await people.api("GET", path)
            await people(user("anna"), "GET", path)
        await people(user("anna"), "GET", f"{url}&bad=1")
        await people(user("anna"), "GET", url, headers={"Range": "bytes=9999-"})
    assert any(entry["event"] == "request.refused" for entry in logs)
    assert signed not in repr(logs)
    assert signed.partition(".")[2][:12] not in repr(logs)


async def test_a_wrong_link_is_no_way_in_for_who_would_be_let_in_without_one(open_api: OpenApi) -> None:
    api = await open_api()
    job = await api.run("make", ["a.txt"])
    path = f"jobs/{job['job_id']}/artifacts/a.txt"
    assert (await api("GET", path)).status == 200
    assert (await api("GET", f"{path}?link=wrong")).status == 401
    assert (await api("GET", (await api("POST", f"{path}/link")).json["url"])).status == 200
