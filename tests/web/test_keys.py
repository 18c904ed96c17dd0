"""API keys: made, seen and revoked by operators; what they are made of is shown once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.web.conftest import OpenApi, OpenPeople
from tests.web.people import People, bearer, user


async def listed(people: People) -> dict[str, Any]:
    answer = await people(people.operator, "GET", "keys")
    return {key["id"]: key for key in answer.json["keys"]}


async def test_a_key_is_shown_once_and_never_again(people: People) -> None:
    answer = await people(people.operator, "POST", "keys", json={"name": "backend", "scopes": ["read", "submit:echo"]})
    assert (answer.status, answer.headers["Cache-Control"]) == (201, "no-store")
    made = dict(answer.json)
    text = made.pop("key")
    assert text.startswith(f"jr_{made['id']}_")
    assert (await people(bearer(text), "GET", "jobs")).status == 200
    seen = (await listed(people))[made["id"]]
    assert {**seen, "last_used_at": None} == made
    assert (made["created_by"], made["scopes"]) == (f"key:{people.key[3:11]}", ["read", "submit:echo"])
    secret = text[-43:]
    revoked = await people(people.operator, "DELETE", f"keys/{made['id']}")
    for shown in (await people(people.operator, "GET", "keys"), revoked):
        assert secret.encode() not in shown.content
        assert b"hash" not in shown.content
    stored = b"".join(file.read_bytes() for file in people.runner.database.path.iterdir() if file.is_file())
    assert secret.encode() not in stored, "what is kept is a hash"
    assert made["id"].encode() in stored


async def test_only_operators_see_and_make_keys(people: People) -> None:
    everything = await people.key_of("read", "submit", "cancel", "retry", "upload")
    for who in (people.application, people.reading, user("anna"), bearer(everything["key"])):
        assert (await people(who, "GET", "keys")).status == 403
        assert (await people(who, "POST", "keys", json={"name": "a", "scopes": ["admin"]})).status == 403
        assert (await people(who, "DELETE", f"keys/{everything['id']}")).status == 403
    assert (await people(bearer(everything["key"]), "GET", "jobs")).status == 200


@pytest.mark.parametrize(
    "wish",
    [
        {"name": "a"}, {"scopes": ["read"]}, {"name": "", "scopes": ["read"]}, {"name": "a" * 201, "scopes": ["read"]},
        {"name": "a\nb", "scopes": ["read"]}, {"name": "a", "scopes": []}, {"name": "a", "scopes": ["fly"]},
        {"name": "a", "scopes": ["read", "Admin"]}, {"name": "a", "scopes": ["submit:"]}, {"name": "a", "scopes": "a"},
        {"name": "a", "scopes": ["read"], "expires_in": 0}, {"name": "a", "scopes": ["read"], "expires_in": -1},
        {"name": "a", "scopes": ["read"], "expires_in": 10**12}, {"name": "a", "scopes": ["read"], "id": "abcdefgh"},
        {"name": "a", "scopes": ["read"] * 101}, [],
    ],
)  # fmt: skip
async def test_a_key_that_cannot_be_is_refused_and_not_made(people: People, wish: Any) -> None:
    before = await listed(people)
    answer = await people(people.operator, "POST", "keys", json=wish)
    assert (answer.status, answer.json["code"]) == (422, "invalid")
    assert answer.json["errors"][0]["detail"]
    assert (await listed(people)).keys() == before.keys()


async def test_a_revoked_key_is_worthless_at_once_and_stays_in_the_list(people: People) -> None:
    made = await people.key_of("admin")
    assert (await people(bearer(made["key"]), "GET", "keys")).status == 200
    revoked = await people(people.operator, "DELETE", f"keys/{made['id']}")
    assert (revoked.status, revoked.json["id"]) == (200, made["id"])
    assert (await people(bearer(made["key"]), "GET", "keys")).status == 401
    again = await people(people.operator, "DELETE", f"keys/{made['id']}")
    assert (again.status, again.json["revoked_at"]) == (200, revoked.json["revoked_at"])
    assert (await listed(people))[made["id"]]["revoked_at"] == revoked.json["revoked_at"]
    assert (await people(people.operator, "DELETE", "keys/abcdefgh")).json["code"] == "unknown-key"


async def test_an_operator_may_revoke_the_own_key(people: People) -> None:
    assert (await people(people.operator, "DELETE", f"keys/{people.key[3:11]}")).json["revoked_at"]
    assert (await people(people.operator, "GET", "keys")).status == 401


async def test_a_key_ends_when_it_was_said_to_end(open_people: OpenPeople, clock: ManualClock) -> None:
    people = await open_people(clock=clock)
    made = await people.key_of("read", expires_in=60)
    told = (await people(bearer(made["key"]), "GET", "session")).json
    assert (told["kind"], told["via"], told["expires_at"]) == ("application", "key", made["expires_at"])
    clock.advance(59.9)
    assert (await people(bearer(made["key"]), "GET", "jobs")).status == 200
    clock.advance(0.1)
    assert (await people(bearer(made["key"]), "GET", "jobs")).status == 401
    assert (await listed(people))[made["id"]]["revoked_at"] is None


async def test_the_list_tells_when_a_key_was_last_used_to_the_minute(
    open_people: OpenPeople, clock: ManualClock
) -> None:
    people = await open_people(clock=clock)
    made = await people.key_of("read")
    assert made["last_used_at"] is None
    used = []
    for pause_s in (0, 59, 1):
        clock.advance(pause_s)
        await people(bearer(made["key"]), "GET", "jobs")
        used.append((await listed(people))[made["id"]]["last_used_at"])
    assert used[0] == used[1] == made["created_at"]
    assert used[2] > used[1]


async def test_keys_and_revocations_survive_a_restart(
    people: People, open_runner: OpenRunner, open_api: OpenApi
) -> None:
    made, gone = await people.key_of("read"), await people.key_of("read")
    await people(people.operator, "DELETE", f"keys/{gone['id']}")
    before = await listed(people)
    await people.runner.stop(0)
    people.api = await open_api(await open_runner(**{"auth.token_ttl": "1h"}))
    assert (await people(bearer(made["key"]), "GET", "jobs")).status == 200
    assert (await people(bearer(gone["key"]), "GET", "jobs")).status == 401
    after = await listed(people)
    assert {**after[gone["id"]]} == before[gone["id"]]
    assert after.keys() == before.keys()


async def test_a_key_is_asked_for_also_where_nobody_needs_one(open_runner: OpenRunner, open_api: OpenApi) -> None:
    api = await open_api(await open_runner())
    made = (await api("POST", "keys", json={"name": "a", "scopes": ["read"]})).json
    assert made["created_by"] == "local"
    assert (await api("GET", "session")).json["kind"] == "operator"
    assert (await api("GET", "session", headers=bearer(made["key"]))).json["kind"] == "application"
    assert (await api("POST", "jobs", json={"type": "echo"}, headers=bearer(made["key"]))).status == 403
    assert (await api("GET", "jobs", headers=bearer(made["key"][:-1]))).status == 401
