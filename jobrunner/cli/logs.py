"""`jobrunner logs ID`: the lines of a job's log; with -f until the job ends."""

from __future__ import annotations

import argparse
from contextlib import aclosing

from jobrunner.cli import state, words
from jobrunner.cli.connected import connected
from jobrunner.cli.terminal import Style, Terminal, clean
from jobrunner.client import Client, Connection
from jobrunner.wire import LogLine

_STYLES: dict[str, Style] = {"warning": "yellow", "error": "red", "critical": "red", "debug": "dim"}


@connected
async def run(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print each line as it comes."""

    def told(connection: Connection) -> None:
        if not connection.live:
            terminal.say(state.connection(connection))

    lines = client.logs(arguments.job_id, follow=arguments.follow, told=told)
    async with aclosing(lines):
        async for line in lines:
            if arguments.json:
                terminal.json(line)
            else:
                terminal.print(written(line, terminal))
                terminal.flush()
    return 0


def written(line: LogLine, terminal: Terminal) -> str:
    """Write a line: when, how grave or from which stream, and what."""
    at = words.local(line["at"]) if terminal.is_live else line["at"]
    kind = line["level"] if line["stream"] == "log" else line["stream"]
    text = terminal.paint(clean(line["text"]), _STYLES.get(kind, "none"))
    return f"{terminal.paint(at, 'dim')}  {kind:<7}  {text}"
