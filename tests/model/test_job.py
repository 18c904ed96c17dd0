"""The job as a value."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given

import jobrunner
from jobrunner.model.job import Hold, Job, Upload
from jobrunner.model.state import Status
from tests.model.jobs import JOBS, a_job

FIELDS = {field.name for field in dataclasses.fields(Job)}


def changed_names() -> Iterator[tuple[str, str | None]]:
    """Go through the names that calls of `but` use in the package; None stands for `**changes`."""
    for file in Path(jobrunner.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "but":
                yield from ((f"{file.name}:{node.lineno}", keyword.arg) for keyword in node.keywords)


def test_every_name_that_is_changed_anywhere_is_a_field_of_a_job() -> None:
    names = list(changed_names())
    assert len(names) > 30
    assert [(place, name) for place, name in names if name not in FIELDS] == []


@given(JOBS)
def test_a_changed_job_is_what_replace_makes_and_the_old_one_stays(job: Job) -> None:
    before = dict(vars(job))
    changed = job.but(status=Status.FAILED, title="Other")
    assert changed == dataclasses.replace(job, status=Status.FAILED, title="Other")
    assert vars(job) == before
    assert set(vars(changed)) == FIELDS


def test_a_job_cannot_be_changed_in_place() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        a_job().status = Status.FAILED  # type: ignore[misc]


def test_a_job_is_ready_exactly_when_it_is_queued_and_waits_for_nothing() -> None:
    assert a_job().ready
    assert not any(a_job(hold=hold).ready for hold in Hold)
    assert not any(a_job(status=status).ready for status in Status if status is not Status.QUEUED)


def test_a_job_is_suspect_after_two_crashes() -> None:
    assert [a_job(crashes=crashes).suspect for crashes in range(4)] == [False, False, True, True]


def test_an_upload_is_whole_once_its_size_is_known_even_when_it_is_empty() -> None:
    assert not Upload("file", received=10).whole
    assert Upload("file", size=0).whole
