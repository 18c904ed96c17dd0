"""The jobs that web tests submit, and the gates that hold them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from jobrunner import Backoff, Context, JobError, Registry, Stage, job

HOSTILE_NAMES = [
    "plain.txt", "a b.txt", "größe €.txt", "../../etc/passwd", "a/b.txt", 'say "hi".txt', "back\\slash", "100%.txt",
    "new\nline\r\nSet-Cookie: a=b", "semi;colon=1", "?inline=1#x", "<script>alert(1)</script>.html", "\u202egnp.exe",
]  # fmt: skip


class Order(BaseModel):
    """A payload with a schema."""

    rows: int
    note: str | None = None


class Remix(BaseModel):
    """A payload of which the address says a part."""

    conversation_id: int
    style: str = "plain"


class Gate:
    """Holds handlers until a test lets them go on."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.opened = asyncio.Event()
        self.may_stop = asyncio.Event()
        self.runs = 0

    async def pass_(self) -> None:
        self.runs += 1
        self.reached.set()
        await self.opened.wait()


def register(registry: Registry) -> Gate:  # noqa: C901 - a list of handlers
    """Register all types and return the gate of those that wait."""
    gate = Gate()

    @job("echo", registry=registry, poll_interval="7s")
    async def _echo(_context: Context, payload: Any) -> Any:
        return payload

    @job("pieces", registry=registry, parts=lambda payload: payload["parts"])
    async def _pieces(context: Context, payload: dict[str, list[str]]) -> None:
        for key in context.parts:
            async with context.part(key) as part:
                if key in payload["bad"] and context.attempt == 1:
                    raise JobError("TORN", f"{key} is torn")
                await part.artifact(f"{key}.txt", key)

    @job("family", registry=registry)
    async def _family(context: Context, payload: list[Any]) -> list[str]:
        return [await context.spawn("echo", each) for each in payload]

    @job("order", registry=registry)
    async def _order(_context: Context, payload: Order) -> Order:
        return payload

    @job("gated", stages=["waiting", Stage("leaving", "Leaving", "Going away")], registry=registry)
    async def _gated(context: Context, _payload: Any) -> str:
        async with context.stage("waiting"):
            context.progress(40, "at the gate")
            await gate.pass_()
        return "passed"

    @job("stubborn", registry=registry)
    async def _stubborn(_context: Context, _payload: Any) -> None:
        try:
            await gate.pass_()
        finally:
            await gate.may_stop.wait()

    @job("stepping", registry=registry)
    async def _stepping(context: Context, payload: int) -> int:
        for step in range(payload):
            context.progress(100 * step / payload, f"step {step}")
            await asyncio.sleep(0)
        return payload

    @job("telling", registry=registry)
    async def _telling(context: Context, _payload: Any) -> None:
        while not gate.opened.is_set():
            gate.runs += 1
            context.progress(gate.runs % 100)
            await asyncio.sleep(0.01)

    @job("fail", registry=registry, max_manual_retries=2)
    async def _fail(_context: Context, payload: Any) -> None:
        raise JobError("NO_LUCK", "It was not to be.", details={"payload": payload}, retryable=False)

    @job("flaky", registry=registry, max_attempts=2, backoff=Backoff(first_ms=1, max_ms=1))
    async def _flaky(context: Context, _payload: Any) -> dict[str, int]:
        context.log(f"attempt {context.attempt}", "warning")
        if context.attempt == 1:
            raise ValueError("not yet")
        return {"attempt": context.attempt}

    @job("digest", stages=["uploading", "reading"], uploads=["file"], registry=registry)
    async def _digest(context: Context, _payload: Any) -> dict[str, Any]:
        upload = context.upload("file")
        data = await context.in_thread(upload.path.read_bytes)
        return {"size": len(data), "head": data[:20].decode(errors="replace"), "filename": upload.filename}

    @job("talk", registry=registry)
    async def _talk(context: Context, payload: int) -> None:
        for n in range(payload):
            context.log(f"line {n + 1}")

    @job("remix", registry=registry, routes=["/api/v1/ads/conversations/{conversation_id}/remix"])
    async def _remix(_context: Context, payload: Remix) -> Remix:
        return payload

    @job("film", registry=registry, uploads=["script"], routes=["/api/v1/films/film-job"], envelope="film_request")
    async def _film(_context: Context, payload: dict[str, int]) -> dict[str, int]:
        return payload

    @job("dear", registry=registry, cache_ttl="1h")
    async def _dear(_context: Context, payload: Any) -> Any:
        gate.runs += 1
        return payload

    @job("make", registry=registry)
    async def _make(context: Context, payload: list[str]) -> None:
        for name in payload:
            await context.artifact(name, f"<b>{name}</b>".encode(errors="replace"), "text/html")
        context.part("de").progress(50, "half")
        context.part("de").complete({"ok": True})

    return gate


def files_in(data_dir: Path) -> list[Path]:
    """Return the files of jobs that lie in a data directory."""
    return [path for path in (data_dir / "files").rglob("*") if path.is_file()]
