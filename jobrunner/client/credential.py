"""What a client shows to its server: a token or key, or a function that gets one and gets another when it is refused.

Must never put it anywhere but into a header: no error and no repr may hold it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping

HEADER = "Authorization"
Token = str | Callable[[], Awaitable[str]]
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, section 2.1


class Credential:
    """One bearer's token. A function is asked when a token is needed first, and again for one that was refused."""

    def __init__(self, token: Token | None) -> None:
        self._source = token if callable(token) else None
        self._shown = _bearer(token) if isinstance(token, str) and token else None  # mutable: by a function
        self._asking = asyncio.Lock()

    async def header(self) -> Mapping[str, str]:
        """Return the header to send, none for a client without a token. Raises what the function raises."""
        if self._shown is None:
            await self.renew(None)
        return {} if self._shown is None else {HEADER: self._shown}

    async def renew(self, refused: str | None) -> bool:
        """Get another in place of the header that was refused; say whether there is another. Many may ask at once."""
        async with self._asking:
            if self._shown == refused and self._source is not None:
                self._shown = _bearer(await self._source())
        return self._shown != refused


def _bearer(token: str) -> str:
    if not is_token(token):
        raise ValueError("what was given as a token is none: a key or a token is one word of ASCII letters and digits")
    return f"Bearer {token}"


def is_token(text: str) -> bool:
    """Say whether text can be a key or a token at all."""
    return _TOKEN.fullmatch(text) is not None
