"""What is kept of keys and sessions, and what happens when it cannot be."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from typing import Any

import pytest

from jobrunner.errors import StorageUnavailable
from jobrunner.storage.errand import keep
from jobrunner.storage.keys import (
    Key,
    Session,
    delete_session,
    insert_key,
    insert_session,
    read_keys,
    read_sessions,
    revoke_key,
    use_key,
    use_session,
)
from tests.storage.store import Store

KEY = Key("4k2m0000", "Zoë's app", ("read", "submit:a"), bytes(range(32)), 5, "console", 9)
SESSION = Session("s0000000", KEY.id, bytes(32), "127.0.0.1", 5, 9, 5)


async def test_keys_come_back_as_they_were_in_the_order_in_which_they_were_made(store: Store) -> None:
    early = replace(KEY, id="z", created_at=4, expires_at=None, last_used_at=6, revoked_at=7)
    for key in (KEY, early):
        await keep(store.writer, insert_key(key))
    assert await read_keys(store.reader) == [early, KEY]


async def test_a_key_is_revoked_and_its_use_noted(store: Store) -> None:
    await keep(store.writer, insert_key(KEY))
    await keep(store.writer, use_key(KEY.id, 6))
    await keep(store.writer, revoke_key(KEY.id, 7))
    assert await read_keys(store.reader) == [replace(KEY, last_used_at=6, revoked_at=7)]


async def test_sessions_come_back_until_they_are_deleted(store: Store) -> None:
    await keep(store.writer, insert_session(SESSION))
    await keep(store.writer, use_session(SESSION.id, 8))
    assert await read_sessions(store.reader) == [replace(SESSION, last_used_at=8)]
    await keep(store.writer, delete_session(SESSION.id))
    assert await read_sessions(store.reader) == []


async def test_a_new_session_deletes_those_whose_time_is_over_and_no_others(store: Store) -> None:
    for session in (SESSION, replace(SESSION, id="b", expires_at=10), replace(SESSION, id="c", created_at=9)):
        await keep(
            store.writer, insert_session(replace(session, expires_at=max(session.expires_at, session.created_at + 1)))
        )
    assert [session.id for session in await read_sessions(store.reader)] == ["b", "c"]


async def test_neither_shows_its_hash_when_it_is_printed() -> None:
    assert "hash" not in repr(KEY) + repr(SESSION)


async def test_a_disk_that_refuses_is_said_and_the_writer_goes_on(store: Store) -> None:
    await _pragma(store, "on")
    with pytest.raises(StorageUnavailable, match="cannot be written"):
        await keep(store.writer, insert_key(KEY))
    await _pragma(store, "off")
    await keep(store.writer, insert_key(KEY))
    assert await read_keys(store.reader) == [KEY]


@pytest.mark.parametrize(
    ("key", "error"),
    [
        (replace(KEY, name="\ud800"), UnicodeEncodeError),
        (replace(KEY, created_at=2**63), OverflowError),
        (replace(KEY, expires_at="soon"), sqlite3.IntegrityError),  # type: ignore[arg-type]
    ],
)
async def test_what_cannot_be_kept_is_raised_and_does_not_end_the_writer(store: Store, key: Key, error: type) -> None:
    with pytest.raises(error):
        await keep(store.writer, insert_key(key))
    await keep(store.writer, insert_key(KEY))
    assert not store.died.done()


async def test_a_caller_who_went_away_does_not_end_the_writer(store: Store) -> None:
    keep(store.writer, insert_key(KEY)).cancel()
    done = keep(store.writer, insert_key(KEY))  # the same again: it is refused, for the first was kept
    done.add_done_callback(lambda done: done.exception())
    await asyncio.wait([done])
    assert isinstance(done.exception(), sqlite3.IntegrityError)


async def _pragma(store: Store, value: str) -> None:
    async def errand(connection: Any) -> None:
        await connection.execute_fetchall(f"PRAGMA query_only = {value}")

    await store.run(errand)
