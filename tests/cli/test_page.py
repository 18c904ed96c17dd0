"""A job as a page to read."""

from __future__ import annotations

import io
from typing import Any

import pytest

from jobrunner.cli.page import page, values
from jobrunner.cli.terminal import Terminal
from jobrunner.wire import AttemptData, JobData
from tests.cli.samples import failed, running
from tests.client.faulty import ID, job


def read(job: JobData, *attempts: AttemptData, is_live: bool = False) -> list[str]:
    terminal = Terminal(io.StringIO(), io.StringIO(), is_live=is_live)
    return [*page(job, attempts, terminal), *values(job, terminal)]


def test_what_went_wrong_comes_first() -> None:
    assert read(failed())[:4] == [
        "Sales",
        "ANALYSIS_ERROR: There is no",
        "numeric column.",
        "a retry of the same will fail again",
    ]


def test_facts_that_are_missing_are_not_shown() -> None:
    names = {line.split("  ")[0].strip() for line in read(job())}

    assert names >= {"id", "type", "queue", "created", "started"}
    assert not names & {"user", "tags", "deadline", "ended", "retry of", "payload", "result"}


def test_stages_parts_uploads_and_attempts_have_a_line_each() -> None:
    upload = {"name": "file", "filename": "sales.csv", "content_type": "text/csv", "size": 183_221, "received": 183_221}
    attempt: AttemptData = {
        "attempt": 1,
        "started_at": "2026-11-22T10:00:00Z",
        "ended_at": "2026-11-22T10:00:03Z",
        "outcome": "failed",
        "error_data": failed()["error_data"],
        "result_data": None,
    }
    lines = read(running(uploads=[upload]), attempt)

    assert f"id          {ID}" in lines
    assert "stage       Uploading  completed  2.0 s" in lines
    assert "part        German (de)  completed  100 %  Done" in lines
    assert "upload      file: sales.csv  183 kB" in lines
    assert "attempt     1  failed  3.0 s  ANALYSIS_ERROR: There is no numeric column." in lines


def test_a_short_value_stands_beside_its_name_and_a_long_one_below() -> None:
    lines = read(job(payload={"rows": 3}, result_data={"text": "x" * 100}))

    assert 'payload     {"rows": 3}' in lines
    assert lines[-4:] == ["result:", "  {", f'    "text": "{"x" * 100}"', "  }"]


def test_a_very_long_value_is_cut_for_people_only() -> None:
    long = job(result_data=list(range(1000)))

    assert read(long, is_live=True)[-1] == "  … 963 more lines; all of it by --json"
    assert len(read(long)) > 1000


@pytest.mark.parametrize("field", ["title", "type", "user_id", "queue"])
def test_text_of_a_job_cannot_command_the_terminal(field: str) -> None:
    changes: dict[str, Any] = {field: "\x1b[2J\u202e", "payload": {"\x1b": "\x9b" * 100}}

    assert all(line.isprintable() for line in read(job(**changes)))
