"""A job as a page to read: what went wrong, where it stands, its facts and its values. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from jobrunner.cli import state, words
from jobrunner.cli.cells import one_line
from jobrunner.cli.terminal import Terminal, clean
from jobrunner.wire import AttemptData, ErrorData, JobData, StageData

_NAMES = 11
_MOST_LINES = 40


def page(job: JobData, attempts: Sequence[AttemptData], terminal: Terminal) -> Iterator[str]:
    """Write what is known about a job, line by line; `values` follow."""
    yield terminal.paint(one_line(job["title"]), "bold")
    if job["error_data"] is not None:
        yield from (terminal.paint(line, "red") for line in _error(job["error_data"]))
    yield terminal.paint(state.line(job | {"error_data": None}), state.STYLES[job["status"]])
    yield from (_fact(name, value) for name, value in _facts(job, terminal) if value)
    yield from (_fact("stage", _stage(stage)) for stage in job["stages"])
    yield from (_fact("part", state.part_line(part)) for part in job["parts"])
    yield from (_fact("attempt", _attempt(attempt)) for attempt in attempts)


def values(job: JobData, terminal: Terminal) -> Iterator[str]:
    """Write what it was given and what came of it; for people no more than they would scroll back."""
    for name, value in (("payload", job.get("payload")), ("result", job.get("result_data"))):
        lines = list(_value(name, value))
        most = _MOST_LINES if terminal.is_live else len(lines)
        yield from lines[:most]
        if len(lines) > most:
            yield f"  … {len(lines) - most} more lines; all of it by --json"


def _error(error: ErrorData) -> Iterator[str]:
    yield from clean(f"{error['code']}: {error['message']}").split("\n")
    if error["details"]:
        yield from _value("details", error["details"])
    if not error["retryable"]:
        yield "a retry of the same will fail again"


def _facts(job: JobData, terminal: Terminal) -> Iterator[tuple[str, str]]:
    def at(time: str | None) -> str:
        return words.local(time) if terminal.is_live else time or ""

    yield "id", job["job_id"]
    yield "type", job["type"]
    yield "user", job["user_id"] or ""
    yield "tags", ", ".join(job["tags"])
    yield "queue", f"{job['queue']}, priority {job['priority']}"
    yield "created", at(job["created_at"])
    yield "not before", at(job["run_at"])
    yield "deadline", at(job["deadline"])
    yield "started", at(job["started_at"])
    yield (
        "ended",
        " after ".join(filter(None, (at(job["completed_at"]), words.between(job["started_at"], job["completed_at"])))),
    )
    yield "retry of", job["retried_from"] or ""
    for upload in job["uploads"]:
        yield "upload", f"{upload['name']}: {upload['filename'] or 'no file yet'}  {words.size(upload['size'])}"


def _stage(stage: StageData) -> str:
    took = words.between(stage["started_at"], stage["completed_at"])
    return "  ".join(filter(None, (stage["label"], stage["status"], took)))


def _attempt(attempt: AttemptData) -> str:
    took = words.between(attempt["started_at"], attempt["ended_at"])
    known = (str(attempt["attempt"]), attempt["outcome"] or "running", took, state.error(attempt["error_data"]))
    return "  ".join(filter(None, known))


def _value(name: str, value: object) -> Iterator[str]:
    """Write JSON: beside its name when it is short, below it when it is not."""
    if value is None:
        return
    short = json.dumps(value, ensure_ascii=False)
    if len(short) <= 80:  # noqa: PLR2004 - a line
        yield _fact(name, short)
        return
    yield f"{name}:"
    yield from (f"  {clean(line)}" for line in json.dumps(value, ensure_ascii=False, indent=2).split("\n"))


def _fact(name: str, value: str) -> str:
    shown = " ".join(clean(value).split("\n"))
    return f"{name:{_NAMES}} {shown}"
