"""API keys over HTTP: made, listed and revoked by operators. What a key is made of is shown once."""

from __future__ import annotations

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from jobrunner.storage.keys import Key
from jobrunner.web.body import checked, read_json
from jobrunner.web.keys import authority_of, runner_of, subject_of
from jobrunner.web.moment import certain, text
from jobrunner.web.query import Query
from jobrunner.web.reply import reply
from jobrunner.wire import KeyData, NewKeyData

LONGEST_S = 3_153_600_000  # a hundred years


class Wish(BaseModel):
    """What a key is asked for; its scopes are looked at where keys are made."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    scopes: Annotated[list[str], Field(min_length=1, max_length=100)]
    expires_in: Annotated[int, Field(ge=1, le=LONGEST_S)] | None = None


async def list_keys(request: web.Request) -> web.Response:
    """Return all keys, without what they are made of."""
    Query.of(request)
    views = [key_view(key) for key in authority_of(request).keys.all()]
    return reply({"keys": views})


async def create_key(request: web.Request) -> web.Response:
    """Make a key and show it, once."""
    Query.of(request)
    runner = runner_of(request)
    document = await read_json(request, runner.settings.server.max_body)
    wish = checked(Wish, document, "The request is not valid.")
    expires_at = None if wish.expires_in is None else runner.clock.now() + wish.expires_in * 1000
    keys, by = authority_of(request).keys, subject_of(request).name
    made, key = await keys.create(wish.name, wish.scopes, by, expires_at)
    answer: NewKeyData = {**key_view(key), "key": made}
    return reply(answer, 201)


async def revoke_key(request: web.Request) -> web.Response:
    """Revoke a key: its sessions, its streams, and the tokens that it has made end at once."""
    Query.of(request)
    key = await authority_of(request).revoke_key(request.match_info["id"], by=subject_of(request).name)
    return reply(key_view(key))


def key_view(key: Key) -> KeyData:
    """Return a key without what it is made of."""
    return {
        "id": key.id,
        "name": key.name,
        "scopes": list(key.scopes),
        "created_at": certain(key.created_at),
        "created_by": key.created_by,
        "expires_at": text(key.expires_at),
        "last_used_at": text(key.last_used_at),
        "revoked_at": text(key.revoked_at),
    }
