"""Job ids: UUID version 7 (RFC 9562, section 5.7), so that ids sort by the time they were made."""

from __future__ import annotations

import re
import secrets

CANONICAL = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
COUNTER_BITS = 42  # of the 74 random bits, those that count up within a millisecond (RFC 9562, section 6.2, method 2)


class Ids:
    """Make ids that strictly rise, also when the clock stands still or jumps back."""

    def __init__(self) -> None:
        """Begin before all time."""
        self._last_ms = 0
        self._counter = 0

    def make(self, now: int) -> str:
        """Return a new id for `now`."""
        if now > self._last_ms:
            self._last_ms, self._counter = now, secrets.randbits(COUNTER_BITS - 1)
        else:
            self._counter += 1
        tail = self._counter << 32 | secrets.randbits(32)
        text = f"{self._last_ms:012x}7{tail >> 62 & 0xFFF:03x}{0x8000000000000000 | tail & 0x3FFFFFFFFFFFFFFF:016x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_id(text: str) -> bool:
    """Tell whether `text` is a UUID in its canonical form."""
    return CANONICAL.fullmatch(text) is not None
