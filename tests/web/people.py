"""Everybody who may come to a server with `[auth]`: each as the headers that they send."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jwt

from jobrunner import Jobrunner
from jobrunner.access.tokens import Tokens
from jobrunner.storage.secret import own_secret
from tests.web.api import Answer, Api

SECRET = "a secret of the application, 32 bytes or more"
ALL = ["read", "submit", "cancel", "retry", "upload"]
KEY_SCOPES = {"operator": ["admin"], "application": ["submit", "read", "cancel", "retry"], "reading": ["read"]}

Headers = Mapping[str, str]


@dataclass
class People:
    """A server with rights, and the headers of those who know it."""

    api: Api
    operator: Headers
    application: Headers
    reading: Headers
    key: str  # the operator's, as a text
    runner: Jobrunner

    async def __call__(self, who: Headers, method: str, path: str, **options: Any) -> Answer:
        """Ask as somebody."""
        return await self.api(method, path, headers={**who, **options.pop("headers", {})}, **options)

    async def key_of(self, *scopes: str, **members: Any) -> Any:
        """Return a new key with its text."""
        sent = {"name": "new", "scopes": scopes, **members}
        answer = await self(self.operator, "POST", "keys", json=sent)
        assert answer.status == 201, answer.content
        return answer.json

    async def token(self, who: Headers, **wish: Any) -> Headers:
        """Return the header of a token that somebody has asked for."""
        answer = await self(who, "POST", "tokens", json=wish)
        assert answer.status == 201, answer.content
        return bearer(answer.json["token"])

    async def submit(self, who: Headers, type_: str = "echo", payload: Any = None, **members: Any) -> Any:
        """Return a job that somebody has submitted."""
        answer = await self(who, "POST", "jobs", json={"type": type_, "payload": payload, **members})
        assert answer.status == 202, answer.content
        return answer.json

    async def run(self, who: Headers, type_: str = "echo", payload: Any = None, **members: Any) -> Any:
        """Return a new job of somebody when it has ended."""
        job = await self.submit(who, type_, payload, **members)
        return (await self(who, "GET", f"jobs/{job['job_id']}", headers={"Prefer": "wait=30"})).json


def bearer(text: str) -> Headers:
    """Return the header of a credential."""
    return {"Authorization": f"Bearer {text}"}


def signed(sub: str | None = "anna", *, secret: str = SECRET, lives_s: float = 600, **claims: Any) -> str:
    """Return a token as an application signs it by itself."""
    made: dict[str, Any] = {"aud": "jobrunner", "exp": time.time() + lives_s, "allow": ALL, **claims}
    return jwt.encode(made if sub is None else {"sub": sub, **made}, secret, "HS256")


def user(sub: str = "anna", **claims: Any) -> Headers:
    """Return the header of a user, with all rights unless `allow` says which."""
    return bearer(signed(sub, **claims))


def rights(directory: Path) -> dict[str, object]:
    """Return the settings of a server with rights; the application's secret lies in a file of the directory."""
    file = directory / "jwt.secret"
    file.write_text(SECRET)
    return {"auth.jwt_secrets": [f"file:{file}"]}


def console(runner: Jobrunner) -> Headers:
    """Return the header of who sits at the machine and can read the data directory."""
    own = own_secret(runner.database.path)
    return bearer(Tokens(runner.clock, own, runner.settings.auth, None).operator(600))


async def acquaint(api: Api, runner: Jobrunner) -> People:
    """Make the keys that there are at first."""
    keys = {}
    for name, scopes in KEY_SCOPES.items():
        answer = await api("POST", "keys", json={"name": name, "scopes": scopes}, headers=console(runner))
        assert answer.status == 201, answer.content
        keys[name] = answer.json["key"]
    return People(api, key=keys["operator"], runner=runner, **{name: bearer(text) for name, text in keys.items()})
