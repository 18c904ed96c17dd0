"""Jobs that a service of somebody else does: ordered, heard, asked, told to stop, apart from everybody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path
from sqlite3 import connect
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession
from pydantic import SecretBytes

from jobrunner import Jobrunner
from jobrunner.errors import LateReport
from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.engine.engines import attempts, ended, kill, rows, settled, still, submit, until
from tests.process import ServerProcess
from tests.web.api import Api
from tests.web.conftest import OpenApi
from tests.web.handlers import Gate
from tests.web.service import Order, Reply, Service, accepted, answer, in_turn, never

JSON = {"Content-Type": "application/json"}
ELSEWHERE = {"server.public_url": "http://127.0.0.1:9"}  # for engines that are not served: nobody calls back


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    """A service that listens."""
    async with ClientSession() as session:
        one = Service(session)
        await one.start()
        yield one
        await one.stop()


@pytest.fixture
async def runner(gate: Gate, service: Service, open_runner: OpenRunner) -> Jobrunner:
    """An engine that has `analysis` done by the service, beside the types of other tests."""
    assert not gate.opened.is_set()
    return await open_runner(**service.settings(**{"backoff.first": "1ms", "poll_interval": "10ms"}))


async def ordered(api: Api, service: Service, **members: Any) -> tuple[str, Order]:
    """Return a job that was submitted, and the order by which the service was asked for it."""
    submitted = await api.submit("analysis", {}, **members)
    return submitted["job_id"], await service.order()


async def state(api: Api, job_id: str) -> Any:
    return (await api("GET", f"jobs/{job_id}")).json


class TestOrder:
    async def test_it_says_all_that_is_needed_and_a_callback_ends_the_job(self, api: Api, service: Service) -> None:
        trace = f"00-{'a' * 32}-{'b' * 16}-01"
        sent = {"type": "analysis", "payload": {"depth": 3}, "user_id": "anna", "uploads": ["the file"], "timeout": 60}
        job = (await api("POST", "jobs", json=sent, headers={"traceparent": trace})).json
        address = f"{api.root}/api/v1/jobs/{job['job_id']}"
        put = f"jobs/{job['job_id']}/uploads/the%20file?filename=sales.csv"
        await api("PUT", put, data=b"a,b\n1,2\n", headers={"Content-Type": "text/csv"})
        order = await service.order()
        body = order.body
        told = {name: body[name] for name in ("job_id", "type", "attempt", "payload", "user_id", "timeout", "deadline")}
        assert told == {
            "job_id": job["job_id"], "type": "analysis", "attempt": 1, "payload": {"depth": 3}, "user_id": "anna",
            "timeout": 60, "deadline": None,
        }  # fmt: skip
        assert (body["callback_url"], body["artifact_url"]) == (f"{address}/callback", f"{address}/artifacts/{{name}}")
        assert order.headers["Idempotency-Key"] == f'"{job["job_id"]}/1"'
        assert order.headers["traceparent"] == trace
        (upload,) = body["uploads"]
        assert (upload["name"], upload["filename"], upload["size"]) == ("the file", "sales.csv", 8)
        file = await service.send("GET", upload["url"], headers=order.bearer)
        assert (file.status, file.content) == (200, b"a,b\n1,2\n")
        assert (await service.says(order, {"result": {"rows": 1}})).json == {"cancel_requested": False}
        done = await state(api, job["job_id"])  # at once: the end is on disk when it is answered
        assert (done["status"], done["result_data"], done["attempt"]) == ("completed", {"rows": 1}, 1)

    async def test_progress_stages_parts_lines_and_files_are_those_of_the_job(self, api: Api, service: Service) -> None:
        job_id, order = await ordered(api, service)
        url = order.body["artifact_url"].replace("{name}", "st%C3%B6ry.html")
        headers = {**order.bearer, "Content-Type": "text/html"}
        first = await service.send("PUT", url, data=b"<p>one", headers=headers)
        again = await service.send("PUT", url, data=b"<p>three", headers=headers)
        assert (first.status, again.status, again.json["name"], again.json["size"]) == (201, 200, "störy.html", 8)
        for report in (
            {"stage": "reading", "progress": {"percentage": 40, "current_step": "Reading"}},
            {"part": {"key": "de", "status": "completed", "artifact": "störy.html"}},
            {"log": {"text": "half way", "level": "warning"}},
            {},
        ):
            assert (await service.says(order, report)).status == 200
        seen = await state(api, job_id)
        assert seen["progress_data"]["percentage"] == 40
        assert [stage["name"] for stage in seen["stages"]] == ["reading"]
        assert [(part["key"], part["artifact"]["name"]) for part in seen["parts"]] == [("de", "störy.html")]
        await service.says(order, {"result": None})
        file = await api("GET", f"jobs/{job_id}/artifacts/st%C3%B6ry.html")
        assert (file.content, file.headers["Content-Type"]) == (b"<p>three", "text/html")
        lines = (await api("GET", f"jobs/{job_id}/logs")).json["lines"]
        assert [(line["text"], line["level"]) for line in lines] == [("half way", "warning")]

    async def test_a_stage_that_is_told_again_goes_on_and_the_next_one_completes_it(
        self, api: Api, service: Service
    ) -> None:
        job_id, order = await ordered(api, service)
        seen = []
        for stage in ("reading", "reading", "finding"):
            await service.says(order, {"stage": stage})
            seen.append((await state(api, job_id))["stages"])
        assert seen[0] == seen[1]
        assert [stage["status"] for stage in seen[2]] == ["completed", "processing"]
        assert seen[2][0]["started_at"] == seen[0][0]["started_at"]

    async def test_what_is_accepted_of_stages_parts_and_files_is_on_disk(
        self, api: Api, service: Service, runner: Jobrunner
    ) -> None:
        _job_id, order = await ordered(api, service)
        for number in range(3):
            await service.says(order, {"part": {"key": str(number), "status": "completed"}})
            ((parts,),) = rows(runner, "SELECT parts FROM jobs")
            assert [part[2] for part in json.loads(parts)] == ["completed"] * (number + 1)
            await service.says(order, {"stage": str(number)})
            ((stages,),) = rows(runner, "SELECT stages FROM jobs")
            assert json.loads(stages)[number][0] == str(number)
            url = order.body["artifact_url"].replace("{name}", str(number))
            await service.send("PUT", url, data=b"a", headers=order.bearer)
            ((artifacts,),) = rows(runner, "SELECT artifacts FROM jobs")
            assert json.loads(artifacts)[number][0] == str(number)

    async def test_the_headers_of_the_configuration_are_sent_and_told_to_nobody_else(
        self, service: Service, open_api: OpenApi
    ) -> None:
        api = await open_api(**service.settings(headers={"Authorization": SecretBytes(b"Bearer their secret")}))
        _job_id, order = await ordered(api, service)
        assert order.headers["Authorization"] == "Bearer their secret"
        assert b"their secret" not in (await api("GET", "types")).content

    async def test_a_payload_is_checked_by_its_table_and_sent_with_its_defaults(
        self, service: Service, open_api: OpenApi
    ) -> None:
        parameters = {"width": {"type": "integer", "minimum": 1, "default": 640}, "schema": {"choices": ["a", "b"]}}
        api = await open_api(**service.settings(payload=parameters))
        refused = await api("POST", "jobs", json={"type": "analysis", "payload": {"width": 0, "schema": "c", "x": 1}})
        pointers = sorted(fault["pointer"] for fault in refused.json["errors"])
        assert (refused.status, pointers) == (422, ["/payload/schema", "/payload/width", "/payload/x"])
        await api.submit("analysis", {"schema": "a"})
        assert (await service.order()).body["payload"] == {"width": 640, "schema": "a"}
        (shown,) = [each for each in (await api("GET", "types")).json["types"] if each["type"] == "analysis"]
        assert shown["payload_schema"]["properties"]["width"]["default"] == 640
        assert shown["payload_schema"]["required"] == ["schema"]

    @pytest.mark.parametrize("payload", [None, 5, [], "text"])
    async def test_without_a_table_a_payload_is_any_object_and_nothing_else(self, api: Api, payload: Any) -> None:
        assert (await api("POST", "jobs", json={"type": "analysis", "payload": payload})).status == 422


ANSWERS: list[tuple[Reply, str, str, bool]] = [
    (answer(400, {"detail": "No such column."}), "SERVICE_REFUSED", "No such column.", False),
    (answer(401), "SERVICE_REFUSED", "401", False),
    (answer(500), "SERVICE_UNREACHABLE", "500", True),
    (answer(429, Retry_After="7"), "SERVICE_BUSY", "429", True),
    (answer(302, Location="/elsewhere"), "SERVICE_BAD_ANSWER", "302", True),
    (answer(200, {"ok": True}), "SERVICE_BAD_ANSWER", "/ok", True),
    (answer(200, {}), "SERVICE_BAD_ANSWER", "neither", True),
    (answer(200, b"<html>"), "SERVICE_BAD_ANSWER", "no JSON", True),
    (answer(200, b'{"result": NaN}'), "SERVICE_BAD_ANSWER", "NaN", True),
    (answer(200, b'{"result": 1e999}'), "SERVICE_BAD_ANSWER", "not finite", True),
    (answer(200, b'{"result": ' + b"[" * 99 + b"]" * 99 + b"}"), "SERVICE_BAD_ANSWER", "deeper than 64", True),
    (answer(200, b'{"result": "' + b"a" * 1_100_000 + b'"}'), "SERVICE_UNREACHABLE", "bytes", True),
    (answer(200, b'{"result": "' + b"a" * 1_000_000 + b'"}'), "BAD_RESULT", "1000002 bytes", False),
    (answer(202, Location="http://127.0.0.2/monitor"), "SERVICE_BAD_ANSWER", "another site", True),
    (answer(200, {"error": {"code": "NO_LUCK", "message": "Sorry.", "retryable": False}}), "NO_LUCK", "Sorry.", False),
]


class TestAnswers:
    async def test_a_service_may_answer_with_the_result(self, api: Api, service: Service) -> None:
        service.on_order = answer(200, {"result": [1, 2], "log": "quick"})
        assert (await api.run("analysis", {}))["result_data"] == [1, 2]

    async def test_any_other_answer_fails_the_attempt(self, api: Api, service: Service) -> None:
        for reply, code, words, retryable in ANSWERS:
            service.on_order = reply
            failed = (await api.run("analysis", {}))["error_data"]
            assert (failed["code"], failed["retryable"]) == (code, retryable)
            assert words in failed["message"]

    async def test_nobody_there_fails_the_attempt(self, api: Api, service: Service) -> None:
        await service.stop()
        failed = (await api.run("analysis", {}))["error_data"]
        assert (failed["code"], failed["retryable"]) == ("SERVICE_UNREACHABLE", True)

    async def test_a_busy_service_says_when_to_try_again(self, service: Service, open_api: OpenApi) -> None:
        api = await open_api(**service.settings(**{"max_attempts": 2, "backoff.first": "1ms"}))
        service.on_order = in_turn(answer(503, Retry_After="3600"), accepted())
        job_id, _order = await ordered(api, service)
        waiting = await api.seen(job_id, "queued")
        assert waiting["waiting_for"] == "retry"
        begun = (await api("GET", f"jobs/{job_id}/attempts")).json["attempts"][0]["ended_at"][:13]
        assert (await state(api, job_id))["estimated_start"][:13] > begun

    async def test_a_callback_may_come_before_the_answer(self, api: Api, service: Service) -> None:
        reported: list[int] = []

        async def in_between(_request: Any) -> Any:
            order = await service.order()
            reported.append((await service.says(order, {"result": "quick"})).status)
            return await accepted()(_request)

        service.on_order = in_between
        assert (await api.run("analysis", {}))["result_data"] == "quick"
        assert reported in ([], [200])  # the answer to the order is not waited for any more


class TestAsking:
    async def test_a_monitor_is_asked_until_it_has_a_result(self, api: Api, service: Service) -> None:
        service.on_order = accepted("7")
        service.on_ask = in_turn(
            answer(202), answer(503), answer(500), answer(202, {"progress": {"percentage": 30}, "stage": "reading"}),
            answer(200, {"result": "asked"}),
        )  # fmt: skip
        done = await api.run("analysis", {})
        assert (done["result_data"], [stage["name"] for stage in done["stages"]]) == ("asked", ["reading"])
        assert service.asked.qsize() == 5

    async def test_a_service_that_was_restarted_is_asked_on(self, api: Api, service: Service) -> None:
        service.on_order = accepted("7")
        job_id, _order = await ordered(api, service)
        await service.asked.get()
        await service.stop()
        service.on_ask = answer(200, {"result": "back"})
        await service.start()
        assert (await api.ended(job_id))["result_data"] == "back"

    @pytest.mark.parametrize(
        ("reply", "code"),
        [
            (answer(404), "SERVICE_LOST"),
            (answer(410), "SERVICE_LOST"),
            (answer(403), "SERVICE_REFUSED"),
            (answer(200, b"{"), "SERVICE_BAD_ANSWER"),
            (answer(200, {"progress": {"percentage": 101}}), "SERVICE_BAD_ANSWER"),
        ],
    )
    async def test_a_monitor_that_makes_no_sense_fails_the_attempt(
        self, api: Api, service: Service, reply: Reply, code: str
    ) -> None:
        service.on_order, service.on_ask = accepted("7"), reply
        assert (await api.run("analysis", {}))["error_data"]["code"] == code
        assert service.stops.empty() is (code == "SERVICE_LOST")

    async def test_a_callback_works_beside_it(self, api: Api, service: Service) -> None:
        service.on_order = accepted("7")
        job_id, order = await ordered(api, service)
        await service.asked.get()
        assert (await service.says(order, {"result": "told"})).status == 200
        assert (await state(api, job_id))["result_data"] == "told"


class TestSilence:
    async def test_a_service_that_says_nothing_for_too_long_fails_and_is_told(
        self, clock: ManualClock, service: Service, open_runner: OpenRunner
    ) -> None:
        given = service.settings(report_timeout="10m", cancel_url=f"{service.url}/cancel")
        runner = await open_runner(clock, **given, **ELSEWHERE)
        job_id = await submit(runner, "analysis", {})
        await service.order()
        await until(runner, job_id, lambda job: job.monitor == "")
        clock.advance(599)
        await settled(runner)
        assert (await runner.get(job_id)).job.status == "processing"
        service.on_stop = answer(202)
        clock.advance(1)
        assert await service.stops.get() == {"job_id": job_id, "attempt": 1, "reason": "failed"}
        with pytest.raises(LateReport):
            await runner.callbacks.hear(job_id, 1, {"result": "too late"})
        clock.advance(5)
        failed = (await ended(runner, job_id)).error
        assert failed is not None
        assert (failed.code, failed.retryable) == ("SERVICE_SILENT", True)

    async def test_any_word_begins_the_time_anew(
        self, clock: ManualClock, service: Service, open_runner: OpenRunner
    ) -> None:
        runner = await open_runner(clock, **service.settings(report_timeout="10m"), **ELSEWHERE)
        job_id = await submit(runner, "analysis", {})
        await service.order()
        await until(runner, job_id, lambda job: job.monitor == "")
        for _ in range(3):
            clock.advance(599)
            await settled(runner)
            assert await runner.callbacks.hear(job_id, 1, {}) is False
        clock.advance(600)
        assert (await ended(runner, job_id)).status == "failed"


@pytest.fixture
async def slow(service: Service, open_runner: OpenRunner) -> Jobrunner:
    """An engine that gives the service all the time in the world to stop."""
    return await open_runner(**service.settings(cancel_url=f"{service.url}/cancel"), **{"workers.cancel_grace": "1h"})


async def accepted_by(runner: Jobrunner, service: Service, api: Api) -> tuple[str, Order]:
    """Return a job of which it is known that the service has accepted it, and the order."""
    job_id, order = await ordered(api, service)
    await until(runner, job_id, lambda job: job.monitor is not None)
    return job_id, order


class TestCancel:
    @pytest.mark.parametrize("monitor", ["7", None])
    async def test_the_service_is_told_and_the_job_ends_when_it_says_that_it_has_stopped(
        self, service: Service, slow: Jobrunner, open_api: OpenApi, monitor: str | None
    ) -> None:
        api = await open_api(slow)
        service.on_order = accepted(monitor)
        service.on_stop = in_turn(answer(500), answer(204))
        job_id, order = await accepted_by(slow, service, api)
        assert (await api("DELETE", f"jobs/{job_id}")).status == 202
        assert (await api.ended(job_id))["status"] == "cancelled"
        told = {"monitor": "7"} if monitor else {"job_id": job_id, "attempt": 1, "reason": "cancel"}
        assert [service.stops.get_nowait() for _ in range(2)] == [told, told]
        assert (await service.says(order, {"result": 1})).status == 409

    async def test_one_that_is_going_to_stop_has_the_grace_to_say_its_last_words(
        self, service: Service, slow: Jobrunner, open_api: OpenApi
    ) -> None:
        api = await open_api(slow)
        service.on_stop = answer(202)
        job_id, order = await accepted_by(slow, service, api)
        await api("DELETE", f"jobs/{job_id}")
        await service.stops.get()
        assert (await service.says(order, {"log": "cleaning up"})).json == {"cancel_requested": True}
        assert (await state(api, job_id))["status"] == "processing"
        last = {"result": "half of it"}
        assert (await service.says(order, last)).json == {"cancel_requested": True}
        done = await state(api, job_id)
        assert (done["status"], done["result_data"]) == ("cancelled", None)
        (attempt,) = (await api("GET", f"jobs/{job_id}/attempts")).json["attempts"]
        assert (attempt["outcome"], attempt["result_data"]) == ("cancelled", "half of it")
        assert (await service.says(order, last)).status == 200

    async def test_one_that_cannot_be_told_hears_of_it_when_it_reports_and_is_fenced_after_the_grace(
        self, clock: ManualClock, service: Service, open_runner: OpenRunner
    ) -> None:
        runner = await open_runner(clock, **service.settings(), **ELSEWHERE, **{"workers.cancel_grace": "5s"})
        job_id = await submit(runner, "analysis", {})
        await service.order()
        await until(runner, job_id, lambda job: job.monitor is not None)
        await runner.cancel(job_id)
        assert await runner.callbacks.hear(job_id, 1, {"log": "still here"}) is True
        clock.advance(5)
        assert (await ended(runner, job_id)).status == "cancelled"
        with pytest.raises(LateReport):
            await runner.callbacks.hear(job_id, 1, {"log": "still here"})

    async def test_a_time_limit_stops_it_in_the_same_way(
        self, clock: ManualClock, service: Service, open_runner: OpenRunner
    ) -> None:
        given = service.settings(timeout="1m", cancel_url=f"{service.url}/cancel")
        runner = await open_runner(clock, **given, **ELSEWHERE)
        job_id = await submit(runner, "analysis", {})
        await service.order()
        await until(runner, job_id, lambda job: job.monitor is not None)
        clock.advance(60)
        failed = (await ended(runner, job_id)).error
        assert failed is not None
        assert failed.code == "TIMEOUT"
        assert (await service.stops.get())["reason"] == "timeout"


class TestToken:
    async def test_a_report_that_is_late_changes_nothing(self, api: Api, service: Service) -> None:
        job_id, order = await ordered(api, service)
        await service.says(order, {"result": 1})
        before = await state(api, job_id)
        for report in ({"result": 2}, {"error": {"code": "A", "message": "b"}}, {"progress": {"percentage": 5}}, {}):
            late = await service.says(order, report)
            assert (late.status, late.json["code"]) == (409, "late-report")
        put = await service.send(
            "PUT", order.body["artifact_url"].replace("{name}", "a"), data=b"a", headers=order.bearer
        )
        file = await service.send("GET", order.body["callback_url"][:-8] + "uploads/a", headers=order.bearer)
        assert (put.status, file.status) == (409, 409)
        assert await state(api, job_id) == before

    @pytest.mark.parametrize(
        "report", [{"result": {"a": 1.5}, "log": "x"}, {"error": {"code": "NO_LUCK", "message": "b"}}]
    )
    async def test_an_exact_repeat_of_the_report_that_ended_it_is_answered_as_it_was(
        self, api: Api, service: Service, report: Any
    ) -> None:
        _job_id, order = await ordered(api, service)
        answers = await asyncio.gather(*(service.says(order, report) for _ in range(5)))
        assert [each.status for each in answers] == [200] * 5
        again = dict(reversed(report.items()))  # as JSON the same
        assert (await service.says(order, again)).status == 200

    async def test_a_repeat_is_known_when_the_result_could_not_be_kept(
        self, service: Service, open_api: OpenApi
    ) -> None:
        api = await open_api(**service.settings(max_result="10B"))
        job_id, order = await ordered(api, service)
        for _ in range(2):
            assert (await service.says(order, {"result": "longer than ten"})).status == 200
        assert (await state(api, job_id))["error_data"]["code"] == "BAD_RESULT"

    async def test_each_attempt_has_its_own(self, service: Service, open_api: OpenApi) -> None:
        api = await open_api(**service.settings(**{"max_attempts": 2, "backoff.first": "1ms"}))
        job_id, first = await ordered(api, service)
        await service.says(first, {"error": {"code": "AGAIN", "message": "Once more."}})
        second = await service.order()
        assert (second.body["attempt"], second.headers["Idempotency-Key"]) == (2, f'"{job_id}/2"')
        assert second.body["token"] != first.body["token"]
        assert (await service.says(first, {"progress": {"percentage": 99}})).status == 409
        assert (await service.says(second, {"result": 2})).status == 200
        assert (await state(api, job_id))["retry_count"] == 1

    async def test_one_that_is_forged_or_of_another_job_is_a_job_that_nobody_has(
        self, api: Api, service: Service
    ) -> None:
        (mine, order), (_other, foreign) = await ordered(api, service), await ordered(api, service)
        own = order.body["token"]
        unknown = "00000000-0000-7000-8000-000000000000"
        forged = [own[:-1] + ("A" if own[-1] != "A" else "B"), f"2.{own[2:]}", f"1.{'A' * 43}", foreign.body["token"]]
        for token in forged:
            for method, path in (("POST", "callback"), ("PUT", "artifacts/a"), ("GET", "uploads/a")):
                found = []
                for job_id in (mine, unknown):
                    headers = {"Authorization": f"Bearer {token}"}
                    sent = await api(method, f"jobs/{job_id}/{path}", headers=headers, json={"result": 1})
                    found.append((sent.status, sent.content.replace(job_id.encode(), b"")))
                assert found[0] == found[1]
                assert found[0][0] == 404
        assert (await state(api, mine))["status"] == "processing"

    async def test_it_is_good_for_nothing_else(self, api: Api, service: Service) -> None:
        job_id, order = await ordered(api, service)
        others = ["", "/events", "/logs", "/attempts", "/explain", "/artifacts/a"]
        for path in ("jobs", "events", "types", "session", *(f"jobs/{job_id}{each}" for each in others)):
            assert (await api("GET", path, headers=order.bearer)).status == 401, path
        for method, path in (("POST", "jobs"), ("DELETE", f"jobs/{job_id}"), ("PUT", f"jobs/{job_id}/uploads/a")):
            assert (await api(method, path, headers=order.bearer)).status == 401, path

    async def test_without_it_nobody_reports_who_sits_at_this_machine_neither(self, api: Api, service: Service) -> None:
        job_id, _order = await ordered(api, service)
        assert (await api("POST", f"jobs/{job_id}/callback", json={"result": 1})).status == 403
        assert (await api("PUT", f"jobs/{job_id}/artifacts/a", data=b"a")).status == 403


HOSTILE: list[tuple[bytes, int, str | None]] = [
    (b"", 400, None),
    (b"{", 400, None),
    (b"\xff", 400, None),
    (b'{"result": NaN}', 400, None),
    (b'{"result": 1, "result": 2}', 400, None),
    (b'{"result": "\\u0000"}', 400, "/result"),
    (b'{"result": 99999999999999999999}', 400, "/result"),
    (b'{"result": ' + b"[" * 99 + b"]" * 99 + b"}", 400, None),
    (b"[]", 422, ""),
    (b'{"results": 1}', 422, "/results"),
    (b'{"progress": {"percentage": 101}}', 422, "/progress/percentage"),
    (b'{"progress": 5}', 422, "/progress"),
    (b'{"part": {"status": "completed"}}', 422, "/part/key"),
    (b'{"part": {"key": "a", "artifact": "b"}}', 422, "/part/artifact"),
    (b'{"error": {"code": "A"}}', 422, "/error/message"),
    (b'{"result": 1, "error": {"code": "A", "message": "b"}}', 422, "/error"),
    (b'{"result": "' + b"a" * 1_100_000 + b'"}', 413, None),
]


class TestReports:
    async def test_one_that_makes_no_sense_is_refused_and_changes_nothing(
        self, api: Api, runner: Jobrunner, service: Service
    ) -> None:
        job_id, order = await accepted_by(runner, service, api)
        before = await state(api, job_id)
        for body, status, pointer in HOSTILE:
            refused = await service.says(order, None, data=BytesIO(body), headers=JSON)
            assert refused.status == status, body[:100]
            if pointer is not None:
                assert refused.json["errors"][0]["pointer"] == pointer
        assert (await service.says(order, None, data=b"a=b")).status == 415
        assert await state(api, job_id) == before
        assert (await service.says(order, {"result": 1})).status == 200

    async def test_a_result_as_large_as_the_type_allows_is_taken(self, service: Service, open_api: OpenApi) -> None:
        api = await open_api(**service.settings(max_result="3MB"))
        job_id, order = await ordered(api, service)
        body = BytesIO(json.dumps({"result": "a" * 2_900_000}).encode())
        assert (await service.says(order, None, data=body, headers=JSON)).status == 200
        assert (await state(api, job_id))["status"] == "completed"

    async def test_a_file_that_is_too_large_leaves_nothing_behind(
        self, service: Service, open_api: OpenApi, open_runner: OpenRunner
    ) -> None:
        runner = await open_runner(**service.settings(), **{"server.max_upload": "1KB"})
        _job_id, order = await ordered(await open_api(runner), service)
        url = order.body["artifact_url"].replace("{name}", "a")
        assert (await service.send("PUT", url, data=b"a" * 2_000, headers=order.bearer)).status == 413
        assert not [each for each in (runner.files.directory / "files").rglob("*") if each.is_file()]

    async def test_a_handler_of_this_process_ends_by_what_it_returns(
        self, api: Api, runner: Jobrunner, gate: Gate
    ) -> None:
        job = await api.submit("gated")
        await gate.reached.wait()
        token = runner.means.tokens.make(job["job_id"], 1)
        headers = {"Authorization": f"Bearer {token}"}
        refused = await api("POST", f"jobs/{job['job_id']}/callback", json={"result": 1}, headers=headers)
        assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/result")
        taken = await api("POST", f"jobs/{job['job_id']}/callback", json={"log": "from a child"}, headers=headers)
        assert taken.status == 200


class TestRestart:
    """The jobrunner goes away in the middle, the service does not: nothing is done twice."""

    @pytest.mark.parametrize(("end", "times"), [(ServerProcess.kill, 2), (ServerProcess.stop, 1)])
    async def test_an_attempt_goes_on_with_the_same_token(
        self, service: Service, tmp_path: Path, end: Callable[[ServerProcess], Any], times: int
    ) -> None:
        url = f"{service.url}/analyze"
        server = ServerProcess(
            tmp_path / "data", JOBRUNNER_TYPES__ANALYSIS__URL=url, JOBRUNNER_SERVER__DRAIN_TIMEOUT="1h"
        )
        try:
            await asyncio.to_thread(server.start)
            api = Api(server.url, service.session)
            job_id, order = await ordered(api, service)
            assert (await service.says(order, {"stage": "reading"})).status == 200
            for _ in range(times):  # after two crashes a job of this process would be a suspect
                await asyncio.to_thread(end, server)
                with pytest.raises(ClientError):
                    await service.says(order, {"result": "too early"})
                await asyncio.to_thread(server.start)
            seen = await state(api, job_id)
            assert (seen["status"], seen["stages"][0]["name"]) == ("processing", "reading")
            assert (await service.says(order, {"result": "at last"})).status == 200
            done = await state(api, job_id)
            assert (done["result_data"], done["attempt"], done["retry_count"]) == ("at last", 1, 0)
            listed = (await api("GET", f"jobs/{job_id}/attempts")).json["attempts"]
            assert [each["outcome"] for each in listed] == ["completed"]
            assert service.orders.empty()
        finally:
            await asyncio.to_thread(server.kill)

    async def test_a_repeat_of_the_last_report_is_known_after_it(
        self, service: Service, open_runner: OpenRunner
    ) -> None:
        given = {**service.settings(), **ELSEWHERE}
        first = await open_runner(**given)
        job_id = await submit(first, "analysis", {})
        await service.order()
        await first.callbacks.hear(job_id, 1, {"result": 1})
        await kill(first)
        second = await open_runner(**given)
        assert await second.callbacks.hear(job_id, 1, {"result": 1}) is False
        with pytest.raises(LateReport):
            await second.callbacks.hear(job_id, 1, {"result": 2})

    async def test_an_order_that_may_not_have_arrived_is_sent_again_as_the_same(
        self, clock: ManualClock, service: Service, open_runner: OpenRunner
    ) -> None:
        given = {**service.settings(), **ELSEWHERE}
        first = await open_runner(clock, **given)
        service.on_order = never
        job_id = await submit(first, "analysis", {})
        order = await service.order()
        await kill(first)
        service.on_order = answer(200, {"result": 1})
        second = await open_runner(clock, **given)
        again = await service.order()
        assert again.body == order.body
        assert order.body["callback_url"] == f"{ELSEWHERE['server.public_url']}/api/v1/jobs/{job_id}/callback"
        assert again.headers["Idempotency-Key"] == order.headers["Idempotency-Key"]
        assert (await ended(second, job_id)).status == "completed"
        assert [each.outcome for each in await attempts(second, job_id)] == ["completed"]

    async def test_time_limits_go_on_counting(
        self, clock: ManualClock, service: Service, open_runner: OpenRunner
    ) -> None:
        given = {**service.settings(timeout="10m"), **ELSEWHERE}
        first = await open_runner(clock, **given)
        job_id = await submit(first, "analysis", {})
        await until(first, job_id, lambda job: job.monitor is not None)
        clock.advance(300)
        await kill(first)
        clock.advance(200)
        second = await open_runner(clock, **given)
        await still(lambda: taken_up(second, job_id))
        clock.advance(99)
        assert (await second.get(job_id)).job.status == "processing"
        clock.advance(1)
        clock.advance(5)
        failed = (await ended(second, job_id)).error
        assert failed is not None
        assert failed.code == "TIMEOUT"

    async def test_a_cancel_that_was_asked_for_before_is_told_after(
        self, clock: ManualClock, service: Service, open_runner: OpenRunner
    ) -> None:
        given = {**service.settings(), **ELSEWHERE}
        service.on_order, service.on_stop = accepted("7"), never
        first = await open_runner(clock, **given)
        job_id = await submit(first, "analysis", {})
        await until(first, job_id, lambda job: job.monitor is not None)
        await first.cancel(job_id)
        await service.stops.get()
        await kill(first)
        service.on_stop = answer(204)
        second = await open_runner(clock, **given)
        assert (await ended(second, job_id)).status == "cancelled"
        assert service.stops.qsize() == 1

    async def test_it_keeps_its_slot_and_does_not_keep_a_suspect_from_running_alone(
        self, gate: Gate, service: Service, open_runner: OpenRunner
    ) -> None:
        given = {**service.settings(), **ELSEWHERE, "workers.concurrency": 2}
        first = await open_runner(**given)
        theirs = await submit(first, "analysis", {})
        await until(first, theirs, lambda job: job.monitor is not None)
        suspect = await submit(first, "gated", run_at=first.clock.now() + 3_600_000)
        await first.stop(0)
        with closing(connect(first.database.path / "jobs.db")) as database, database:
            database.execute("UPDATE jobs SET crashes = 2, hold = NULL, wake_at = NULL WHERE id = ?", (suspect,))
        second = await open_runner(**given)
        assert second.pool.taken == 1
        await gate.reached.wait()
        assert (await second.get(suspect)).job.alone
        gate.opened.set()
        await ended(second, suspect)
        assert (await second.get(theirs)).job.status == "processing"


def taken_up(runner: Jobrunner, job_id: str) -> bool:
    live = runner.table.get(job_id)
    return live is not None and live.running is not None
