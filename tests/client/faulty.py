"""A real aiohttp server that speaks the documented wire format and breaks on command.

Only for what the real server cannot be made to do on the spot: cut a connection, fall silent, refuse for now, answer
with somebody else's page. What the server really says is tested with the real one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from aiohttp import web

from jobrunner.wire import JobData

ID = "0199f0c2-7a1e-7c3b-9a53-0d1f3b2c4e5f"
JOB = f"/api/v1/jobs/{ID}"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(slots=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass(slots=True)
class Faulty:
    """Answers by method and path, one after the other; the last one stays."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def on(self, route: str, *answers: Answer) -> None:
        self.answers[route] = list(answers)

    def to(self, route: str) -> list[Asked]:
        return [asked for asked in self.asked if f"{asked.method} {asked.path}" == route]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(Asked(request.method, request.path, dict(request.query), dict(request.headers)))
        answers = self.answers.get(f"{request.method} {request.path}") or [refuse(404, "unknown-route")]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return await answer(request)


@asynccontextmanager
async def faulty(port: int = 0) -> AsyncIterator[Faulty]:
    """Serve until the end of the block; streams that are still open are cut then."""
    server = Faulty()
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{path:.*}", server.handle)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.01)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


def job(status: str = "processing", number: int = 1, **changes: Any) -> JobData:
    """Make a job on the wire."""
    made: dict[str, Any] = {
        "job_id": ID, "type": "data_story", "title": "Sales", "user_id": None, "tags": [], "metadata": {},
        "status": status, "waiting_for": None, "queue": "default", "priority": 5, "uploads": [],
        "created_at": "2026-11-22T10:00:00.000Z", "run_at": None, "deadline": None,
        "started_at": "2026-11-22T10:00:01.000Z", "completed_at": None, "cancel_requested_at": None,
        "queue_position": None, "estimated_start": None, "estimated_completion": None, "estimated_duration": None,
        "progress_data": {"percentage": None, "current_step": None, "estimated_time_remaining": None, "stage": None},
        "stages": [], "parts": [], "parts_total": 0, "parts_completed": 0, "attempt": 1, "max_attempts": 3,
        "retry_count": 0, "can_cancel": True, "can_retry": False, "error_data": None, "artifacts": [],
        "parent_id": None, "depends_on": [], "retried_from": None, "cursor": f"9f3c-{number}",
    }  # fmt: skip
    return cast("JobData", made | changes)


def progress(percentage: float, number: int = 1) -> JobData:
    """Make a job that has got so far."""
    there = {"percentage": percentage, "current_step": None, "estimated_time_remaining": None, "stage": None}
    return job("processing", number, progress_data=there)


def event(name: str, data: object, id: str = "") -> bytes:  # noqa: A002 - the word of the standard
    """Write an event."""
    return (f"id: {id}\n" if id else "").encode() + f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def state(state: JobData) -> bytes:
    """Write a committed state."""
    return event("job", state, state["cursor"])


def reply(content: object, status: int = 200, **headers: str) -> Answer:
    """Answer with JSON."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.json_response(content, status=status, headers=headers)

    return answer


def refuse(status: int, code: str, *, errors: object = (), **headers: str) -> Answer:
    """Answer with problem+json."""
    content = {"type": f"urn:jobrunner:problem:{code}", "title": code, "status": status, "detail": f"It is {code}."}

    async def answer(request: web.Request) -> web.StreamResponse:
        await request.read()
        body = json.dumps(content | {"code": code, "errors": errors}).encode()
        return web.Response(body=body, status=status, content_type="application/problem+json", headers=headers)

    return answer


def cut(*, after: int | None = None) -> Answer:
    """Cut the connection without an answer, when so many bytes of the body have come; None: when all have."""

    async def answer(request: web.Request) -> web.StreamResponse:
        await (request.read() if after is None else request.content.readexactly(after))
        return broken(request)

    return answer


def broken(request: web.Request) -> web.StreamResponse:
    """Cut the connection of this request."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def stream(*chunks: bytes, then: str = "close") -> Answer:
    """Send events, then `close` properly, `cut` the connection or fall `silent`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
        if then == "cut":
            broken(request)
        if then == "silent":
            await asyncio.Event().wait()
        return response

    return answer
