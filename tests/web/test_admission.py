"""An application that admits jobs: it is asked once before each, and told of those that were not accepted after all."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretBytes

from jobrunner import Admittance, Jobrunner, Refused, Registry, job
from jobrunner.config import load
from jobrunner.engine.webhook import signature_headers
from tests.web.api import Answer, Api
from tests.web.conftest import OpenApi
from tests.web.handlers import Order

KEY = {"Idempotency-Key": '"once"'}
WITHIN_S = 20
SECRET = b"a secret of the application, 32 bytes or more"
SPOIL = "CREATE TRIGGER no BEFORE INSERT ON jobs WHEN new.title = 'unlucky' BEGIN SELECT raise(ABORT, 'no'); END"


class Credits:
    """The books of an application: everybody has so many; what a job costs stands in its payload."""

    def __init__(self, everybody: int = 3) -> None:
        self.left: Counter[str | None] = Counter()
        self.everybody = everybody
        self.asked: list[Admittance] = []
        self.charged: dict[str, int] = {}
        self.told: asyncio.Queue[str] = asyncio.Queue()
        self.trouble: Any = None

    async def admit(self, request: Admittance) -> None:
        self.asked.append(request)
        if self.trouble is not None:
            await self.trouble()
        if sum(self.charged.values()) + request.payload.rows > self.everybody:
            raise Refused(402, "There are too few credits.", code="no-credits", retry_after=60)
        self.charged[request.job_id] = request.payload.rows

    async def withdrawn(self, request: Admittance, error: Exception) -> None:
        self.charged.pop(request.job_id, None)
        assert isinstance(error, Exception)
        await self.told.put(request.job_id)

    async def given_back(self) -> str:
        """Return the next job that is told to be withdrawn."""
        async with asyncio.timeout(WITHIN_S):
            return await self.told.get()


@pytest.fixture
def books(registry: Registry) -> Credits:
    books = Credits()

    @job("paid", registry=registry, admission=books, admission_timeout="200ms")
    async def _paid(_context: Any, payload: Order) -> int:
        if payload.note == "fail":
            raise ValueError(payload.note)
        return payload.rows

    return books


async def send(api: Api, rows: int = 1, *, headers: dict[str, str] | None = None, **members: Any) -> Answer:
    sent = {"type": "paid", "payload": {"rows": rows, "note": members.pop("note", None)}, **members}
    return await api("POST", "jobs", json=sent, headers=headers or {})


async def total(api: Api) -> int:
    return int((await api("GET", "jobs/stats/counts")).json["total"])


async def test_it_is_told_what_is_about_to_be_accepted(api: Api, books: Credits) -> None:
    accepted = await send(api, 2, user_id="anna", title="Two", tags=["a"], headers=KEY)
    (asked,) = books.asked
    assert asked.payload == Order(rows=2)
    assert json.loads(asked.raw) == {"rows": 2, "note": None}
    told = (asked.job_id, asked.type, asked.user_id, asked.title, asked.tags, asked.idempotency_key, asked.submitted_by)
    assert told == (accepted.json["job_id"], "paid", "anna", "Two", ("a",), "once", "local")


async def test_a_refusal_is_a_problem_in_its_words_and_nothing_is_accepted(api: Api, books: Credits) -> None:
    refused = await send(api, 4)
    assert (refused.status, refused.headers["Content-Type"]) == (402, "application/problem+json")
    assert refused.headers["Retry-After"] == "60"
    assert refused.json == {
        "type": "urn:jobrunner:problem:no-credits", "title": "The job is not wanted", "status": 402,
        "detail": "There are too few credits.", "code": "no-credits",
    }  # fmt: skip
    assert (await total(api), books.charged) == (0, {})


async def test_repeats_and_retries_are_not_asked_about_and_a_new_payload_is(api: Api, books: Credits) -> None:
    answers = await asyncio.gather(*(send(api, headers=KEY, note="fail") for _ in range(5)))
    first = await api.ended(answers[0].json["job_id"])
    assert len({answer.json["job_id"] for answer in [*answers, await send(api, headers=KEY, note="fail")]}) == 1
    assert (first["status"], len(books.asked)) == ("failed", 1)
    again = await api("POST", f"jobs/{first['job_id']}/retry")
    await api.ended(first["job_id"])
    assert (again.status, len(books.asked)) == (202, 1)
    other = await api("POST", f"jobs/{first['job_id']}/retry", json={"payload": {"rows": 9}})
    assert (other.status, len(books.asked)) == (402, 2)


async def slow() -> None:
    await asyncio.sleep(30)


async def broken() -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize("trouble", [slow, broken])
async def test_one_that_cannot_be_asked_refuses_and_is_told_to_give_back(
    api: Api, books: Credits, trouble: Any
) -> None:
    books.trouble = trouble
    refused = await send(api)
    assert (refused.status, refused.json["code"]) == (503, "admission-unavailable")
    assert "Retry-After" in refused.headers
    assert await books.given_back() == books.asked[0].job_id
    assert await total(api) == 0


async def test_what_cannot_be_written_is_given_back(api: Api, runner: Jobrunner, books: Credits) -> None:
    await runner.database.writing.execute_fetchall(SPOIL)
    refused = await send(api, title="unlucky", headers=KEY)
    assert refused.status == 500, refused.content
    assert await books.given_back() == books.asked[0].job_id
    assert (books.charged, await total(api)) == ({}, 0)
    assert (await send(api, headers=KEY, title="lucky")).status == 202


async def test_while_it_is_asked_the_server_may_begin_to_stop(api: Api, runner: Jobrunner, books: Credits) -> None:
    async def stop() -> None:
        runner.close_intake()

    books.trouble = stop
    assert (await send(api)).json["code"] == "shutting-down"
    assert await books.given_back() == books.asked[0].job_id
    assert books.charged == {}
    assert (await send(api)).status == 503
    assert len(books.asked) == 1


async def test_a_caller_that_goes_away_is_charged_for_what_is_accepted(api: Api, books: Credits) -> None:
    asked, go = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        asked.set()
        await go.wait()

    books.trouble = hold
    sending = asyncio.create_task(send(api, headers=KEY))
    await asked.wait()
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    go.set()
    assert (await send(api, headers=KEY)).json["job_id"] == books.asked[0].job_id
    assert books.charged == {books.asked[0].job_id: 1}


async def bulk(api: Api, *rows: int, **more: Any) -> Answer:
    jobs = [{"type": "paid", "payload": {"rows": each}, "title": f"{each}"} for each in rows]
    return await api("POST", "jobs/bulk", json={"jobs": [*jobs, {"type": "echo"}], **more})


async def test_of_a_bulk_each_job_is_admitted_or_refused_by_itself(api: Api, books: Credits) -> None:
    answer = (await bulk(api, 2, 7, 1)).json
    assert [row.get("status") or row["problem"]["code"] for row in answer["jobs"]][1] == "no-credits"
    assert (answer["accepted"], sorted(books.charged.values())) == (3, [1, 2])
    assert {answer["jobs"][0]["job_id"], answer["jobs"][2]["job_id"]} == set(books.charged)
    assert [asked.payload.rows for asked in books.asked] == [2, 7, 1]


async def test_of_an_atomic_bulk_all_is_given_back_when_one_is_refused(api: Api, books: Credits) -> None:
    answer = await bulk(api, 2, 7, 1, atomic=True)
    assert (answer.status, answer.json["errors"]) == (
        402, [{"pointer": "/jobs/1", "detail": "There are too few credits."}]
    )  # fmt: skip
    given_back = {await books.given_back() for _ in range(2)}
    assert given_back == {books.asked[0].job_id, books.asked[2].job_id}
    assert (books.charged, await total(api)) == ({}, 0)


async def test_of_a_bulk_that_cannot_be_written_all_is_given_back(api: Api, runner: Jobrunner, books: Credits) -> None:
    await runner.database.writing.execute_fetchall(SPOIL.replace("unlucky", "1"))
    assert (await bulk(api, 2, 1)).status == 500
    assert {await books.given_back() for _ in range(2)} == {asked.job_id for asked in books.asked}
    assert (books.charged, await total(api)) == ({}, 0)


class Shop:
    """An application in another language: what it was sent, and what it answers."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[tuple[Any, bytes]] = asyncio.Queue()
        self.answers: list[web.Response] = []

    async def answer(self, request: web.Request) -> web.Response:
        await self.sent.put((dict(request.headers), await request.read()))
        return self.answers.pop(0) if self.answers else web.Response(status=204)

    async def next(self) -> tuple[Any, bytes]:
        """Return the headers and the body of what was sent next."""
        async with asyncio.timeout(WITHIN_S):
            return await self.sent.get()


@pytest.fixture
async def shop() -> AsyncIterator[tuple[Shop, str]]:
    shop, app = Shop(), web.Application()
    app.router.add_post("/admission", shop.answer)
    app.router.add_get("/elsewhere", shop.answer)  # where a redirect leads to is not asked
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield shop, f"http://127.0.0.1:{runner.addresses[0][1]}/admission"
    await runner.cleanup()


@pytest.fixture
async def asking(registry: Registry, gate: object, shop: tuple[Shop, str], tmp_path: Path) -> AsyncIterator[Jobrunner]:
    """An engine whose orders are admitted over HTTP, as the configuration says."""
    del gate
    settings = load(
        None,
        environ={},
        overrides={
            "storage.data_dir": str(tmp_path / "remote"), "types.order.admission_url": shop[1],
            "types.order.admission_secret": SecretBytes(SECRET), "types.order.admission_timeout": "5s",
        },
    )  # fmt: skip
    runner = await Jobrunner.open(settings, registry.configured(settings.types))
    yield runner
    await runner.stop(0)


@pytest.fixture
async def remote(asking: Jobrunner, open_api: OpenApi) -> Api:
    """A client of such a server."""
    return await open_api(asking)


ORDER = {"type": "order", "payload": {"rows": 1}, "user_id": "anna"}


async def test_an_application_is_asked_over_http_with_a_signature(remote: Api, shop: tuple[Shop, str]) -> None:
    accepted = (await remote("POST", "jobs", json=ORDER, headers=KEY)).json
    headers, body = await shop[0].next()
    assert json.loads(body) == {
        "event": "admit", "job_id": accepted["job_id"], "type": "order", "payload": {"rows": 1}, "user_id": "anna",
        "title": "order", "tags": [], "idempotency_key": "once", "submitted_by": "local",
    }  # fmt: skip
    signed = signature_headers(body, f"admit_{accepted['job_id']}", int(headers["webhook-timestamp"]), SECRET)
    assert signed.items() <= headers.items()


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (402, '{"detail": "Pay first.", "code": "no-credits"}', {"Retry-After": "9"}, (402, "no-credits", "9")),
        (403, "no", {}, (403, "refused", None)),
        (409, '{"title": "Twice", "code": "NOT A CODE"}', {}, (409, "refused", None)),
        (429, "[]", {"Retry-After": "soon"}, (429, "refused", None)),
        (404, "", {}, (503, "admission-unavailable", "5")),
        (500, "", {}, (503, "admission-unavailable", "5")),
        (302, "", {"Location": "/elsewhere"}, (503, "admission-unavailable", "5")),
        (402, "x" * 100_000, {}, (503, "admission-unavailable", "5")),
    ],
)
async def test_what_an_application_answers_over_http_is_taken_for_its_word(
    remote: Api, shop: tuple[Shop, str], status: int, body: str, headers: Any, expected: Any
) -> None:
    shop[0].answers.append(web.Response(status=status, text=body, headers=headers))
    answer = await remote("POST", "jobs", json=ORDER)
    assert (answer.status, answer.json["code"], answer.headers.get("Retry-After")) == expected
    asked = json.loads((await shop[0].next())[1])
    if expected[0] == 503:  # whether it has charged before it broke it knows itself
        told = json.loads((await shop[0].next())[1])
        assert (told["event"], told["job_id"]) == ("withdrawn", asked["job_id"])
