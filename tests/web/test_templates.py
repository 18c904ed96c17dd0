"""Saved submissions: kept for their owner, looked at when they are saved, submitted with changes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import FormData

from jobrunner import Jobrunner
from jobrunner.engine import templates
from tests.conftest import OpenRunner
from tests.web.api import Api
from tests.web.conftest import OpenApi, OpenPeople
from tests.web.people import user

ORDER = {"type": "order", "payload": {"rows": 3, "note": "from afar"}, "priority": 7, "tags": ["daily"]}


async def save(api: Api, submission: Any = ORDER, name: str = "every day", **more: Any) -> Any:
    answer = await api("POST", "templates", json={"name": name, "submission": submission, **more})
    assert answer.status == 201, answer.content
    return answer.json


async def test_a_template_is_kept_changed_and_deleted(open_api: OpenApi, open_runner: OpenRunner) -> None:
    runner = await open_runner()
    api = await open_api(runner)
    saved = await save(api)
    assert (saved["name"], saved["user_id"], saved["submission"]) == ("every day", None, ORDER)
    changed = {"name": "every week", "submission": {**ORDER, "priority": 1}}
    put = await api("PUT", f"templates/{saved['id']}", json=changed)
    assert (put.status, put.json["name"], put.json["submission"]["priority"]) == (200, "every week", 1)
    await runner.stop()
    api = await open_api(await open_runner())
    assert (await api("GET", f"templates/{saved['id']}")).json == put.json
    assert (await api("DELETE", f"templates/{saved['id']}")).status == 204
    gone = await api("GET", f"templates/{saved['id']}")
    assert (gone.status, gone.json["code"]) == (404, "unknown-template")
    assert (await api("POST", f"templates/{saved['id']}/jobs")).status == 404


async def test_it_is_submitted_with_members_replaced_and_its_payload_merged(api: Api) -> None:
    run = f"templates/{(await save(api))['id']}/jobs"
    plain = await api("POST", run)
    assert (plain.status, plain.json["payload"], plain.json["priority"]) == (202, ORDER["payload"], 7)
    other = await api("POST", run, json={"payload": {"rows": 4}, "title": "Four"}, headers={"Prefer": "wait=20"})
    assert (other.status, other.json["result_data"]) == (200, {"rows": 4, "note": "from afar"})
    assert (other.json["title"], other.json["tags"]) == ("Four", ["daily"])
    refused = await api("POST", run, json={"payload": {"rows": "many"}})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/payload/rows")


async def test_files_come_when_it_is_submitted_and_a_repeat_is_one_job(api: Api) -> None:
    saved = await save(api, {"type": "digest"})

    def data() -> FormData:
        form = FormData()
        form.add_field("job", "{}", content_type="application/json")
        form.add_field("file", b"in", filename="in.txt")
        return form

    key = {"Idempotency-Key": '"once"'}
    run = f"templates/{saved['id']}/jobs"
    first, again = [await api("POST", run, data=data(), headers=key) for _ in range(2)]
    assert (first.status, again.json["job_id"]) == (202, first.json["job_id"])
    assert (await api.ended(first.json["job_id"]))["result_data"]["size"] == 2


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        ({"name": "a", "submission": {"type": "nothing"}}, "/submission/type"),
        ({"name": "a", "submission": {**ORDER, "payload": {"rows": "many"}}}, "/submission/payload/rows"),
        ({"name": "a", "submission": {**ORDER, "priority": 10}}, "/submission/priority"),
        ({"name": "a", "submission": {**ORDER, "extra": 1}}, "/submission/extra"),
        ({"name": "", "submission": ORDER}, "/name"),
        ({"name": "a"}, "/submission"),
        ([], ""),
    ],
)
async def test_what_could_not_be_submitted_is_not_saved(api: Api, wish: Any, pointer: str) -> None:
    answer = await api("POST", "templates", json=wish)
    assert (answer.status, answer.json["errors"][0]["pointer"]) == (422, pointer)
    assert (await api("GET", "templates")).json == {"templates": [], "next_cursor": None}


async def test_names_are_unique_and_templates_bounded_for_each_owner(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "MOST", 3)
    wishes = [{"name": f"{n}", "submission": ORDER} for n in (1, 1, 2, 3, 4)]
    answers = await asyncio.gather(*(api("POST", "templates", json=wish) for wish in wishes))
    assert sorted(answer.status for answer in answers) == [201, 201, 201, 409, 409]
    assert {answer.json["code"] for answer in answers if answer.status == 409} == {"template-conflict"}
    await save(api, name="1", user_id="anna")
    found = (await api("GET", "templates")).json["templates"]
    second = next(each for each in found if each["name"] != "1")
    taken = await api("PUT", f"templates/{second['id']}", json={"name": "1", "submission": ORDER})
    assert taken.status == 409


async def test_pages_go_through_all(api: Api) -> None:
    for n in range(5):
        await save(api, name=f"{n}", user_id="anna" if n % 2 else None)
    first = (await api("GET", "templates?limit=3")).json
    rest = (await api("GET", f"templates?limit=3&cursor={first['next_cursor']}")).json
    assert [each["name"] for page in (first, rest) for each in page["templates"]] == ["0", "1", "2", "3", "4"]
    assert rest["next_cursor"] is None
    assert [each["name"] for each in (await api("GET", "templates?user_id=anna")).json["templates"]] == ["1", "3"]
    assert [each["name"] for each in (await api("GET", "templates?name=2")).json["templates"]] == ["2"]


async def test_a_user_has_the_users_own_and_nothing_of_others(open_people: OpenPeople) -> None:
    people = await open_people()
    anna, bob = user("anna"), user("bob")
    wish = {"name": "mine", "submission": ORDER}
    saved = (await people(anna, "POST", "templates", json=wish)).json
    assert (saved["user_id"], saved["created_by"]) == ("anna", "user:anna")
    assert (await people(bob, "POST", "templates", json=wish)).status == 201
    for who, names in ((anna, ["anna"]), (people.application, ["anna", "bob"])):
        found = (await people(who, "GET", "templates")).json["templates"]
        assert [each["user_id"] for each in found] == names
    assert (await people(bob, "GET", "templates?user_id=anna")).json["templates"] == []
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/jobs")):
        sent = {"json": wish} if method == "PUT" else {}
        foreign = await people(bob, method, f"templates/{saved['id']}{path}", **sent)
        unknown = await people(bob, method, f"templates/{saved['id'][:-1]}0{path}", **sent)
        assert (foreign.status, unknown.status) == (404, 404)
        assert foreign.json["code"] == unknown.json["code"] == "unknown-template"
    assert (await people(anna, "POST", f"templates/{saved['id']}/jobs")).json["user_id"] == "anna"
    assert (await people(people.operator, "POST", f"templates/{saved['id']}/jobs")).json["user_id"] == "anna"


async def test_it_needs_the_right_to_submit_its_type_to_be_saved_and_to_be_submitted(open_people: OpenPeople) -> None:
    people = await open_people()
    saved = (await people(user("anna"), "POST", "templates", json={"name": "mine", "submission": ORDER})).json
    for word, statuses in (("submit:order", (202, 409)), ("submit:echo", (403, 403)), ("read", (403, 403))):
        who = user("anna", allow=[word])
        run = await people(who, "POST", f"templates/{saved['id']}/jobs")
        again = await people(who, "POST", "templates", json={"name": "mine", "submission": ORDER})
        assert (run.status, again.status) == statuses
    for_bob = {"name": "his", "submission": {**ORDER, "user_id": "bob"}}
    foreign = await people(user("anna"), "POST", "templates", json=for_bob)
    assert (foreign.status, foreign.json["errors"][0]["pointer"]) == (403, "/submission/user_id")


async def test_a_template_that_is_on_disk_is_answered_and_no_other(api: Api, runner: Jobrunner) -> None:
    await runner.database.writing.execute_fetchall(
        "CREATE TRIGGER no BEFORE INSERT ON templates BEGIN SELECT raise(ABORT, 'no'); END"
    )
    answer = await api("POST", "templates", json={"name": "lost", "submission": ORDER})
    assert answer.status >= 500
    assert (await api("GET", "templates")).json["templates"] == []
