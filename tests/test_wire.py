"""The shapes on the wire agree with the model, and what checks answers against them finds what does not fit."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from jobrunner import wire
from jobrunner.model.job import StepStatus
from jobrunner.model.state import Status
from tests.web.shape import faults

COUNTS = dict.fromkeys(("queued", "processing", "completed", "failed", "cancelled", "active", "total"), 0)
LINE = {"n": 1, "at": "2026-11-22T10:00:00.000Z", "stream": "log", "level": "info", "text": "a"}


def test_the_statuses_on_the_wire_are_those_of_the_model() -> None:
    assert set(get_args(wire.StatusName)) == {status.value for status in Status}
    assert set(get_args(wire.StepStatusName)) == {status.value for status in StepStatus}


@pytest.mark.parametrize(("value", "hint"), [(COUNTS, wire.Counts), (LINE, wire.LogLine)])
def test_what_has_the_shape_is_without_fault(value: Any, hint: Any) -> None:
    assert faults(value, hint) == []


@pytest.mark.parametrize(
    ("value", "hint", "fault"),
    [
        ({**COUNTS, "lost": 0}, wire.Counts, "/lost: not named"),
        ({name: 0 for name in COUNTS if name != "total"}, wire.Counts, "/total: missing"),
        ({**COUNTS, "queued": True}, wire.Counts, "/queued: True is no int"),
        ({**LINE, "stream": "tty"}, wire.LogLine, "/stream: 'tty' is none of ('log', 'stdout', 'stderr')"),
        ({"jobs": {}, "next_cursor": None}, wire.JobPage, "/jobs: {} is no list"),
        ({"jobs": [], "next_cursor": 3}, wire.JobPage, "/next_cursor: 3 is no str"),
    ],
)
def test_what_does_not_have_the_shape_is_found(value: Any, hint: Any, fault: str) -> None:
    assert fault in faults(value, hint)
