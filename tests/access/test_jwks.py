"""The keys of an identity provider: fetched seldom, kept when it is down, never from anywhere else."""

from __future__ import annotations

import asyncio
import gzip
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from jobrunner.access import jwks as module
from jobrunner.access.jwks import FRESH_S, LARGEST, PAUSE_S, Jwks
from jobrunner.access.tokens import Tokens
from jobrunner.errors import ConfigError, Unauthorized
from tests.access.provider import Provider
from tests.access.signing import EC, OTHER_RSA, OWN, RSA, auth, key_set, public, signed
from tests.clock import ManualClock

PATIENCE_S = 10
A, B = public(RSA, kid="a"), public(OTHER_RSA, kid="b")


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    one = Provider()
    one.answer = key_set(A)
    await one.start()
    yield one
    await one.stop()


@pytest.fixture
async def jwks(provider: Provider, clock: ManualClock) -> AsyncIterator[Jwks]:
    found = Jwks.of(auth(jwks_url=provider.url), clock)
    assert found is not None
    yield found
    await found.close()


def is_key(found: Any, private: Any) -> bool:
    return found is not None and bool(found.public_numbers() == private.public_key().public_numbers())


def test_without_keys_in_the_settings_there_are_none(clock: ManualClock) -> None:
    assert Jwks.of(auth(), clock) is None


async def test_keys_are_fetched_when_they_are_first_asked_for_and_kept_for_ten_minutes(
    provider: Provider, jwks: Jwks, clock: ManualClock
) -> None:
    assert provider.asked == []
    for _ in range(3):
        assert is_key(await jwks.key("a", "RS256"), RSA)
        clock.advance((FRESH_S - 1) / 3)
    assert provider.asked == ["/keys"]
    clock.advance(1)
    await jwks.key("a", "RS256")
    assert len(provider.asked) == 2


async def test_a_key_that_was_withdrawn_is_gone_with_the_next_fetch(
    provider: Provider, jwks: Jwks, clock: ManualClock
) -> None:
    await jwks.key("a", "RS256")
    provider.answer = key_set(B)
    clock.advance(FRESH_S)
    assert await jwks.key("a", "RS256") is None
    assert is_key(await jwks.key("b", "RS256"), OTHER_RSA)


async def test_the_last_key_may_be_withdrawn_too(provider: Provider, jwks: Jwks, clock: ManualClock) -> None:
    await jwks.key("a", "RS256")
    provider.answer = key_set()
    clock.advance(FRESH_S)
    assert await jwks.key("a", "RS256") is None


async def test_an_unknown_kid_is_looked_for_at_once_but_only_every_30_seconds(
    provider: Provider, jwks: Jwks, clock: ManualClock
) -> None:
    await jwks.key("a", "RS256")
    clock.advance(PAUSE_S)
    provider.answer = key_set(A, B)
    assert is_key(await jwks.key("b", "RS256"), OTHER_RSA)
    assert len(provider.asked) == 2
    for n in range(1_000):
        assert await jwks.key(f"x{n}", "RS256") is None
    clock.advance(PAUSE_S - 0.001)
    assert await jwks.key("x", "RS256") is None
    assert len(provider.asked) == 2
    clock.advance(0.001)
    assert await jwks.key("x", "RS256") is None
    assert len(provider.asked) == 3


async def test_many_who_ask_at_once_cause_one_fetch(provider: Provider, jwks: Jwks) -> None:
    provider.gate.clear()
    asking = [asyncio.create_task(jwks.key("a" if n % 2 else "x", "RS256")) for n in range(100)]
    await _in_time(provider.came.wait())
    provider.gate.set()
    found = await _in_time(asyncio.gather(*asking))
    assert [is_key(each, RSA) for each in found] == [False, True] * 50
    assert len(provider.asked) == 1


async def test_a_search_for_an_unknown_kid_holds_up_nobody_whose_key_is_known(
    provider: Provider, jwks: Jwks, clock: ManualClock
) -> None:
    await jwks.key("a", "RS256")
    clock.advance(PAUSE_S)
    provider.gate.clear()
    provider.came.clear()
    asking = asyncio.create_task(jwks.key("x", "RS256"))
    await _in_time(provider.came.wait())
    assert is_key(await _in_time(jwks.key("a", "RS256")), RSA)
    assert not asking.done()
    provider.gate.set()
    assert await _in_time(asking) is None


async def test_a_caller_who_goes_away_does_not_stop_the_fetch_of_the_others(provider: Provider, jwks: Jwks) -> None:
    provider.gate.clear()
    gone, stays = (asyncio.create_task(jwks.key("a", "RS256")) for _ in range(2))
    await _in_time(provider.came.wait())
    gone.cancel()
    await asyncio.wait([gone])
    provider.gate.set()
    assert is_key(await _in_time(stays), RSA)
    assert len(provider.asked) == 1


FAILURES: dict[str, dict[str, Any]] = {
    "status": {"status": 503}, "not found": {"status": 404}, "empty": {"answer": b""}, "no json": {"answer": b"<html>"},
    "no set": {"answer": b"[]"}, "no list": {"answer": b'{"keys": {}}'}, "no utf-8": {"answer": b"\xff\xff"},
    "nested": {"answer": b'{"keys": ' + b"[" * 100_000}, "too large": {"answer": key_set(A) + b" " * LARGEST},
    "compressed": {"answer": gzip.compress(key_set(B)), "headers": {"Content-Encoding": "gzip"}},
    "a bomb": {"answer": gzip.compress(b" " * 50_000_000), "headers": {"Content-Encoding": "gzip"}},
    "partial": {"status": 206, "answer": key_set(B)},
}  # fmt: skip


@pytest.mark.parametrize("name", FAILURES)
async def test_when_the_keys_cannot_be_had_the_old_ones_stay_and_it_is_said(
    provider: Provider, jwks: Jwks, clock: ManualClock, name: str
) -> None:
    await jwks.key("a", "RS256")
    vars(provider).update(FAILURES[name])
    clock.advance(FRESH_S)
    with capture_logs() as logs:
        assert is_key(await jwks.key("a", "RS256"), RSA)
        assert await jwks.key("b", "RS256") is None
    assert [(line["event"], line["log_level"], line["source"]) for line in logs] == [
        ("jwks.load_failed", "warning", provider.url)
    ]
    vars(provider).update({"status": 200, "answer": key_set(B), "headers": {}})
    clock.advance(PAUSE_S)
    assert is_key(await jwks.key("b", "RS256"), OTHER_RSA)
    assert await jwks.key("a", "RS256") is None


async def test_a_set_as_large_as_it_may_be_is_read(provider: Provider, jwks: Jwks) -> None:
    provider.answer = key_set(A).ljust(LARGEST)
    assert is_key(await jwks.key("a", "RS256"), RSA)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(provider: Provider, jwks: Jwks, status: int) -> None:
    provider.status, provider.headers = status, {"Location": "/elsewhere"}
    with capture_logs() as logs:
        assert await jwks.key("a", "RS256") is None
    assert provider.asked == ["/keys"]
    assert str(status) in logs[0]["error"]


async def test_a_provider_that_does_not_answer_is_given_up(
    provider: Provider, jwks: Jwks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.05)
    provider.gate.clear()
    with capture_logs() as logs:
        assert await _in_time(jwks.key("a", "RS256")) is None
    assert logs[0]["event"] == "jwks.load_failed"
    assert logs[0]["error"]


async def test_a_provider_that_is_not_there_is_asked_again_later(provider: Provider, clock: ManualClock) -> None:
    await provider.stop()
    jwks = Jwks.of(auth(jwks_url=provider.url), clock)
    assert jwks is not None
    with capture_logs() as logs:
        for _ in range(10):
            assert await jwks.key("a", "RS256") is None
    assert [line["event"] for line in logs] == ["jwks.load_failed"]


@pytest.mark.parametrize("said", [b"", b"\0\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"])
async def test_a_provider_that_breaks_off_is_said_and_raises_nothing(clock: ManualClock, said: bytes) -> None:
    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    jwks = Jwks.of(auth(jwks_url=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"), clock)
    assert jwks is not None
    with capture_logs() as logs:
        assert await _in_time(jwks.key("a", "RS256")) is None
    assert [line["event"] for line in logs] == ["jwks.load_failed"]
    server.close()
    await server.wait_closed()


async def test_close_stops_a_fetch_that_is_under_way(provider: Provider, jwks: Jwks) -> None:
    provider.gate.clear()
    asking = asyncio.create_task(jwks.key("a", "RS256"))
    await _in_time(provider.came.wait())
    await _in_time(jwks.close())
    assert await _in_time(asking) is None


async def test_a_token_by_a_new_key_is_believed_as_soon_as_the_key_is_published(
    provider: Provider, jwks: Jwks, clock: ManualClock
) -> None:
    tokens = Tokens(clock, OWN, auth(jwks_url=provider.url), jwks)
    text = signed(OTHER_RSA, "RS256", {"kid": "b"})
    with pytest.raises(Unauthorized):
        await tokens.read(text)
    provider.answer = key_set(A, B)
    clock.advance(PAUSE_S)
    assert (await tokens.read(text)).user_id == "anna"


async def test_a_file_is_read_again_when_it_has_changed(tmp_path: Path, clock: ManualClock) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(key_set(A))
    jwks = Jwks.of(auth(jwks_file=path), clock)
    assert jwks is not None
    assert is_key(await jwks.key("a", "RS256"), RSA)
    other = tmp_path / "new"  # as a mounted secret is replaced: another file under the name
    other.write_bytes(key_set(B))
    other.replace(path)
    assert is_key(await jwks.key("b", "RS256"), OTHER_RSA)
    assert await jwks.key("a", "RS256") is None
    path.write_bytes(key_set(public(EC, kid="b")))
    os.utime(path, ns=(1, 1))
    assert await jwks.key("b", "RS256") is None
    assert await jwks.key("b", "ES256") is not None


async def test_a_file_that_becomes_unreadable_is_said_once_and_changes_nothing(
    tmp_path: Path, clock: ManualClock
) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(key_set(A))
    jwks = Jwks.of(auth(jwks_file=path), clock)
    assert jwks is not None
    with capture_logs() as logs:
        for spoil in (lambda: path.write_bytes(b"{"), lambda: path.write_bytes(b" " * (LARGEST + 1)), path.unlink):
            spoil()
            for _ in range(3):
                assert is_key(await jwks.key("a", "RS256"), RSA)
                assert await jwks.key("b", "RS256") is None
    assert [line["event"] for line in logs] == ["jwks.load_failed"] * 3
    path.write_bytes(key_set(B))
    assert is_key(await jwks.key("b", "RS256"), OTHER_RSA)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b" " * (LARGEST + 1)])
def test_a_file_of_no_keys_is_refused_at_the_start(tmp_path: Path, clock: ManualClock, text: bytes) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(text)
    with pytest.raises(ConfigError, match="jwks_file"):
        Jwks.of(auth(jwks_file=path), clock)


async def _in_time(awaited: Any) -> Any:
    async with asyncio.timeout(PATIENCE_S):
        return await awaited
