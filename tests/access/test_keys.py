"""API keys: shown once, found fast, worthless at once when they are revoked."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time

import pytest
from structlog.testing import capture_logs

from jobrunner.access.keys import Keys
from jobrunner.errors import Invalid, StorageUnavailable, UnknownKey
from jobrunner.model.subject import Action, Kind
from tests.access.disk import held_up, refusing, settled
from tests.clock import START, ManualClock
from tests.storage.store import Store

HOUR = 3_600_000


async def reloaded(store: Store, clock: ManualClock) -> Keys:
    """Read the keys as the next process would."""
    keys = Keys(clock, store.writer)
    await keys.load(store.reader)
    return keys


async def test_a_key_is_its_id_and_a_secret_of_which_only_a_hash_is_kept(store: Store, keys: Keys) -> None:
    text, key = await keys.create("shop", ["read", "submit:a", "read"], "console")
    found = re.fullmatch(r"jr_([0-9a-hjkmnp-tv-z]{8})_([A-Za-z0-9_-]{43})", text)
    assert found is not None
    assert (key.id, key.name, key.scopes, key.created_by) == (found[1], "shop", ("read", "submit:a"), "console")
    assert key.hash == hashlib.sha256(found[2].encode()).digest()
    assert (key.created_at, key.expires_at, key.last_used_at, key.revoked_at) == (START, None, None, None)
    assert found[2].encode() not in store.path.read_bytes() + store.path.with_name("jobs.db-wal").read_bytes()


async def test_a_key_is_on_disk_when_it_is_shown(store: Store, keys: Keys, clock: ManualClock) -> None:
    text, key = await keys.create("shop", ["read"], "console", START + HOUR)
    again = await reloaded(store, clock)
    assert again.all() == keys.all() == [key]
    assert again.find(text) == keys.find(text)


async def test_an_application_has_its_scopes_and_an_operator_all(keys: Keys) -> None:
    text, key = await keys.create("shop", ["submit:a", "read"], "console", START + HOUR)
    subject = keys.find(text)
    assert subject is not None
    assert (subject.kind, subject.name, subject.credential) == (Kind.APPLICATION, f"key:{key.id}", f"key:{key.id}")
    assert (subject.allow, subject.expires_at, subject.user_id) == (frozenset({"submit:a", "read"}), START + HOUR, None)
    assert not subject.may(Action.CANCEL)
    text, _ = await keys.create("boss", ["admin"], "console")
    subject = keys.find(text)
    assert subject is not None
    assert subject.operates


@pytest.mark.parametrize(
    ("name", "scopes", "expires_at", "pointer"),
    [
        ("", ["read"], None, "/name"),
        ("x" * 201, ["read"], None, "/name"),
        ("a\nb", ["read"], None, "/name"),
        ("\x1b[2J", ["read"], None, "/name"),
        ("\ud800", ["read"], None, "/name"),
        ("a", [], None, "/scopes"),
        ("a", ["read"] * 101, None, "/scopes"),
        ("a", ["read", "write"], None, "/scopes/1"),
        ("a", ["Admin"], None, "/scopes/0"),
        ("a", ["submit:"], None, "/scopes/0"),
        ("a", ["submit:a b"], None, "/scopes/0"),
        ("a", ["read\n"], None, "/scopes/0"),
        ("a", ["\ud800"], None, "/scopes/0"),
        ("a", ["read"], START, "/expires_in"),
        ("a", ["read"], 2**63, "/expires_in"),
    ],
)
async def test_a_key_that_cannot_be_is_refused_with_a_pointer(
    keys: Keys, name: str, scopes: list[str], expires_at: int | None, pointer: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await keys.create(name, scopes, "console", expires_at)
    assert [where for where, _ in refused.value.pointers] == [pointer]
    assert keys.all() == []


async def test_no_other_text_finds_anybody_and_none_raises(keys: Keys) -> None:
    text, key = await keys.create("shop", ["read"], "console")
    other, _ = await keys.create("other", ["read"], "console")
    secret = text[12:]
    wrong = [
        "", "jr_", "jr__", text[:-1], text + "A", text + "\n", " " + text, text.upper(), text.replace("jr_", "JR_"),
        f"jr_{key.id}_{'A' * 43}", f"jr_{key.id}_{other[12:]}", f"jr_00000000_{secret}", f"jr_{key.id}-{secret}",
        f"jr_{key.id}_{secret[:-1]}\0", f"jr_{key.id}_{secret[:-1]}é", f"jr_{key.id}_{secret[:-1]}\ud800",
        f"jr_{key.id}_{key.hash.hex()[:43]}", "\ud800" * len(text), "٣" * len(text), "x" * 10_000_000,
    ]  # fmt: skip
    assert [keys.find(each) for each in wrong] == [None] * len(wrong)
    assert keys.find(text) is not None


async def test_wrong_keys_are_cheap_and_lock_nobody_out(keys: Keys, store: Store) -> None:
    text, key = await keys.create("shop", ["read"], "console")
    began = time.perf_counter()
    for n in range(20_000):
        assert keys.find(f"jr_{key.id if n % 2 else '00000000'}_{n:043}") is None
    assert keys.all() == [key]  # nor does a wrong one count as a use
    assert time.perf_counter() - began < 2  # a million an hour are 280 a second
    assert keys.find(text) is not None
    assert len(store.writer._between) <= 1


async def test_an_expired_key_finds_nobody(keys: Keys, clock: ManualClock) -> None:
    text, key = await keys.create("shop", ["read"], "console", START + 1000)
    clock.advance(0.999)
    assert keys.find(text) is not None
    assert keys.alive(key.id)
    clock.advance(0.001)
    assert keys.find(text) is None
    assert not keys.alive(key.id)
    assert not keys.alive("nobody")


async def test_a_revoked_key_is_worthless_at_once_and_after_a_restart(
    store: Store, keys: Keys, clock: ManualClock
) -> None:
    text, key = await keys.create("shop", ["read"], "console")
    async with held_up(store):
        revoking = asyncio.create_task(keys.revoke(key.id, "console"))
        await asyncio.sleep(0)
        assert keys.find(text) is None
        assert not keys.alive(key.id)
        assert not revoking.done()
    assert (await revoking).revoked_at == START
    assert (await reloaded(store, clock)).find(text) is None


async def test_a_key_is_revoked_once_and_a_repeat_waits_for_it(store: Store, keys: Keys, clock: ManualClock) -> None:
    _, key = await keys.create("shop", ["read"], "console")
    with capture_logs() as logs:
        async with held_up(store):
            first = asyncio.create_task(keys.revoke(key.id, "anna"))
            second = asyncio.create_task(keys.revoke(key.id, "bert"))
            await asyncio.sleep(0)
            clock.advance(5)
            assert not second.done()
        assert await first == await second
        assert (await keys.revoke(key.id, "cora")).revoked_at == START
    assert [(line["event"], line["by"]) for line in logs] == [("key.revoked", "anna")]
    assert keys._revoking == {}


async def test_an_unknown_key_cannot_be_revoked(keys: Keys) -> None:
    with pytest.raises(UnknownKey):
        await keys.revoke("nobody", "console")


async def test_a_disk_that_refuses_leaves_the_keys_as_they_are(store: Store, keys: Keys, clock: ManualClock) -> None:
    _, key = await keys.create("shop", ["read"], "console")
    async with refusing(store):
        with pytest.raises(StorageUnavailable):
            await keys.create("other", ["read"], "console")
        tries = [keys.revoke(key.id, "console") for _ in range(2)]
        assert {type(e) for e in await asyncio.gather(*tries, return_exceptions=True)} == {StorageUnavailable}
        assert keys.all() == [key]
        assert keys.alive(key.id)
    assert (await keys.revoke(key.id, "console")).revoked_at == START
    assert (await reloaded(store, clock)).all() == keys.all()


async def test_a_caller_who_goes_away_stops_nothing(store: Store, keys: Keys, clock: ManualClock) -> None:
    _, key = await keys.create("shop", ["read"], "console")
    clock.advance(1)
    async with held_up(store):
        gone = [
            asyncio.create_task(keys.create("other", ["read"], "console")),
            asyncio.create_task(keys.revoke(key.id, "console")),
        ]
        await asyncio.sleep(0)
        for task in gone:
            task.cancel()
        await asyncio.wait(gone)
    assert [each.name for each in keys.all()] == ["shop", "other"]
    assert keys.all()[0].revoked_at == START + 1_000
    assert (await reloaded(store, clock)).all() == keys.all()


async def test_the_last_use_is_noted_once_a_minute_without_holding_anybody_up(
    store: Store, keys: Keys, clock: ManualClock
) -> None:
    text, _ = await keys.create("shop", ["read"], "console")
    async with held_up(store):
        for _ in range(60):
            assert keys.find(text) is not None
            clock.advance(1)
        assert len(store.writer._between) == 1
        assert keys.all()[0].last_used_at == START
    assert (await reloaded(store, clock)).all()[0].last_used_at == START
    assert keys.find(text) is not None
    await settled(store)
    assert (await reloaded(store, clock)).all()[0].last_used_at == START + 60_000


async def test_a_clock_that_was_set_back_still_has_uses_noted(keys: Keys, clock: ManualClock) -> None:
    text, _ = await keys.create("shop", ["read"], "console")
    keys.find(text)
    clock.jump(-3600)
    keys.find(text)
    assert keys.all()[0].last_used_at == START - HOUR


async def test_a_use_that_could_not_be_noted_is_said_and_the_key_still_works(store: Store, keys: Keys) -> None:
    text, key = await keys.create("shop", ["read"], "console")
    with capture_logs() as logs:
        async with refusing(store):
            assert keys.find(text) is not None
            await settled(store)
    assert [(line["event"], line["id"], line["log_level"]) for line in logs] == [
        ("key.use_was_not_noted", key.id, "warning")
    ]


async def test_a_use_does_not_bring_a_revoked_key_back(store: Store, keys: Keys, clock: ManualClock) -> None:
    text, key = await keys.create("shop", ["read"], "console")
    async with held_up(store):
        keys.find(text)
        revoking = asyncio.create_task(keys.revoke(key.id, "console"))
        await asyncio.sleep(0)
    await revoking
    assert (await reloaded(store, clock)).all() == keys.all()
    assert not keys.alive(key.id)


async def test_the_log_says_who_did_what_and_never_the_text(keys: Keys) -> None:
    with capture_logs() as logs:
        text, key = await keys.create("shop", ["read"], "console")
        keys.find(text)
        await keys.revoke(key.id, "anna")
    about = {"id": key.id, "name": "shop", "scopes": ("read",), "log_level": "info"}
    assert logs == [{"event": "key.created", "by": "console", **about}, {"event": "key.revoked", "by": "anna", **about}]
    assert text[12:] not in repr(logs) + repr(keys.all())
