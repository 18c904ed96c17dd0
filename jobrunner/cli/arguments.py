"""What can be typed: the commands with their arguments and options. Must import nothing that takes time."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from jobrunner.cli import given

_STATUSES = ("queued", "processing", "completed", "failed", "cancelled")
_EPILOG = """\
JOBRUNNER_TOKEN is the key or token that is shown to the server, or file:PATH.
exit codes: 0 done, 1 failed, 2 usage, 3 no server reached, 130 interrupted"""
_OPERATED = """\
This is done by the server that --url, JOBRUNNER_URL or JOBRUNNER_TOKEN names; else by the one that runs on the data
directory, where no key is needed; else, when none runs, in the data directory itself."""


def parse(argv: Sequence[str] | None) -> argparse.Namespace:
    """Read the arguments; raise SystemExit, after saying why, for what is wrong."""
    parser = argparse.ArgumentParser(
        prog="jobrunner", description="Run jobs, and watch them.", epilog=_EPILOG, formatter_class=_AsWritten
    )
    _add_everywhere(parser, url=None, json=False)
    commands = _Commands(parser)
    _add_server(commands)
    _add_submit(commands)
    _add_reading(commands)
    _add_changing(commands)
    _add_templates(commands.add_actions("template", "save submissions and submit them again and again"))
    _add_queues(commands.add_connected("queues", "list the queues; pause one, or let it go on"))
    _add_rights(commands)
    return parser.parse_args(argv)


class _Commands:
    """The commands of a parser; --url and --json may stand before a command and after it."""

    def __init__(self, parser: argparse.ArgumentParser, dest: str = "command", *, required: bool = True) -> None:
        self._commands = parser.add_subparsers(dest=dest, required=required, metavar=dest.upper())

    def add(self, name: str, says: str, epilog: str = "") -> argparse.ArgumentParser:
        """Add one that runs by itself."""
        return self._commands.add_parser(name, help=says, description=says, epilog=epilog, formatter_class=_AsWritten)

    def add_actions(self, name: str, says: str) -> _Commands:
        """Add one that is nothing without one of its actions."""
        return _Commands(self.add(name, says), "action")

    def add_connected(self, name: str, says: str) -> argparse.ArgumentParser:
        """Add one that talks to a server."""
        parser = self.add(name, says)
        _add_everywhere(parser, url=argparse.SUPPRESS, json=argparse.SUPPRESS)
        return parser

    def add_operated(self, name: str, says: str) -> argparse.ArgumentParser:
        """Add one that talks to a server or, where none runs, does it itself."""
        parser = self.add(name, says, _OPERATED)
        _add_everywhere(parser, url=argparse.SUPPRESS, json=argparse.SUPPRESS)
        _add_place(parser)
        return parser


class _AsWritten(argparse.RawDescriptionHelpFormatter):
    """Leave line ends where they are."""


def _add_everywhere(parser: argparse.ArgumentParser, *, url: object, json: object) -> None:
    parser.add_argument("--url", default=url, help="the server (JOBRUNNER_URL, else http://127.0.0.1:8080)")
    parser.add_argument("--json", action="store_true", default=json, help="print JSON, one value a line")


def _add_server(commands: _Commands) -> None:
    serve = commands.add("serve", "serve jobs over HTTP and run them, until stopped")
    check = commands.add("check", "look at configuration, handlers and data directory without starting")
    for parser in (serve, check):
        _add_place(parser)
    serve.add_argument("--host", help="address to listen on")
    serve.add_argument("--port", type=int, help="port to listen on; 0 takes any that is free")
    serve.add_argument("--reload", action="store_true", help="load handlers anew when their files change")
    serve.add_argument("--insecure", action="store_true", default=None, help="serve other machines without any rights")


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="JOBRUNNER_CONFIG, else config.toml if it is here")
    parser.add_argument("--data-dir", type=Path, metavar="DIR", help="where jobs are kept")


def _add_submit(commands: _Commands) -> None:
    submit = commands.add_connected("submit", "submit a job and print its id")
    submit.add_argument("type", metavar="TYPE", help="see `jobrunner types`")
    _add_files(submit)
    submit.add_argument("--user-id", metavar="USER", help="whose job it is")
    _add_envelope(submit)
    start = submit.add_mutually_exclusive_group()
    start.add_argument("--run-at", metavar="TIME", help="not before, such as 2026-11-22T10:00:00Z")
    start.add_argument("--delay", type=given.seconds, metavar="DURATION", help="not before so long, such as 15m")
    submit.add_argument("--after", action="append", metavar="ID", dest="depends_on", help="when that job has completed")
    _add_watch(submit)


def _add_templates(templates: _Commands) -> None:
    templates.add_connected("list", "list saved submissions")
    save = templates.add_connected("save", "save a submission, in the place of one of the same name, and print its id")
    save.add_argument("name", metavar="NAME", help="what it is called by")
    save.add_argument("type", metavar="TYPE", help="see `jobrunner types`")
    save.add_argument("--user-id", metavar="USER", help="whose template it is, and the jobs that are made of it")
    run = templates.add_connected(
        "run", "submit what was saved, with what is said here in its place; print the job's id"
    )
    delete = templates.add_connected("delete", "delete a saved submission")
    for parser in (run, delete):
        parser.add_argument("name", metavar="NAME", help="its name, or its id")
    _add_payload(save)
    _add_files(run)
    for parser in (save, run):
        _add_envelope(parser)
    _add_watch(run)


def _add_files(parser: argparse.ArgumentParser) -> None:
    _add_payload(parser)
    parser.add_argument("--file", type=given.named_file, action="append", default=[], metavar="NAME=PATH", dest="files")


def _add_payload(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--payload", type=given.payload, metavar="JSON", help="JSON, @FILE, or - for stdin")


def _add_envelope(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--priority", type=int, metavar="N", help="0 to 9, higher is sooner")
    parser.add_argument("--title", help="what people see")
    parser.add_argument("--tag", action="append", metavar="TAG", dest="tags")
    parser.add_argument("--queue", help="another queue than the type's")


def _add_watch(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--watch", action="store_true", help="go on as `jobrunner watch`")


def _add_reading(commands: _Commands) -> None:
    _add_id(commands.add_connected("watch", "show a job live until it ends; the exit code tells how"))
    _add_list(commands.add_connected("list", "list jobs, newest first"))
    _add_id(commands.add_connected("show", "show all about a job"))
    logs = commands.add_connected("logs", "print the log of a job")
    _add_id(logs)
    logs.add_argument("-f", "--follow", action="store_true", help="go on until the job ends")
    commands.add_connected("stats", "count jobs by status and say how the server is")
    commands.add_connected("types", "list what can be submitted")


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--status", action="append", choices=_STATUSES)
    parser.add_argument("--type", action="append", metavar="TYPE")
    parser.add_argument("--user-id", action="append", metavar="USER")
    parser.add_argument("--tag", action="append", metavar="TAG")
    parser.add_argument("--parent", action="append", metavar="ID", dest="parent_id", help="children of that job")
    parser.add_argument("--q", metavar="TEXT", help="text to search for")
    parser.add_argument("--limit", type=given.count, default=50, metavar="N", help="at most so many (50)")


def _add_changing(commands: _Commands) -> None:
    _add_id(commands.add_connected("cancel", "cancel a job, or ask a running one to stop"))
    retry = commands.add_connected("retry", "run a failed or cancelled job again and print its id")
    _add_id(retry)
    again = retry.add_mutually_exclusive_group()
    again.add_argument("--part", metavar="KEY", help="only this part of it")
    again.add_argument("--payload", type=given.payload, metavar="JSON", help="as a new job with this payload")
    retry.add_argument("--priority", type=int, metavar="N", help="as a new job with this priority")


def _add_queues(parser: argparse.ArgumentParser) -> None:
    actions = _Commands(parser, "action", required=False)
    for name, says in (("pause", "let nothing more of a queue begin"), ("resume", "let a queue go on")):
        actions.add_connected(name, says).add_argument("name", metavar="NAME")


def _add_rights(commands: _Commands) -> None:
    keys = commands.add_actions("key", "create, list and revoke API keys")
    create = keys.add_operated("create", "make an API key and print it, this once")
    create.add_argument("name", metavar="NAME", help="whose it is, or what for")
    create.add_argument(
        "--scope", type=given.scope, action="append", required=True, metavar="SCOPE", dest="scopes",
        help="admin, read, submit, submit:TYPE, cancel, retry or upload; may be repeated",
    )  # fmt: skip
    create.add_argument("--expires", type=given.lifetime, metavar="DURATION", help="after so long, such as 90d")
    keys.add_operated("list", "list API keys, the revoked ones too")
    keys.add_operated("revoke", "revoke an API key, at once").add_argument("key_id", metavar="ID")
    sessions = commands.add_actions("session", "list and revoke the sessions of operators in browsers")
    sessions.add_operated("list", "list who is signed in")
    sessions.add_operated("revoke", "sign somebody out, at once").add_argument("session_id", metavar="ID")
    _add_token(commands.add_operated("token", "make a token for a user's browser and print it"))


def _add_token(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("user_id", metavar="USER", help="whose jobs it is good for")
    parser.add_argument(
        "--allow", type=given.right, action="append", metavar="RIGHT",
        help="read (which it is without this), submit, submit:TYPE, cancel, retry or upload; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--job", action="append", metavar="ID", dest="job_ids", help="good for this job only; may be repeated"
    )
    parser.add_argument("--expires", type=given.lifetime, default=3600.0, metavar="DURATION", help="after so long (1h)")


def _add_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("job_id", metavar="ID")
