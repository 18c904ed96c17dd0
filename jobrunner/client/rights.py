"""The part of the client that is about who may do what: keys, tokens and sessions. Most of it is for operators."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import cast

from jobrunner.client.call import Call, get, path, post
from jobrunner.client.transport import Transport, was_not_done
from jobrunner.wire import KeyData, NewKeyData, SessionData, TokenData, WhoAmI


class Rights:
    """Ask one server about rights."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def create_token(
        self,
        user_id: str | None,
        allow: Sequence[str] = ("read",),
        job_ids: Sequence[str] | None = None,
        expires_in: timedelta | float = 3600,
    ) -> TokenData:
        """Make a token for a user's browser; with `job_ids` it is good for these jobs only."""
        wanted = {"user_id": user_id, "allow": list(allow), "job_ids": job_ids, "expires_in": _seconds(expires_in)}
        return cast("TokenData", await self._transport.json(post("/tokens", _said(wanted))))

    async def keys(self) -> Sequence[KeyData]:
        """Return the API keys, the revoked ones too; what they are made of nobody knows any more."""
        return cast("Sequence[KeyData]", (await self._transport.json(get("/keys")))["keys"])

    async def create_key(
        self, name: str, scopes: Sequence[str], expires_in: timedelta | float | None = None
    ) -> NewKeyData:
        """Make an API key; its text is in this answer and nowhere else.

        Repeated only when it was certainly not done: a server knows no Idempotency-Key here.
        """
        wanted = {"name": name, "scopes": list(scopes), "expires_in": _seconds(expires_in)}
        return cast("NewKeyData", await self._transport.json(post("/keys", _said(wanted)), passing=was_not_done))

    async def revoke_key(self, key_id: str) -> KeyData:
        """Revoke an API key: it is refused from now on, and what was opened with it ends."""
        return cast("KeyData", await self._transport.json(Call("DELETE", path("keys", key_id))))

    async def session(self) -> WhoAmI:
        """Return who asks, as the server sees it, and what is allowed."""
        return cast("WhoAmI", await self._transport.json(get("/session")))

    async def sessions(self) -> Sequence[SessionData]:
        """Return the operators who are signed in by a browser."""
        return cast("Sequence[SessionData]", (await self._transport.json(get("/sessions")))["sessions"])

    async def close_session(self, session_id: str) -> None:
        """Sign an operator out."""
        await self._transport.json(Call("DELETE", path("sessions", session_id)))


def _said(wanted: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in wanted.items() if value is not None}


def _seconds(given: timedelta | float | None) -> int | None:
    """Return whole seconds, rounded up."""
    return None if given is None else math.ceil(given.total_seconds() if isinstance(given, timedelta) else given)
