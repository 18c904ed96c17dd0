"""A file to be sent: where its bytes are and what it is called. Opened anew, at any offset, for each try."""

from __future__ import annotations

import asyncio
import io
import mimetypes
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class File:
    """Bytes on disk or in memory. The name and the media type, when not said, are those of the path."""

    source: Path | bytes
    filename: str | None = None
    content_type: str | None = None

    @property
    def size(self) -> int:
        """Return how many bytes it has now."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size

    @contextmanager
    def opened(self, offset: int = 0) -> Iterator[IO[bytes]]:
        """Open it for reading from `offset` on."""
        with io.BytesIO(self.source) if isinstance(self.source, bytes) else self.source.open("rb") as stream:
            stream.seek(offset)
            yield stream

    @contextmanager
    def sent(self, offset: int = 0) -> Iterator[AsyncGenerator[bytes, None]]:
        """Give it as chunks that are read once: a body that aiohttp cannot repeat by itself, from the start."""
        with self.opened(offset) as stream:
            yield _chunks(stream)

    def name(self, otherwise: str) -> str:
        """Return the name to send: on one line, without a path."""
        given = self.filename or (self.source.name if isinstance(self.source, Path) else "") or otherwise
        return "".join(letter if letter.isprintable() else "_" for letter in given)

    def media_type(self) -> str:
        """Return the media type to send."""
        guessed = mimetypes.guess_type(self.name(""))[0]
        return self.content_type or guessed or "application/octet-stream"


async def _chunks(stream: IO[bytes]) -> AsyncGenerator[bytes, None]:
    while chunk := await asyncio.to_thread(stream.read, _CHUNK):
        yield chunk


Source = File | Path | bytes | str


def file_from(source: Source) -> File:
    """Make a file of what callers give; text is a path."""
    if isinstance(source, File):
        return source
    return File(Path(source) if isinstance(source, str) else source)
