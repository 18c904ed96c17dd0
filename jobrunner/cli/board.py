"""A job as a block of lines on a terminal: title, bar, step, stages, parts. Pure: what is drawn, not where."""

from __future__ import annotations

from collections.abc import Iterator

from jobrunner.cli import state, words
from jobrunner.cli.cells import Cell, one_line, painted
from jobrunner.cli.terminal import Terminal
from jobrunner.wire import JobData, PartData, StageData

_BAR, _PART_BAR = 32, 12
_SHAPES = {"queued": "◷", "processing": "◕", "completed": "✓", "failed": "✗", "cancelled": "⊘", "skipped": "-"}
_LETTERS = {"queued": ".", "processing": ">", "completed": "+", "failed": "x", "cancelled": "-", "skipped": "-"}


def board(job: JobData, terminal: Terminal, *, left_s: float | None = None, note: str = "") -> list[str]:
    """Draw a job into the columns and lines that the terminal has; `note` stands below it."""
    columns, height = terminal.size
    drawn = [painted(terminal, cells, columns - 1) for cells in _rows(job, terminal, left_s)]
    below = [painted(terminal, [Cell(note, "yellow")], columns - 1)] if note else []
    return [*drawn[: max(1, height - 1 - len(below))], *below]


def bar(terminal: Terminal, percentage: float, length: int) -> str:
    """Draw a bar; it is full only at 100."""
    done, todo = "━─" if terminal.is_unicode else "#."
    filled = int(length * min(100.0, max(0.0, percentage)) / 100)
    return done * filled + todo * (length - filled)


def _rows(job: JobData, terminal: Terminal, left_s: float | None) -> Iterator[list[Cell]]:
    yield [Cell(one_line(job["title"]), "bold"), Cell(one_line(job["type"]), "dim"), Cell(job["job_id"], "dim")]
    yield _status(job, terminal, left_s)
    yield from ([Cell(" "), fact] for fact in _facts(job) if fact.text)
    yield from (_stage(stage, terminal) for stage in job["stages"])
    yield from (_part(part, terminal) for part in job["parts"])


def _status(job: JobData, terminal: Terminal, left_s: float | None) -> list[Cell]:
    status, percentage = job["status"], 100.0 if job["status"] == "completed" else job["progress_data"]["percentage"]
    word = Cell(f"{_shape(terminal, status)} {status}", state.STYLES[status])
    took = words.between(job["started_at"], job["completed_at"])
    drawn = [] if percentage is None else [Cell(bar(terminal, percentage, _BAR), state.STYLES[status])]
    return [word, *drawn, Cell(words.percent(percentage)), Cell(words.time_left(left_s), "dim"), Cell(took, "dim")]


def _facts(job: JobData) -> list[Cell]:
    running = state.step(job) if job["status"] == "processing" else ""
    stopping = Cell(state.stopping(job), "yellow")
    return [
        Cell(state.error(job["error_data"]), "red"),
        Cell(state.waiting(job)),
        stopping,
        Cell(running),
        Cell(state.attempt(job), "dim"),
    ]


def _stage(stage: StageData, terminal: Terminal) -> list[Cell]:
    status = stage["status"]
    label = Cell(f"  {_shape(terminal, status)} {one_line(stage['label'])}", state.STYLES.get(status, "none"))
    says = one_line(stage["description"] or "") if status == "processing" else ""
    return [label, Cell(words.between(stage["started_at"], stage["completed_at"]), "dim"), Cell(says, "dim")]


def _part(part: PartData, terminal: Terminal) -> list[Cell]:
    status, percentage = part["status"], part["percentage"]
    label = Cell(f"  {_shape(terminal, status)} {state.name(part['key'], part['label'])}", state.STYLES[status])
    drawn = "" if percentage is None else bar(terminal, percentage, _PART_BAR)
    left = words.time_left(part["estimated_time_remaining"]) if status == "processing" else ""
    what = state.error(part["error_data"]) or one_line(part["current_step"] or "")
    return [label, Cell(drawn), Cell(words.percent(percentage)), Cell(left, "dim"), Cell(what, "dim")]


def _shape(terminal: Terminal, status: str) -> str:
    return (_SHAPES if terminal.is_unicode else _LETTERS).get(status, " ")
