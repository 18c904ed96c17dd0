"""One event stream that outlives its connections: it is opened again, from where it got to, until its reader leaves.

A cut, a silence of `silence_s` and an end that nobody announced are one thing: a reason to connect again. Until a
server has answered once, patience is short; afterwards only a refusal ends it. `expired` is such a reason too: with
another token the stream goes on, with the same one it is refused. Must never know what is in any other event.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

import aiohttp

from jobrunner.client.call import Call
from jobrunner.client.patience import Patience
from jobrunner.client.sse import Event, Parser
from jobrunner.client.transport import Transport
from jobrunner.errors import ClientError

SILENCE_S = 40.0  # the server pings every 15 s
_NO_CONTENT = 204
_EXPIRED = "expired"
_CLOSED, _RIGHT_ENDED = "the server closed the stream", "the right to read it has ended"


@dataclass(frozen=True, slots=True)
class Connection:
    """How a stream stands: live, or connecting again in `retry_in_s` because of `reason`."""

    live: bool
    retry_in_s: float = 0.0
    reason: str = ""


Told = Callable[[Connection], object]


class Stream:
    """Events of one resource. `call` is asked at each connection, so that it can name the newest cursor."""

    def __init__(
        self,
        transport: Transport,
        call: Callable[[], Call],
        *,
        silence_s: float = SILENCE_S,
        answered: bool = False,
        told: Told | None = None,
    ) -> None:
        self._transport, self._call, self._silence_s = transport, call, silence_s
        self._told = told or (lambda _: None)
        self._patience = Patience(None if answered else 3)
        self._retry_s = 0.0  # mutable: what the server said by `retry:`
        self._over = False  # mutable: the server said that nothing will come any more
        self._ended = _CLOSED  # mutable: why the last connection ended that did so without an error

    async def events(self) -> AsyncGenerator[Event, None]:
        """Yield events until the server answers 204: no more will come. Raises what no waiting helps against."""
        while not self._over:
            error: ClientError | None = None
            try:
                async with aclosing(self._connection()) as events:
                    async for event in events:
                        yield event
            except ClientError as caught:
                error = caught
            if not self._over:
                await self._pause(error)

    async def _connection(self) -> AsyncGenerator[Event, None]:
        async with self._transport.open(self._call(), silence_s=self._silence_s) as response:
            self._over = response.status == _NO_CONTENT
            if self._over:
                return
            if response.content_type != "text/event-stream":
                raise self._transport.not_jobrunner(response)
            self._patience.endless()
            self._ended = _CLOSED
            self._told(Connection(live=True))
            async with aclosing(self._parsed(response)) as events:
                async for event in events:
                    if event.name == _EXPIRED:
                        self._ended = _RIGHT_ENDED
                        await self._transport.renew(response)
                        return
                    yield event

    async def _parsed(self, response: aiohttp.ClientResponse) -> AsyncGenerator[Event, None]:
        parser = Parser()
        async for chunk in response.content.iter_any():
            for event in parser.feed(chunk):
                self._patience.success()
                yield event
            self._retry_s = (parser.retry_ms or 0) / 1000

    async def _pause(self, error: ClientError | None) -> None:
        """Wait before the next connection."""
        delay_s = self._patience.delay_s(error, least_s=self._retry_s)
        self._told(Connection(live=False, retry_in_s=delay_s, reason=str(error or self._ended)))
        await self._transport.sleep(delay_s)
