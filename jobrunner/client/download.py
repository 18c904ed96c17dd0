"""One artifact, written to a file; after a cut connection the rest follows by Range.

The file appears under its name only when it is whole. `If-Range` sees to it that two versions are never mixed.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import aiohttp

from jobrunner.client.call import get, job_path
from jobrunner.client.patience import Patience
from jobrunner.client.transport import Transport

_PARTIAL = 206


class Download:
    """Fetch one file of a job."""

    def __init__(self, transport: Transport, job_id: str, name: str, to: Path) -> None:
        self._transport, self._path = transport, job_path(job_id, "artifacts", name)
        self._to = to / own_name(name) if to.is_dir() else to
        self._part = self._to.with_name(self._to.name + ".part")
        self._patience = Patience()
        self._etag: str | None = None  # mutable: of the version that has begun to arrive
        self._furthest = 0  # mutable: how many bytes there ever were

    async def fetch(self) -> Path:
        """Return where it has been put. As long as bytes arrive, a broken connection counts as no failure."""
        try:
            await self._transport.patiently(self._once, self._patience)
            return self._part.replace(self._to)
        finally:
            self._part.unlink(missing_ok=True)

    async def _once(self) -> None:
        have = self._part.stat().st_size if self._etag and self._part.exists() else 0
        asked = {"Range": f"bytes={have}-", "If-Range": self._etag} if have and self._etag else {}
        async with self._transport.open(get(self._path, (), **asked)) as response:
            before, self._etag = self._etag, response.headers.get("ETag")
            if response.status != _PARTIAL:
                return await self._write(response, "wb")
            if before == self._etag:
                return await self._write(response, "ab")
        return await self._anew()

    async def _anew(self) -> None:
        """Forget the beginning: a server that knows no If-Range has sent the end of another version."""
        self._etag = None
        await self._once()

    async def _write(self, response: aiohttp.ClientResponse, mode: str) -> None:
        with self._part.open(mode) as stream:
            async for chunk in response.content.iter_any():
                stream.write(chunk)
                if stream.tell() > self._furthest:
                    self._furthest = stream.tell()
                    self._patience.success()


def own_name(name: str) -> str:
    """Return the last segment of a name that somebody else has chosen: it may not lead out of a directory."""
    return PurePosixPath(name.replace("\\", "/")).name.lstrip(".") or "artifact"
