"""Sessions of an operator's browser: they end by themselves, by hand, and with the key that opened them."""

from __future__ import annotations

import asyncio
import re

import pytest
from structlog.testing import capture_logs

from jobrunner.access.keys import Keys
from jobrunner.access.sessions import Sessions
from jobrunner.errors import Forbidden, StorageUnavailable, UnknownKey, UnknownSession
from tests.access.conftest import TTL
from tests.access.disk import held_up, refusing, settled
from tests.clock import START, ManualClock
from tests.storage.store import Store

TTL_S = int(TTL.total_seconds())


@pytest.fixture
async def admin(keys: Keys) -> str:
    """Make the key of an operator and return its id."""
    return (await keys.create("boss", ["admin"], "console"))[1].id


async def reloaded(store: Store, clock: ManualClock) -> Sessions:
    """Read the sessions as the next process would."""
    keys = Keys(clock, store.writer)
    await keys.load(store.reader)
    sessions = Sessions(clock, store.writer, keys, TTL)
    await sessions.load(store.reader)
    return sessions


async def test_a_session_is_found_by_its_cookie_also_after_a_restart(
    store: Store, sessions: Sessions, clock: ManualClock, admin: str
) -> None:
    text, session = await sessions.open(admin, "192.0.2.7")
    assert re.fullmatch(r"[0-9a-z]{8}\.[A-Za-z0-9_-]{43}", text)
    subject = sessions.find(text)
    assert subject is not None
    assert subject.operates
    assert (subject.name, subject.credential) == (f"key:{admin}", f"session:{session.id}")
    assert subject.expires_at == session.expires_at == START + TTL_S * 1000
    again = await reloaded(store, clock)
    assert again.all() == sessions.all() == [session]
    assert again.find(text) == subject


async def test_a_session_ends_by_itself(sessions: Sessions, clock: ManualClock, admin: str) -> None:
    text, session = await sessions.open(admin, "")
    clock.advance(TTL_S - 0.001)
    assert sessions.find(text) is not None
    clock.advance(0.001)
    assert sessions.find(text) is None
    assert not sessions.alive(session.id)
    assert sessions.all() == []


async def test_a_session_lasts_no_longer_than_its_key(sessions: Sessions, keys: Keys, clock: ManualClock) -> None:
    _, key = await keys.create("boss", ["admin"], "console", START + 5_000)
    text, session = await sessions.open(key.id, "")
    assert session.expires_at == START + 5_000
    clock.advance(5)
    assert sessions.find(text) is None


async def test_a_session_ends_with_its_key(sessions: Sessions, keys: Keys, admin: str) -> None:
    text, session = await sessions.open(admin, "")
    await keys.revoke(admin, "console")
    assert sessions.find(text) is None
    assert not sessions.alive(session.id)
    assert sessions.all() == []
    with pytest.raises(UnknownSession):
        await sessions.close(session.id, "console")


async def test_only_a_good_key_of_an_operator_opens_one(sessions: Sessions, keys: Keys, admin: str) -> None:
    _, application = await keys.create("shop", ["read", "submit"], "console")
    with pytest.raises(Forbidden):
        await sessions.open(application.id, "")
    await keys.revoke(admin, "console")
    with pytest.raises(Forbidden):
        await sessions.open(admin, "")
    with pytest.raises(UnknownKey):
        await sessions.open("nobody", "")


async def test_no_other_text_finds_anybody_and_none_raises(sessions: Sessions, admin: str) -> None:
    text, session = await sessions.open(admin, "")
    other, _ = await sessions.open(admin, "")
    secret = text.partition(".")[2]
    wrong = [
        "", ".", text[:-1], text + "A", text.upper(), session.id, f"{session.id}.{'A' * 43}", f"00000000.{secret}",
        f"{session.id}.{other.partition('.')[2]}", f"{session.id}_{secret}", f"{session.id}.{secret[:-1]}\0",
        f"{session.id}.{secret[:-1]}\ud800", "é" * len(text), "x" * 10_000_000,
    ]  # fmt: skip
    assert [sessions.find(each) for each in wrong] == [None] * len(wrong)


async def test_who_signs_out_is_out_at_once_and_after_a_restart(
    store: Store, sessions: Sessions, clock: ManualClock, admin: str
) -> None:
    text, session = await sessions.open(admin, "")
    async with held_up(store):
        closing = asyncio.create_task(sessions.close(session.id, "console"))
        await asyncio.sleep(0)
        assert sessions.find(text) is None
        assert not sessions.alive(session.id)
    await closing
    assert (await reloaded(store, clock)).all() == []
    with pytest.raises(UnknownSession):
        await sessions.close(session.id, "console")


async def test_a_disk_that_refuses_leaves_the_sessions_as_they_are(
    store: Store, sessions: Sessions, admin: str
) -> None:
    text, session = await sessions.open(admin, "")
    async with refusing(store):
        with pytest.raises(StorageUnavailable):
            await sessions.open(admin, "")
        with pytest.raises(StorageUnavailable):
            await sessions.close(session.id, "console")
        assert sessions.all() == [session]
        assert sessions.find(text) is not None


async def test_a_caller_who_goes_away_stops_nothing(
    store: Store, sessions: Sessions, clock: ManualClock, admin: str
) -> None:
    _, session = await sessions.open(admin, "192.0.2.1")
    async with held_up(store):
        gone = [
            asyncio.create_task(sessions.open(admin, "192.0.2.2")),
            asyncio.create_task(sessions.close(session.id, "console")),
        ]
        await asyncio.sleep(0)
        for task in gone:
            task.cancel()
        await asyncio.wait(gone)
    assert [each.address for each in sessions.all()] == ["192.0.2.2"]
    assert (await reloaded(store, clock)).all() == sessions.all()


async def test_sessions_whose_time_is_over_are_deleted_when_the_next_one_is_opened(
    store: Store, sessions: Sessions, clock: ManualClock, admin: str
) -> None:
    await sessions.open(admin, "")
    clock.advance(TTL_S / 2)
    _, second = await sessions.open(admin, "")
    clock.advance(TTL_S / 2)
    _, third = await sessions.open(admin, "")
    assert sessions._sessions.keys() == {second.id, third.id}
    assert store.rows("SELECT id FROM sessions ORDER BY created_at") == [(second.id,), (third.id,)]


async def test_the_last_use_is_noted_once_a_minute(
    store: Store, sessions: Sessions, clock: ManualClock, admin: str
) -> None:
    text, _ = await sessions.open(admin, "")
    async with held_up(store):
        for _ in range(61):
            assert sessions.find(text) is not None
            clock.advance(1)
        assert len(store.writer._between) == 1
    assert (await reloaded(store, clock)).all()[0].last_used_at == START + 60_000


async def test_a_use_that_could_not_be_noted_is_said(
    store: Store, sessions: Sessions, clock: ManualClock, admin: str
) -> None:
    text, session = await sessions.open(admin, "")
    clock.advance(60)
    with capture_logs() as logs:
        async with refusing(store):
            assert sessions.find(text) is not None
            await settled(store)
    assert [(line["event"], line["id"]) for line in logs] == [("session.use_was_not_noted", session.id)]


@pytest.mark.parametrize("address", ["\ud800\0é" * 1000, "::1%eth0", ""])
async def test_any_address_can_be_kept(sessions: Sessions, admin: str, address: str) -> None:
    _, session = await sessions.open(admin, address)
    assert len(session.address) <= 100
    assert session.address.isascii()


async def test_the_log_says_who_did_what_and_never_the_text(sessions: Sessions, admin: str) -> None:
    with capture_logs() as logs:
        text, session = await sessions.open(admin, "::1")
        await sessions.close(session.id, "anna")
    assert [(line["event"], line["key_id"]) for line in logs] == [("session.opened", admin), ("session.closed", admin)]
    assert logs[1]["by"] == "anna"
    assert text.partition(".")[2] not in repr(logs)
