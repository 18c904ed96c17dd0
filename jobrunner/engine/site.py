"""Where this server is reached by those whom it sends somewhere: callbacks need whole addresses."""

from __future__ import annotations

import asyncio

API = "/api/v1"


class Site:
    """Changes: where the server is, from the moment that it listens, and whether it is about to."""

    def __init__(self, public_url: str | None) -> None:
        """Begin with the address that the settings name; without one, with none."""
        self._base: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._expected = False
        if public_url is not None:
            self._base.set_result(public_url)

    def expect(self) -> None:
        """Take note that the server is about to listen: an engine alone never does."""
        self._expected = True

    def found(self, address: str) -> None:
        """Take note of where the server listens; what the settings say counts before it."""
        if not self._base.done():
            self._base.set_result(address)

    async def job_url(self, job_id: str) -> str:
        """Return the address of a job, as soon as there is one."""
        return f"{await asyncio.shield(self._base)}{API}/jobs/{job_id}"

    async def job_url_if_any(self, job_id: str) -> str | None:
        """Return the address of a job; None when nobody listens, nor is about to."""
        return await self.job_url(job_id) if self._expected or self._base.done() else None
