"""Whose word counts at one server: its keys, sessions, tokens and links, and whether what they gave is still good."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta

import structlog

from jobrunner.access import links
from jobrunner.access.jwks import Jwks
from jobrunner.access.keys import KEY_PREFIX, Keys
from jobrunner.access.sessions import Sessions
from jobrunner.access.tokens import Tokens
from jobrunner.config import AuthSettings
from jobrunner.engine.clock import Alarm, Clock
from jobrunner.engine.runner import Runner
from jobrunner.errors import Unauthorized
from jobrunner.model.subject import Subject
from jobrunner.storage.keys import Key
from jobrunner.storage.secret import own_secret

log = structlog.get_logger("jobrunner.access")

SAY_REFUSALS_EVERY_S = 10.0
LINK_MS = 300_000


class Authority:
    """Changes: who holds what they were let in with, and how many wrong credentials came since that was last said."""

    def __init__(self, runner: Runner) -> None:
        """Judge for an engine; its data directory holds the secret that tokens and links are signed with."""
        settings = runner.settings.auth or AuthSettings()
        self.secured = runner.settings.auth is not None
        self.keys = Keys(runner.clock, runner.writer)
        self.sessions = Sessions(runner.clock, runner.writer, self.keys, settings.session_ttl)
        self.longest_token: timedelta = settings.token_ttl
        self._own = own_secret(runner.database.path)
        self._jwks = Jwks.of(settings, runner.clock)
        self.tokens = Tokens(runner.clock, self._own, runner.settings.auth, self._jwks)
        self._clock = runner.clock
        self._reader = runner.reader
        self._holders: dict[_Hold, Subject] = {}
        self._refused = 0
        self._said_at = -SAY_REFUSALS_EVERY_S

    async def load(self) -> None:
        """Read the keys and sessions that there are."""
        await self.keys.load(self._reader)
        await self.sessions.load(self._reader)

    async def close(self) -> None:
        """Let go of connections."""
        if self._jwks is not None:
            await self._jwks.close()

    async def bearer(self, text: str) -> Subject:
        """Return who is behind a key or a token; raise Unauthorized for one that is not good."""
        try:
            return await self._found(text)
        except Unauthorized:
            self._note_refusal()
            raise

    def issue(
        self,
        by: Subject,
        *,
        user_id: str | None,
        allow: Collection[str],
        job_ids: Collection[str] | None,
        expires_in_s: int,
    ) -> tuple[str, int]:
        """Return a token and when it ends: no later than the key by which somebody asks for it, with which it dies."""
        kind, _, key_id = by.name.partition(":")  # also of who is signed in: the session is the key's
        credential = by.name if kind == "key" else None
        ends = self.keys.get(key_id).expires_at if credential else None
        left_s = expires_in_s if ends is None else (ends - self._clock.now()) // 1000
        return self.tokens.issue(
            user_id=user_id,
            allow=allow,
            job_ids=job_ids,
            expires_in_s=min(expires_in_s, left_s),
            credential=credential,
        )

    async def key(self, text: str) -> Subject:
        """Return who is behind an API key; raise Unauthorized for anything else."""
        return await self.bearer(text if text.startswith(KEY_PREFIX) else f"{KEY_PREFIX}{text}")

    def session(self, text: str) -> Subject | None:
        """Return the operator behind a cookie, None for a session that is over."""
        return self.sessions.find(text)

    def sign_link(self, path: str) -> tuple[str, int]:
        """Return what opens one path for five minutes, and until when."""
        expires_at = self._clock.now() + LINK_MS
        return links.sign(self._own, path, expires_at), expires_at

    def opens(self, path: str, text: str) -> bool:
        """Tell whether a link opens a path now."""
        return links.verify(self._own, path, text, self._clock.now())

    def alive(self, subject: Subject) -> bool:
        """Tell whether what a subject was let in with is still good."""
        return not self.revoked(subject) and (subject.expires_at is None or self._clock.now() < subject.expires_at)

    def revoked(self, subject: Subject) -> bool:
        """Tell whether the key or session behind a subject is no longer good, though its time may not be over."""
        kind, _, name = (subject.credential or "").partition(":")
        if kind == "session":
            return not self.sessions.alive(name)
        return kind == "key" and not self.keys.alive(name)

    @contextmanager
    def held(self, subject: Subject, ended: Callable[[], None]) -> Iterator[None]:
        """Call `ended` when the subject's right ends, by time or because it is revoked, while the block runs."""
        hold = _Hold(self._clock, subject.expires_at, ended)
        self._holders[hold] = subject
        try:
            yield
        finally:
            hold.release()
            del self._holders[hold]

    async def revoke_key(self, key_id: str, by: str) -> Key:
        """Revoke a key, and end at once what was opened with it; raise UnknownKey."""
        key = await self.keys.revoke(key_id, by)
        self._end_dead()
        return key

    async def close_session(self, session_id: str, by: str) -> None:
        """Sign somebody out, and end at once what was opened with the session; raise UnknownSession."""
        await self.sessions.close(session_id, by)
        self._end_dead()

    async def _found(self, text: str) -> Subject:
        subject = self.keys.find(text) if text.startswith(KEY_PREFIX) else await self.tokens.read(text)
        if subject is None:
            raise Unauthorized("This API key is not known, was revoked, or has expired.")
        if not self.alive(subject):
            raise Unauthorized("The API key by which this token was made was revoked, or has expired.")
        return subject

    def _end_dead(self) -> None:
        for hold, subject in list(self._holders.items()):
            if not self.alive(subject):
                hold.ended()

    def _note_refusal(self) -> None:
        """Say at times how many wrong credentials came: a line for each would let anybody fill the disk."""
        self._refused += 1
        now = self._clock.monotonic()
        if now - self._said_at >= SAY_REFUSALS_EVERY_S:
            log.warning("credentials.refused", times=self._refused)
            self._refused, self._said_at = 0, now


class _Hold:
    """One who has to be told when a right ends."""

    def __init__(self, clock: Clock, expires_at: int | None, ended: Callable[[], None]) -> None:
        self.ended = ended
        self._alarm = Alarm(clock, ended)
        self._alarm.set(expires_at)

    def release(self) -> None:
        self._alarm.cancel()
