"""An operator beside the browser: hands out keys and tokens, ends rights, and sees what the server holds."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientSession

from jobrunner.access.tokens import Tokens
from jobrunner.engine.clock import SystemClock
from jobrunner.storage.secret import own_secret
from tests.process import ServerProcess


class Office:
    """Calls a server as somebody who can read its data directory, which makes an operator."""

    def __init__(self, server: ServerProcess, session: ClientSession) -> None:
        self._api = f"{server.url}/api/v1"
        self._session = session
        self._tokens = Tokens(SystemClock(), own_secret(server.data_dir), None, None)

    async def key(self, *scopes: str, name: str = "laptop") -> str:
        made = await self.call("POST", "keys", {"name": name, "scopes": list(scopes or ("admin",))})
        return str(made["key"])

    async def token(self, user_id: str, *allow: str, expires_in: int = 3_600) -> str:
        wish = {"user_id": user_id, "allow": list(allow), "expires_in": expires_in}
        return str((await self.call("POST", "tokens", wish))["token"])

    async def submit(self, type_: str, **members: object) -> str:
        job = await self.call("POST", "jobs", {"type": type_, "payload": {}, **members})
        return str(job["job_id"])

    async def ended(self, job_id: str) -> dict[str, Any]:
        """Wait for the end of a job."""
        return await self.call("GET", f"jobs/{job_id}", headers={"Prefer": "wait=30"})

    async def job(self, job_id: str) -> dict[str, Any]:
        return await self.call("GET", f"jobs/{job_id}")

    async def titles(self) -> list[str]:
        """Return the titles of all jobs there are."""
        return sorted(job["title"] for job in (await self.call("GET", "jobs"))["jobs"])

    async def sessions(self) -> list[dict[str, Any]]:
        return list((await self.call("GET", "sessions"))["sessions"])

    async def revoke_sessions(self) -> None:
        for session in await self.sessions():
            await self.call("DELETE", f"sessions/{session['id']}")

    async def call(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        signed = {"Authorization": f"Bearer {self._tokens.operator()}", **(headers or {})}
        async with self._session.request(method, f"{self._api}/{path}", json=body, headers=signed) as answer:
            assert answer.ok, await answer.text()
            return {} if answer.status == 204 else dict(await answer.json())
