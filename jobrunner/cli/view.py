"""What a watched job is shown in: in place on a terminal, line by line when piped, as JSON for programs."""

from __future__ import annotations

from typing import Protocol

from jobrunner.cli import state
from jobrunner.cli.live import LiveView
from jobrunner.cli.plain import PlainView
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Connection
from jobrunner.wire import JobData, LogLine


class View(Protocol):
    """Told what happens, in the order in which it happens."""

    def state(self, job: JobData) -> None:
        """Show a state."""

    def log(self, line: LogLine) -> None:
        """Show a line of the log."""

    def connection(self, connection: Connection) -> None:
        """Show whether there is a server."""

    def tick(self) -> None:
        """Show that time goes by."""

    def end(self) -> None:
        """Leave the last state to be read."""


class JsonView:
    """Each state as one line of JSON, and nothing else."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal

    def state(self, job: JobData) -> None:
        """Print the state as it came."""
        self._terminal.json(job)

    def log(self, line: LogLine) -> None:
        """Leave the log to `jobrunner logs`."""

    def connection(self, connection: Connection) -> None:
        """Say on stderr that the server is away."""
        if not connection.live:
            self._terminal.say(state.connection(connection))

    def tick(self) -> None:
        """Print nothing."""

    def end(self) -> None:
        """Print nothing."""


def view_for(terminal: Terminal, *, as_json: bool) -> View:
    """Choose the view for what reads it."""
    if as_json:
        return JsonView(terminal)
    return LiveView(terminal) if terminal.is_live else PlainView(terminal)
