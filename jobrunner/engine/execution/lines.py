"""What a child process writes into a pipe, line by line, read on the event loop.

A turn reads 8 KB and no more, so that a flood is slowed instead of kept, and the loop is never hogged. A line ends
with a line feed, a carriage return, or both.
"""

from __future__ import annotations

import asyncio
import codecs
import io
import os
from collections.abc import Callable

TURN = 8_192
HELD = 1 << 16  # what a pipe holds on Linux, unless somebody asks for more
LONGEST_LINE = 4_096

Take = Callable[[list[str]], None]


class Lines:
    """A pipe. Changes: its two ends, whether it is being read, and the line that has not ended, in pieces.

    `take` is given one line or more, none of them empty. One that is longer than `longest` characters is broken.
    `ended` is done when nobody can write any more, or nobody reads.
    """

    def __init__(self, take: Take, longest: int = LONGEST_LINE) -> None:
        """Make the pipe; nothing is read before `begin`."""
        self._end, self.write_end = os.pipe()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._take = take
        self._longest = longest
        self._decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder("utf-8")("replace"), translate=True)
        self.paused = False
        self._held: list[str] = []
        self._size = 0

    def begin(self) -> None:
        """Read from now on; the child has the end that writes."""
        os.set_blocking(self._end, False)
        os.close(self.write_end)
        self.write_end = -1
        self.resume()

    def pause(self) -> None:
        """Read no further; who writes waits when the pipe is full."""
        self.paused = True
        if not self.ended.done():
            asyncio.get_running_loop().remove_reader(self._end)

    def resume(self) -> None:
        """Go on after a pause."""
        self.paused = False
        if not self.ended.done():
            asyncio.get_running_loop().add_reader(self._end, self._turn)

    def catch_up(self) -> None:
        """Take at once what has been written until now, also a line that has not ended."""
        for _ in range(HELD // TURN + 1):
            if not self._turn():
                break
        self.flush()

    def flush(self) -> None:
        """Take a line that has not ended."""
        self._feed(self._decoder.decode(b"", final=True) + "\n")

    def close(self) -> None:
        """Read no more; what was read is taken first."""
        if self.ended.done():
            return
        if self.write_end < 0:
            asyncio.get_running_loop().remove_reader(self._end)
        else:
            os.close(self.write_end)
        os.close(self._end)
        self.ended.set_result(None)
        self.flush()

    def _turn(self) -> bool:
        """Read one piece; False when there is none yet, or none will come."""
        if self.ended.done():
            return False
        try:
            piece = os.read(self._end, TURN)
        except BlockingIOError:
            return False
        if piece:
            self._feed(self._decoder.decode(piece))
        else:
            self.close()
        return bool(piece)

    def _feed(self, text: str) -> None:
        self._held.append(text)
        self._size += len(text)
        if "\n" not in text and self._size <= self._longest:
            return
        *whole, rest = self._bounded("".join(self._held).split("\n"))
        self._held, self._size = [rest], len(rest)
        if lines := [line for line in whole if line]:
            self._take(lines)

    def _bounded(self, lines: list[str]) -> list[str]:
        """Return the lines, those that are too long in pieces."""
        most = self._longest
        if self._size <= most:
            return lines
        return [line[start : start + most] for line in lines for start in range(0, max(len(line), 1), most)]
