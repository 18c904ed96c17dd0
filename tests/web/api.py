"""A client for tests that shows what really came over the wire: status, headers, bytes, events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse, ClientSession

IN_TIME_S = 30  # for all that a test reads of a stream


@dataclass(frozen=True)
class Answer:
    """What was answered."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@dataclass(frozen=True)
class Event:
    """A Server-Sent Event."""

    name: str
    data: Any
    id: str | None

    @property
    def number(self) -> int:
        assert self.id is not None
        return int(self.id.rpartition("-")[2])


class Api:
    """Talks to one server."""

    def __init__(self, url: str, session: ClientSession) -> None:
        self.root = url
        self.session = session

    async def __call__(self, method: str, path: str, **options: Any) -> Answer:
        async with asyncio.timeout(60), self.session.request(method, self.url(path), **options) as response:
            return Answer(response.status, response.headers, await response.read())

    def url(self, path: str) -> str:
        """Return an address; a path without a leading slash lies below the API."""
        return self.root + path if path.startswith("/") else f"{self.root}/api/v1/{path}"

    async def submit(self, type_: str = "echo", payload: Any = None, **members: Any) -> Any:
        """Return an accepted job."""
        answer = await self("POST", "jobs", json={"type": type_, "payload": payload, **members})
        assert answer.status == 202, answer.content
        return answer.json

    async def ended(self, job_id: str) -> Any:
        """Return a job when it has ended."""
        answer = await self("GET", f"jobs/{job_id}", headers={"Prefer": "wait=30"})
        assert answer.json["status"] not in {"queued", "processing"}, answer.content
        return answer.json

    async def run(self, type_: str = "echo", payload: Any = None, **members: Any) -> Any:
        """Return a new job when it has ended."""
        return await self.ended((await self.submit(type_, payload, **members))["job_id"])

    async def seen(self, job_id: str, status: str) -> Any:
        """Return a job when it is in a state."""
        async with self.stream(f"jobs/{job_id}/events") as events:
            async for event in events:
                for job in jobs_of(event):
                    if job["status"] == status:
                        return job
        raise AssertionError(f"never {status}")

    @asynccontextmanager
    async def stream(
        self, path: str, *, method: str = "GET", after: str | None = None, **options: Any
    ) -> AsyncIterator[Events]:
        """Open a stream."""
        given = options.pop("headers", {})
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": after} if after else {}), **given}
        async with self.session.request(method, self.url(path), headers=headers, timeout=None, **options) as response:
            yield Events(response)


class Events:
    """The events of a stream."""

    def __init__(self, response: ClientResponse) -> None:
        self.response = response
        self.deadline = asyncio.get_running_loop().time() + IN_TIME_S

    def __aiter__(self) -> Events:
        return self

    async def __anext__(self) -> Event:
        """Return the next event; the end of the stream ends the iteration."""
        fields: dict[str, str] = {}
        while True:
            async with asyncio.timeout_at(self.deadline):
                line = (await self.response.content.readline()).decode()
            if not line:
                raise StopAsyncIteration
            name, _, value = line.rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "data" in fields:
                return Event(fields["event"], json.loads(fields["data"]), fields.get("id"))

    async def next(self, name: str | None = None) -> Event:
        """Return the next event, or the next of a name."""
        async for event in self:
            if name in {None, event.name}:
                return event
        raise AssertionError(f"the stream has ended without {name}")


def jobs_of(event: Event) -> list[Any]:
    """Return the jobs that an event shows."""
    if event.name in {"snapshot", "reset"}:
        return list(event.data["jobs"])
    return [event.data] if event.name == "job" else []
