"""A request that is repeated with its Idempotency-Key is done once: a repeat gets the first answer, or waits for it.

The answer is committed with the jobs that it speaks of (IETF draft-ietf-httpapi-idempotency-key-header).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from jobrunner.engine.answer import answered, refused
from jobrunner.engine.clock import Clock
from jobrunner.errors import KeyReused
from jobrunner.storage.reader import Reader
from jobrunner.storage.unit import Answer, Unit
from jobrunner.storage.writer import Writer

KEPT_MS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Key:
    """A key with whose it is and what it was used for; `fingerprint` is of the parsed request, not of its bytes."""

    scope: str
    key: str
    fingerprint: str


Do = Callable[[Callable[[str], Answer]], Awaitable[str]]


class Idempotency:
    """Changes: the requests that are being done."""

    def __init__(self, clock: Clock, reader: Reader, writer: Writer) -> None:
        """Look up earlier answers by `reader`."""
        self._clock = clock
        self._reader = reader
        self._writer = writer
        self._doing: dict[tuple[str, str], tuple[str, asyncio.Task[tuple[str, bool]]]] = {}

    async def once(self, key: Key, do: Do) -> tuple[str, bool]:
        """Return what `do` answers, or has answered, and whether this is a repeat; raise KeyReused for another request.

        `do` is given what makes its answer a part of its commit. A caller who goes away stops nothing.
        """
        place = key.scope, key.key
        repeat = place in self._doing
        if not repeat:
            task = asyncio.create_task(self._look_up_or_do(key, do))
            self._doing[place] = key.fingerprint, task
            task.add_done_callback(lambda _task: self._doing.pop(place, None))
        fingerprint, task = self._doing[place]
        _compare(fingerprint, key)
        text, found = await asyncio.shield(task)
        return text, repeat or found

    async def keep(self, answer: Answer) -> None:
        """Keep the answer to what was done in many commits, after the last of them."""
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done = Unit(
            (), lambda _images, _brought: answered(kept, None), lambda error: refused(kept, error), answer=answer
        )
        self._writer.write(done)
        await kept

    async def _look_up_or_do(self, key: Key, do: Do) -> tuple[str, bool]:
        known = await self._reader.answer(key.scope, key.key)
        if known is not None:
            _compare(known[0], key)
            return known[1], True
        expires_at = self._clock.now() + KEPT_MS
        text = await do(lambda text: Answer(key.scope, key.key, key.fingerprint, text, expires_at))
        return text, False


def _compare(fingerprint: str, key: Key) -> None:
    if fingerprint != key.fingerprint:
        raise KeyReused("This Idempotency-Key was used for another request; use a new key for a new request.")
