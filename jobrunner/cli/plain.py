"""A watched job when nobody sits at the terminal: one line for each change, nothing drawn twice."""

from __future__ import annotations

from jobrunner.cli import state
from jobrunner.cli.terminal import Terminal, clean
from jobrunner.client import Connection
from jobrunner.wire import JobData, LogLine


class PlainView:
    """Print changes to stdout as they come, and trouble with the server to stderr."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._said: dict[str, str] = {}  # mutable: the last line about the job and about each of its parts
        self._away = False  # mutable

    def state(self, job: JobData) -> None:
        """Print what has changed: the job itself, its parts."""
        self._say("", state.line(job))
        for part in job["parts"]:
            self._say(part["key"], f"part  {state.part_line(part)}")

    def log(self, line: LogLine) -> None:
        """Print a line of the log."""
        self._print(f"log  {clean(line['text'])}")

    def connection(self, connection: Connection) -> None:
        """Say when the server goes and when it is back."""
        if not connection.live or self._away:
            self._terminal.say(state.connection(connection))
        self._away = not connection.live

    def tick(self) -> None:
        """Print nothing: time is no change."""

    def end(self) -> None:
        """Print nothing: the last state has been printed."""

    def _say(self, about: str, line: str) -> None:
        if self._said.get(about) != line:
            self._said[about] = line
            self._print(line)

    def _print(self, line: str) -> None:
        self._terminal.print(line)
        self._terminal.flush()
