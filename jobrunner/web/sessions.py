"""Operators in a browser: signed in once with a key, then known by a cookie that no script can read."""

from __future__ import annotations

from aiohttp import web

from jobrunner.access.authority import Authority
from jobrunner.access.keys import KEY_PREFIX
from jobrunner.errors import Forbidden, Invalid
from jobrunner.model.subject import Subject
from jobrunner.storage.keys import Session
from jobrunner.web.auth import COOKIE, is_own_page
from jobrunner.web.body import read_json
from jobrunner.web.keys import VIA, authority_of, runner_of, subject_of
from jobrunner.web.moment import certain, text
from jobrunner.web.proxy import client_of, is_encrypted
from jobrunner.web.query import Query
from jobrunner.web.reply import NO_STORE, reply
from jobrunner.wire import SessionData, WhoAmI

MOST_BYTES = 4_096


async def who_am_i(request: web.Request) -> web.Response:
    """Return who asks, and what that allows."""
    Query.of(request)
    return _told(request, subject_of(request), request[VIA])


async def sign_in(request: web.Request) -> web.Response:
    """Open a session for an operator's key."""
    Query.of(request)
    sent = await read_json(request, MOST_BYTES)
    if not isinstance(sent, dict) or sent.keys() != {"key"} or not isinstance(sent["key"], str):
        raise Invalid("The request is not valid.", pointers=[("/key", f"an API key, {KEY_PREFIX}…, and nothing else")])
    authority = authority_of(request)
    subject = await authority.key(sent["key"])
    if not subject.operates:
        raise Forbidden("Only a key with the scope admin opens the operator's pages.")
    cookie, session = await authority.sessions.open(_id_of(subject), client_of(request))
    signed_in = authority.session(cookie) or subject
    response = _told(request, signed_in, "session", status=201)
    server = runner_of(request).settings.server
    response.set_cookie(
        COOKIE, cookie, path=f"{server.base_path}/", httponly=True, samesite="Lax", secure=is_encrypted(request),
        max_age=max(0, session.expires_at - runner_of(request).clock.now()) // 1000,
    )  # fmt: skip
    return response


async def sign_out(request: web.Request) -> web.Response:
    """Close the session of the cookie, if there is one, and take the cookie back."""
    Query.of(request)
    authority = authority_of(request)
    subject = authority.session(request.cookies.get(COOKIE, "")) if is_own_page(request) else None
    if subject is not None:
        await authority.close_session(_id_of(subject), by=subject.name)
    response = web.Response(status=204, headers=NO_STORE)
    response.del_cookie(COOKIE, path=f"{runner_of(request).settings.server.base_path}/")
    return response


async def list_sessions(request: web.Request) -> web.Response:
    """Return who is signed in."""
    Query.of(request)
    authority, subject = authority_of(request), subject_of(request)
    views = [_view(session, authority, subject) for session in authority.sessions.all()]
    return reply({"sessions": views})


async def close_session(request: web.Request) -> web.Response:
    """Sign somebody out."""
    Query.of(request)
    await authority_of(request).close_session(request.match_info["id"], by=subject_of(request).name)
    return web.Response(status=204, headers=NO_STORE)


def _id_of(subject: Subject) -> str:
    return (subject.credential or "").partition(":")[2]


def _told(request: web.Request, subject: Subject, via: str, status: int = 200) -> web.Response:
    told: WhoAmI = {
        "kind": subject.kind.value,  # type: ignore[typeddict-item] # nobody has been refused
        "name": subject.name,
        "user_id": subject.user_id,
        "allow": sorted(subject.allow),
        "job_ids": None if subject.job_ids is None else sorted(subject.job_ids),
        "expires_at": text(subject.expires_at),
        "via": via,  # type: ignore[typeddict-item]
        "secured": authority_of(request).secured,
        "insecure": runner_of(request).settings.server.insecure,
    }
    return reply(told, status)


def _view(session: Session, authority: Authority, subject: Subject) -> SessionData:
    key = next((key for key in authority.keys.all() if key.id == session.key_id), None)
    return {
        "id": session.id,
        "key_id": session.key_id,
        "key_name": None if key is None else key.name,
        "address": session.address,
        "created_at": certain(session.created_at),
        "expires_at": certain(session.expires_at),
        "last_used_at": certain(session.last_used_at),
        "current": subject.credential == f"session:{session.id}",
    }
