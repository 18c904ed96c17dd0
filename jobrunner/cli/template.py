"""`jobrunner template list|save|run|delete`: saved submissions, called by their name or their id."""

from __future__ import annotations

import argparse
from collections.abc import Coroutine
from typing import Any, cast

from jobrunner.cli import words
from jobrunner.cli.connected import connected
from jobrunner.cli.table import Row, print_table
from jobrunner.cli.terminal import Terminal
from jobrunner.cli.watch import follow
from jobrunner.client import Client
from jobrunner.client.submission import Envelope, Submission
from jobrunner.errors import Problem
from jobrunner.wire.templates import TemplateData

_HEADING = ("ID", "TYPE", "USER", "CHANGED", "NAME")
_ENVELOPE = ("title", "priority", "queue", "tags")


def run(arguments: argparse.Namespace, terminal: Terminal) -> Coroutine[Any, Any, int]:
    """Do what was asked with templates."""
    return {"list": _list, "save": _save, "run": _run, "delete": _delete}[arguments.action](arguments, terminal)


@connected
async def _list(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    found = await client.templates()
    if arguments.json:
        for template in found:
            terminal.json(template)
    else:
        print_table(terminal, _HEADING, [_row(template, terminal) for template in found])
    return 0


@connected
async def _save(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    said = {"type": arguments.type, "payload": arguments.payload, **_envelope(arguments)}
    submission = cast("Submission", said)
    known = [each for each in await client.templates(name=arguments.name) if each["user_id"] == arguments.user_id]
    place = known[0]["id"] if known else None
    saved = await client.save_template(arguments.name, submission, user_id=arguments.user_id, template_id=place)
    if arguments.json:
        terminal.json(saved)
    else:
        terminal.print(saved["id"])
    return 0


@connected
async def _run(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    template = await _called(client, arguments.name)
    files = dict(arguments.files)
    job = await client.submit_template(template["id"], arguments.payload, files=files, **_envelope(arguments))
    if arguments.json:
        terminal.json(job)
    else:
        terminal.print(job["job_id"])
    terminal.flush()
    return await follow(client, job["job_id"], terminal, as_json=arguments.json, since=job) if arguments.watch else 0


@connected
async def _delete(client: Client, arguments: argparse.Namespace, terminal: Terminal) -> int:
    template = await _called(client, arguments.name)
    await client.delete_template(template["id"])
    terminal.say(f"deleted: {template['name']}")
    return 0


async def _called(client: Client, name: str) -> TemplateData:
    """Return the template of a name, or of an id; raise Problem when there is none, or more than one."""
    found = await client.templates(name=name)
    if len(found) > 1:
        owners = ", ".join(f"{each['id']} of {each['user_id'] or 'nobody'}" for each in found)
        raise Problem(
            409, "template-conflict", "Not clear", f"There are several of that name; say which by id: {owners}."
        )
    return found[0] if found else await client.template(name)


def _envelope(arguments: argparse.Namespace) -> Envelope:
    return cast("Envelope", {name: getattr(arguments, name) for name in _ENVELOPE})


def _row(template: TemplateData, terminal: Terminal) -> Row:
    changed = template["updated_at"]
    return (
        template["id"],
        str(template["submission"]["type"]),
        template["user_id"] or "",
        words.local(changed) if terminal.is_live else changed,
        template["name"],
    )
