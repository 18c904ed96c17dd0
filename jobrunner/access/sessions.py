"""Operators who are signed in by a browser: the cookie names a session, which ends with the key that opened it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import structlog

from jobrunner.access.credential import (
    ID,
    ID_LENGTH,
    SECRET,
    SECRET_LENGTH,
    hash_of,
    matches,
    new_id,
    new_secret,
    use_is_due,
)
from jobrunner.access.keys import Keys
from jobrunner.engine.clock import Clock
from jobrunner.errors import Forbidden, UnknownSession
from jobrunner.model.subject import ADMIN, Kind, Subject
from jobrunner.storage.errand import keep
from jobrunner.storage.keys import Session, delete_session, insert_session, read_sessions, use_session
from jobrunner.storage.reader import Reader
from jobrunner.storage.writer import Writer

log = structlog.get_logger("jobrunner.access")

LONGEST_ADDRESS = 100
_TEXT = re.compile(rf"({ID})\.({SECRET})")
_LENGTH = ID_LENGTH + 1 + SECRET_LENGTH


class Sessions:
    """Changes: the sessions by id, those whose time is over too until the next one is opened."""

    def __init__(self, clock: Clock, writer: Writer, keys: Keys, ttl: timedelta) -> None:
        """Begin without sessions; `load` reads them. None lasts longer than `ttl`, nor than its key."""
        self._clock = clock
        self._writer = writer
        self._keys = keys
        self._ttl_ms = round(ttl.total_seconds() * 1000)
        self._sessions: dict[str, Session] = {}

    async def load(self, reader: Reader) -> None:
        """Read the sessions that are kept."""
        self._sessions = {session.id: session for session in await read_sessions(reader)}

    async def open(self, key_id: str, address: str) -> tuple[str, Session]:
        """Sign in who has a key; return the text for the cookie, and what is kept of it, which is on disk then.

        Raise UnknownKey, Forbidden for a key that does not operate or is not good any more, StorageUnavailable.
        """
        now, key = self._clock.now(), self._keys.get(key_id)
        if ADMIN not in key.scopes or not self._keys.alive(key_id):
            raise Forbidden(f"Only a valid API key with the scope {ADMIN} opens a session.")
        session_id, secret = new_id(self._sessions), new_secret()
        shown = address.encode("ascii", "replace").decode()[:LONGEST_ADDRESS]
        ends = min(now + self._ttl_ms, key.expires_at or now + self._ttl_ms)
        session = Session(session_id, key_id, hash_of(secret), shown, now, ends, now)
        await asyncio.shield(asyncio.create_task(self._insert(session)))
        return f"{session_id}.{secret}", session

    def find(self, text: str) -> Subject | None:
        """Return the operator behind a cookie; None for a session that is not known or is over. Take any text."""
        found = _TEXT.fullmatch(text) if len(text) == _LENGTH else None
        if found is None:
            return None
        session = self._sessions.get(found[1])
        if not matches(found[2], session.hash if session else None) or session is None or not self._is_alive(session):
            return None
        self._note_use(session)
        return Subject(
            Kind.OPERATOR, f"key:{session.key_id}", expires_at=session.expires_at, credential=f"session:{session.id}"
        )

    async def close(self, session_id: str, by: str) -> None:
        """End a session: at once here, and on disk when this returns.

        Raise UnknownSession for one that is over; raise StorageUnavailable when the disk does not take it, and then
        the session goes on, as it would after a restart.
        """
        if not self.alive(session_id):
            raise UnknownSession("There is no session of this id, or it is over.")
        await asyncio.shield(asyncio.create_task(self._delete(self._sessions.pop(session_id), by)))

    def alive(self, session_id: str) -> bool:
        """Tell whether a session still goes on."""
        session = self._sessions.get(session_id)
        return session is not None and self._is_alive(session)

    def all(self) -> list[Session]:
        """Return the sessions that go on, in the order in which they were opened."""
        return sorted(filter(self._is_alive, self._sessions.values()), key=lambda one: (one.created_at, one.id))

    def _is_alive(self, session: Session) -> bool:
        return self._clock.now() < session.expires_at and self._keys.alive(session.key_id)

    async def _insert(self, session: Session) -> None:
        await keep(self._writer, insert_session(session))
        for over in [one.id for one in self._sessions.values() if one.expires_at <= session.created_at]:
            del self._sessions[over]
        self._sessions[session.id] = session
        log.info("session.opened", id=session.id, key_id=session.key_id, address=session.address)

    async def _delete(self, session: Session, by: str) -> None:
        try:
            await keep(self._writer, delete_session(session.id))
        except Exception:
            self._sessions[session.id] = session
            raise
        log.info("session.closed", id=session.id, key_id=session.key_id, by=by)

    def _note_use(self, session: Session) -> None:
        now = self._clock.now()
        if use_is_due(session.last_used_at, now):
            self._sessions[session.id] = replace(session, last_used_at=now)
            noted = keep(self._writer, use_session(session.id, now))
            noted.add_done_callback(lambda done: _say_unless_noted(session.id, done))


def _say_unless_noted(session_id: str, done: asyncio.Future[None]) -> None:
    error = None if done.cancelled() else done.exception()
    if error is not None:
        log.warning("session.use_was_not_noted", id=session_id, error=str(error))
