"""A watched job on a terminal: one block, drawn again in its place; the lines of its log scroll by above it."""

from __future__ import annotations

import time
from collections.abc import Callable

from jobrunner.cli import state
from jobrunner.cli.board import board
from jobrunner.cli.terminal import Terminal, clean
from jobrunner.client import Connection
from jobrunner.wire import JobData, LogLine

_UP, _TO_END_OF_LINE, _REST_OF_SCREEN = "\x1b[{}F", "\x1b[K", "\x1b[J"


class LiveView:
    """Draw in place. Must be the only one that writes to the terminal: it counts on what it has drawn last."""

    def __init__(self, terminal: Terminal, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._terminal, self._clock = terminal, clock
        # Mutable: the newest state and when it came, what is said about the server, how many lines are drawn.
        self._job: JobData | None = None
        self._since = 0.0
        self._note = ""
        self._drawn = 0

    def state(self, job: JobData) -> None:
        """Draw a state."""
        self._job, self._since, self._note = job, self._clock(), ""
        self._draw()

    def log(self, line: LogLine) -> None:
        """Put a line above the block."""
        self._draw(above=[self._terminal.paint(clean(line["text"]), "dim")])

    def connection(self, connection: Connection) -> None:
        """Say below the block that the server is away."""
        self._note = "" if connection.live else state.connection(connection)
        self._draw()

    def tick(self) -> None:
        """Let the time left go down; it stands still while nobody tells it."""
        self._draw()

    def end(self) -> None:
        """Leave the block where it is."""
        self._note = ""
        self._draw()

    def _draw(self, above: list[str] | None = None) -> None:
        """Write all of it at once, so that nothing flickers."""
        block = board(self._job, self._terminal, left_s=self._left_s(self._job), note=self._note) if self._job else []
        lines = [*(above or []), *block]
        up = _UP.format(self._drawn) if self._drawn else ""
        text = "".join(f"{line}{_TO_END_OF_LINE}\n" for line in lines)
        self._terminal.out.write(f"{up}{text}{_REST_OF_SCREEN}")
        self._terminal.flush()
        self._drawn = len(block)

    def _left_s(self, job: JobData) -> float | None:
        told_s = job["progress_data"]["estimated_time_remaining"] if job["status"] == "processing" else None
        return None if told_s is None or self._note else max(0.0, told_s - (self._clock() - self._since))
