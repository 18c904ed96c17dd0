"""Where a job stands, in words: one line of it, on a terminal as when piped. Pure; must never colour anything."""

from __future__ import annotations

from collections.abc import Mapping

from jobrunner.cli import words
from jobrunner.cli.cells import one_line
from jobrunner.cli.terminal import Style
from jobrunner.client import Connection
from jobrunner.wire import ErrorData, JobData, PartData

STYLES: Mapping[str, Style] = {
    "queued": "yellow",
    "processing": "blue",
    "completed": "green",
    "failed": "red",
    "cancelled": "dim",
    "skipped": "dim",
}
_WAITING = {
    "worker": "waiting for a worker",
    "upload": "waiting for its files",
    "time": "waiting for its time",
    "retry": "waiting to be tried again",
    "dependency": "waiting for another job",
    "limit": "waiting for a limit",
    "paused_queue": "waiting in a paused queue",
}


def facts(job: JobData) -> list[str]:
    """Say what is known now, most important first: why it waits or failed, how far it is, at what."""
    known = [waiting(job), stopping(job), *_progress(job), error(job["error_data"]), attempt(job)]
    return [fact for fact in known if fact]


def line(job: JobData) -> str:
    """Write one line; what is derived from the clock is left out, so that it changes only when the job does."""
    return "  ".join([job["status"], *facts(job)])


def part_line(part: PartData) -> str:
    """Write one line about a part."""
    known = [
        part["status"],
        words.percent(part["percentage"]),
        one_line(part["current_step"] or ""),
        error(part["error_data"]),
    ]
    return "  ".join([name(part["key"], part["label"]), *(fact for fact in known if fact)])


def name(key: str, label: str) -> str:
    """Name a part by its label, with its key where that says more."""
    return one_line(key if key == label else f"{label} ({key})")


def error(given: ErrorData | None) -> str:
    """Write an error on one line."""
    return "" if given is None else one_line(f"{given['code']}: {given['message']}")


def step(job: JobData) -> str:
    """Say what the job is doing: its stage and its step, without saying the same twice."""
    progress = job["progress_data"]
    labels = {stage["name"]: stage["label"] for stage in job["stages"]}
    stage, at = labels.get(progress["stage"] or "", progress["stage"] or ""), progress["current_step"] or ""
    return one_line(": ".join(dict.fromkeys(word for word in (stage, at) if word)))


def waiting(job: JobData) -> str:
    """Say why a job waits, and how many are before it."""
    why = job["waiting_for"]
    ahead = f", {job['queue_position']} in line" if job["queue_position"] else ""
    return "" if why is None else _WAITING.get(why, f"waiting for {why}") + ahead


def stopping(job: JobData) -> str:
    """Say that a running job has been asked to stop."""
    return "asked to stop" if job["status"] == "processing" and job["cancel_requested_at"] else ""


def attempt(job: JobData) -> str:
    """Say which attempt it is, from the second on."""
    return f"attempt {job['attempt']} of {max(job['max_attempts'], job['attempt'])}" if job["attempt"] > 1 else ""


def connection(told: Connection) -> str:
    """Say how it stands with the server."""
    if told.live:
        return "connected again"
    return one_line(f"reconnecting in {words.duration(told.retry_in_s)}: {told.reason}")


def _progress(job: JobData) -> list[str]:
    return [words.percent(job["progress_data"]["percentage"]), step(job)] if job["status"] == "processing" else []
