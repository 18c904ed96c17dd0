"""Server-sent events read from bytes, as the WHATWG HTML standard says (section 9.2.6, "Interpreting an event stream").

Pure and incremental: however the bytes are cut into chunks, the same events come out. Lines are found in bytes and
decoded whole, so a character split between chunks needs no care: no other character of UTF-8 contains CR or LF.
Must never do I/O, know what a job is, or raise: what is no UTF-8 becomes U+FFFD, an unknown field is skipped.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\r|\n")
_RETRY_MS = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `id` is the last id that the stream has given, with this event or before it."""

    name: str
    data: str
    id: str = ""


class Parser:
    """Turn the bytes of one connection into events. An event without its closing empty line is never handed out."""

    def __init__(self, last_event_id: str = "") -> None:
        self.last_event_id = last_event_id
        self.retry_ms: int | None = None
        # Mutable: the line that has not ended, whether it follows a CR, whether it is the first, and the event so far.
        self._tail: list[bytes] = []
        self._after_cr = False
        self._first = True
        self._name, self._data, self._id = "", list[str](), last_event_id

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that these bytes complete."""
        events = (self._take(line) for line in self._lines(chunk))
        return [event for event in events if event is not None]

    def _lines(self, chunk: bytes) -> list[bytes]:
        """Return the lines that these bytes complete. A CR ends its line at once: its LF may be long in coming."""
        if not chunk:
            return []
        if self._after_cr and chunk.startswith(b"\n"):
            chunk = chunk[1:]
        self._after_cr = chunk.endswith(b"\r")
        *ended, rest = _LINE_END.split(chunk)
        if ended:
            ended[0] = b"".join((*self._tail, ended[0]))
            self._tail.clear()
        if rest:
            self._tail.append(rest)
        return ended

    def _take(self, line: bytes) -> Event | None:
        if self._first:
            self._first = False
            line = line.removeprefix(_BOM)
        if not line:
            return self._dispatch()
        field, _, value = line.decode(errors="replace").partition(":")
        self._field(field, value.removeprefix(" "))
        return None

    def _field(self, field: str, value: str) -> None:
        """Note a field; a comment is a field with an empty name."""
        if field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
        elif field == "id" and "\0" not in value:
            self._id = value
        elif field == "retry" and _RETRY_MS.fullmatch(value):
            self.retry_ms = int(value)

    def _dispatch(self) -> Event | None:
        """End the event at an empty line; one without data sets the id and is no event."""
        name, data = self._name or "message", self._data
        self._name, self._data = "", []
        self.last_event_id = self._id
        return Event(name, "\n".join(data), self._id) if data else None
