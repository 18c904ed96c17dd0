"""One attempt of a job as a service sees it: what it was sent, and the way back, by callback and with files.

It has what a handler is given, so that the same function runs here that runs inside of jobrunner. Words go out in their
order; of two that say how far it is, one after the other, the later one is enough. While jobrunner cannot be reached
they wait; once it says that the attempt is over, they are dropped, and the work is to stop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote

from aiohttp import ClientError, ClientSession
from pydantic import BaseModel

from jobrunner import Upload

P = ParamSpec("P")
T = TypeVar("T")

_PAUSE_S = 0.1  # between two words on how far it is: people read no faster
_PATIENCE_S = (0.5, 1, 2, 5)
_TOO_MANY, _SERVER_ERROR = 429, 500


class UploadSent(BaseModel):
    """A file of the submission, to be fetched."""

    name: str
    filename: str | None = None
    size: int | None = None
    url: str


class Order(BaseModel):
    """What jobrunner sends: a job's attempt, and where to report. The token is good for nothing else."""

    job_id: str
    type: str
    attempt: int
    payload: Any = None
    uploads: list[UploadSent] = []
    callback_url: str
    artifact_url: str
    token: str


class Over(Exception):
    """The attempt is over for jobrunner: it was cancelled, or took too long."""


class Attempt:
    """Changes: the words that are still to be sent."""

    def __init__(self, order: Order, session: ClientSession, workdir: Path) -> None:
        """Work on an order; files go to a directory that is there."""
        self.order = order
        self.cancelled = False
        self._session = session
        self._workdir = workdir
        self._loop = asyncio.get_running_loop()
        self._headers = {"Authorization": f"Bearer {order.token}"}
        self._waiting: deque[dict[str, Any]] = deque()
        self._said = asyncio.Event()

    async def fetch(self) -> None:
        """Fetch all files of the submission."""
        for number, upload in enumerate(self.order.uploads):
            async with self._session.get(upload.url, headers=self._headers) as answer:
                answer.raise_for_status()
                with (self._workdir / str(number)).open("wb") as file:
                    async for piece in answer.content.iter_chunked(1 << 18):
                        file.write(piece)

    def upload(self, name: str) -> Upload:
        """Return a file that was fetched."""
        number, sent = next((at, one) for at, one in enumerate(self.order.uploads) if one.name == name)
        path = self._workdir / str(number)
        return Upload(name, sent.filename, None, path.stat().st_size, path)

    def progress(self, percentage: float | None = None, step: str | None = None) -> None:
        """Say how far the job is. May be called from any thread."""
        told = {"percentage": percentage, "current_step": step}
        self._say({"progress": {name: value for name, value in told.items() if value is not None}})

    @asynccontextmanager
    async def stage(self, name: str) -> AsyncIterator[None]:
        """Say that a stage begins, and that it has ended."""
        self._say({"stage": {"name": name, "status": "processing"}})
        yield
        self._say({"stage": {"name": name, "status": "completed"}})

    def log(self, text: str, level: str = "info") -> None:
        """Say a line of the log."""
        self._say({"log": {"text": text, "level": level}})

    async def artifact(self, name: str, data: str | bytes, content_type: str | None = None) -> None:
        """Send a file."""
        headers = self._headers | {"Content-Type": content_type or "application/octet-stream"}
        url = self.order.artifact_url.replace("{name}", quote(name))
        await self._insist("PUT", url, data=data, headers=headers)

    async def in_thread(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run what blocks in a thread."""
        return await asyncio.to_thread(function, *args, **kwargs)

    async def send(self) -> None:
        """Send what is said, until an end has been sent; raise Over when it is of no use any more."""
        while True:
            await self._said.wait()
            self._said.clear()
            while self._waiting:
                words = self._waiting.popleft()
                await self._insist("POST", self.order.callback_url, json=words, headers=self._headers)
                if "result" in words or "error" in words:
                    return
                await asyncio.sleep(_PAUSE_S if "progress" in words else 0)

    def end(self, words: dict[str, Any]) -> None:
        """Say the result or the error, which is the last word."""
        self._say(words)

    def _say(self, words: dict[str, Any]) -> None:
        self._loop.call_soon_threadsafe(self._keep, words)

    def _keep(self, words: dict[str, Any]) -> None:
        if self._waiting and self._waiting[-1].keys() == words.keys() == {"progress"}:
            self._waiting.pop()
        self._waiting.append(words)
        self._said.set()

    async def _insist(self, method: str, url: str, **what: Any) -> None:
        """Send, and again for as long as nobody is there to answer; raise Over when the answer is no."""
        for tries in count():
            try:
                async with self._session.request(method, url, **what) as answer:
                    if answer.ok:
                        return
                    if answer.status < _SERVER_ERROR and answer.status != _TOO_MANY:
                        raise Over(f"{answer.status} {await answer.text()}")
            except (ClientError, OSError, TimeoutError):
                pass  # it is being restarted, perhaps: it finds the job again
            await asyncio.sleep(_PATIENCE_S[min(tries, len(_PATIENCE_S) - 1)])
