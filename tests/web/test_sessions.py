"""Operators in a browser: signed in by a key, known by a cookie that counts only for what our own page does."""

from __future__ import annotations

from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest

from tests.clock import ManualClock
from tests.conftest import OpenRunner
from tests.web.api import Answer, Api
from tests.web.conftest import OpenApi, OpenPeople
from tests.web.people import Headers, People, acquaint, bearer, user

NAME = "jobrunner_session"
BY_HAND = {"X-Requested-With": "jobrunner"}
LISTED = "https://app.example"
ELSEWHERE = ["http://evil.example", "null", "https://127.0.0.1", "http://localhost:1", LISTED]


async def sign_in(people: People, key: str | None = None, headers: Headers | None = None) -> Answer:
    sent = {"key": people.key if key is None else key}
    return await people.api("POST", "session", json=sent, headers=headers or {})


def cookie_of(answer: Answer) -> Morsel[str]:
    return SimpleCookie(answer.headers["Set-Cookie"])[NAME]


async def signed_in(people: People, key: str | None = None) -> Headers:
    """Return the headers of our own page after signing in."""
    answer = await sign_in(people, key)
    assert answer.status == 201, answer.content
    return {"Cookie": f"{NAME}={cookie_of(answer).value}", **BY_HAND, "Origin": people.api.root}


async def kind(people: People, headers: Headers) -> Any:
    answer = await people.api("GET", "session", headers=headers)
    return answer.json["kind"] if answer.status == 200 else answer.status


async def test_an_operator_signs_in_with_a_key_and_is_known_by_the_cookie(people: People) -> None:
    answer = await sign_in(people)
    assert (answer.status, answer.headers["Cache-Control"]) == (201, "no-store")
    told = answer.json
    assert (told["kind"], told["via"], told["secured"]) == ("operator", "session", True)
    assert people.key not in str(answer.headers) + answer.content.decode()
    cookie = {"Cookie": f"{NAME}={cookie_of(answer).value}"}
    assert (await people.api("GET", "session", headers=cookie)).json == told
    assert (await people.api("GET", "/", headers=cookie)).status == 200


async def test_the_cookie_is_for_our_pages_alone_and_for_twelve_hours(people: People) -> None:
    cookie = cookie_of(await sign_in(people))
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert (cookie["secure"], cookie["domain"]) == ("", "")
    assert 12 * 3_600 - 5 <= int(cookie["max-age"]) <= 12 * 3_600


async def test_the_cookie_keeps_below_the_base_path_and_to_https_behind_a_proxy(
    open_runner: OpenRunner, open_api: OpenApi
) -> None:
    settings = {"server.base_path": "/runner", "server.trusted_proxies": ["127.0.0.1"], "auth.session_ttl": "1h"}
    runner = await open_runner(**settings)
    api = await open_api(runner)
    api.root += "/runner"
    people = await acquaint(api, runner)
    behind = cookie_of(await sign_in(people, headers={"X-Forwarded-Proto": "https"}))
    assert (behind["path"], behind["secure"]) == ("/runner/", True)
    assert 3_590 <= int(behind["max-age"]) <= 3_600
    assert cookie_of(await sign_in(people, headers={"X-Forwarded-Proto": "http"}))["secure"] == ""


async def test_https_is_believed_only_of_a_trusted_proxy(people: People) -> None:
    assert cookie_of(await sign_in(people, headers={"X-Forwarded-Proto": "https"}))["secure"] == ""


@pytest.mark.parametrize("key", ["", "jr_", "jr_00000000_" + "A" * 43, "garbage", "jr_\x00", "é" * 500])
async def test_a_wrong_key_signs_nobody_in(people: People, key: str) -> None:
    answer = await sign_in(people, key)
    assert answer.status in {400, 401}
    assert "Set-Cookie" not in answer.headers


async def test_what_is_no_operators_key_signs_nobody_in(people: People) -> None:
    texts = [people.application, people.reading, user("anna"), user("anna", operator=True)]
    for who, status in zip(texts, (403, 403, 401, 401), strict=True):
        answer = await sign_in(people, who["Authorization"].removeprefix("Bearer "))
        assert (answer.status, answer.headers.get("Set-Cookie")) == (status, None)
    for sent in ({}, {"key": 1}, {"key": people.key, "more": 1}, [people.key]):
        assert (await people.api("POST", "session", json=sent)).status == 422
    assert (await people.api("POST", "session", data={"key": people.key})).status == 415, "what a form can send"


async def test_our_page_may_send_with_the_cookie_when_it_says_so_by_hand(people: People) -> None:
    page, echo = await signed_in(people), {"json": {"type": "echo"}}
    assert (await people.api("POST", "jobs", headers=page, **echo)).status == 202
    without = {name: value for name, value in page.items() if name not in BY_HAND}
    refused = await people.api("POST", "jobs", headers=without, **echo)
    assert (refused.status, "X-Requested-With" in refused.json["detail"]) == (403, True)
    assert (await people.api("GET", "jobs", headers=without)).status == 200
    assert (await people.api("DELETE", "keys/abcdefgh", headers=without)).status == 403


@pytest.mark.parametrize("origin", ELSEWHERE)
async def test_the_cookie_does_not_count_for_pages_of_other_origins(open_people: OpenPeople, origin: str) -> None:
    people = await open_people(**{"server.cors_origins": [LISTED]})
    page = {**await signed_in(people), "Origin": origin}
    expected = 401 if origin == LISTED else 403
    before = len((await people(people.operator, "GET", "keys")).json["keys"])
    for method, path, body in (
        ("POST", "jobs", {"type": "echo"}), ("POST", "keys", {"name": "a", "scopes": ["admin"]}),
        ("POST", "tokens", {"user_id": "anna", "allow": ["read"]}), ("POST", "events", {"any": [{}]}),
    ):  # fmt: skip
        assert (await people.api(method, path, json=body, headers=page)).status == expected
    assert await kind(people, page) == 401
    assert (await people.api("DELETE", "session", headers=page)).status == (204 if origin == LISTED else 403)
    assert await kind(people, {**page, "Origin": people.api.root}) == "operator", "nobody was signed out"
    assert len((await people(people.operator, "GET", "keys")).json["keys"]) == before


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_the_cookie_does_not_count_for_what_other_sites_embed_but_for_links_that_are_followed(
    people: People, site: str
) -> None:
    page = await signed_in(people)
    cookie = {"Cookie": page["Cookie"], "Sec-Fetch-Site": site}
    for mode, dest in (("no-cors", "image"), ("no-cors", "script"), ("cors", "empty"), ("navigate", "iframe")):
        embedded = {**cookie, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
        assert await kind(people, embedded) == 401
        assert (await people.api("POST", "jobs", json={"type": "echo"}, headers=embedded)).status == 403
    followed = {**cookie, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert (await people.api("GET", "/", headers=followed, allow_redirects=False)).status == 200
    assert (await people.api("POST", "jobs", json={"type": "echo"}, headers={**followed, **BY_HAND})).status == 403
    for site_ in ("same-origin", "none"):
        assert await kind(people, {**cookie, "Sec-Fetch-Site": site_}) == "operator"


async def test_signing_out_ends_the_session_and_takes_the_cookie_back(people: People) -> None:
    page, other = await signed_in(people), await signed_in(people)
    answer = await people.api("DELETE", "session", headers=page)
    assert (answer.status, cookie_of(answer).value, cookie_of(answer)["max-age"]) == (204, "", "0")
    assert cookie_of(answer)["path"] == "/"
    assert await kind(people, page) == 401
    assert await kind(people, other) == "operator"
    assert (await people.api("DELETE", "session", headers=page)).status == 204


async def test_sessions_are_listed_and_revoked_by_operators(people: People) -> None:
    page, other = await signed_in(people), await signed_in(people)
    listed = (await people.api("GET", "sessions", headers=page)).json["sessions"]
    listed.sort(key=lambda each: not each["current"])  # opened within a millisecond, they are in no order
    assert [each["current"] for each in listed] == [True, False]
    assert {(each["key_name"], each["address"]) for each in listed} == {("operator", "127.0.0.1")}
    secret = page["Cookie"].partition(".")[2]
    assert secret not in str(listed)
    for status in (204, 404):
        assert (await people(people.operator, "DELETE", f"sessions/{listed[1]['id']}")).status == status
    assert (await kind(people, other), await kind(people, page)) == (401, "operator")
    for who in (people.application, user("anna")):
        assert (await people(who, "DELETE", f"sessions/{listed[0]['id']}")).status == 403


async def test_a_session_ends_with_its_key_and_with_its_time(open_people: OpenPeople, clock: ManualClock) -> None:
    people = await open_people(clock=clock, **{"auth.session_ttl": "1h"})
    key = await people.key_of("admin", expires_in=1_800)
    page, short, own = await signed_in(people), await signed_in(people, key["key"]), await signed_in(people)
    clock.advance(1_799)
    assert await kind(people, short) == "operator"
    clock.advance(1)
    assert (await kind(people, short), await kind(people, own)) == (401, "operator")
    revoked = await people.key_of("admin")
    third = await signed_in(people, revoked["key"])
    assert (await people(people.operator, "DELETE", f"keys/{revoked['id']}")).status == 200
    assert await kind(people, third) == 401
    assert (await sign_in(people, revoked["key"])).status == 401
    clock.advance(1_800)
    assert await kind(people, page) == 401


async def test_a_session_goes_on_after_a_restart_and_one_that_was_closed_does_not(
    people: People, open_runner: OpenRunner, open_api: OpenApi
) -> None:
    page, closed = await signed_in(people), await signed_in(people)
    await people.api("DELETE", "session", headers=closed)
    await people.runner.stop(0)
    api: Api = await open_api(await open_runner(**{"auth.token_ttl": "1h"}))
    again = {**page, "Origin": api.root}
    assert (await api("GET", "keys", headers=again)).status == 200
    assert (await api("POST", "jobs", json={"type": "echo"}, headers=again)).status == 202
    assert (await api("GET", "keys", headers=closed)).status == 401


@pytest.mark.parametrize("text", ["", "x", "00000000." + "A" * 43, "a" * 6_000, '"quoted"', "%00"])
async def test_a_stale_cookie_is_as_none(people: People, text: str) -> None:
    cookie = {"Cookie": f"{NAME}={text}"}
    answer = await people.api("GET", "/", headers=cookie, allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (303, "/login")
    assert (await people.api("GET", "jobs", headers=cookie)).status == 401
    assert (await people.api("DELETE", "session", headers=cookie)).status == 204
    assert (await people({**cookie, **people.reading}, "GET", "jobs")).status == 200


async def test_a_credential_in_a_header_counts_and_not_the_cookie_beside_it(people: People) -> None:
    page = await signed_in(people)
    assert await kind(people, {**page, **user("anna")}) == "user"
    assert await kind(people, {**page, **bearer("wrong")}) == 401
    assert (await people.api("GET", "keys", headers={**page, **people.reading})).status == 403
