"""Where a job stands, on one line."""

from __future__ import annotations

from jobrunner.cli import state
from jobrunner.client import Connection
from tests.cli.samples import failed, running
from tests.client.faulty import job


def test_a_waiting_job_says_why_and_behind_how_many() -> None:
    assert (
        state.line(job("queued", waiting_for="worker", queue_position=3)) == "queued  waiting for a worker, 3 in line"
    )
    assert state.line(job("queued", waiting_for="of tomorrow")) == "queued  waiting for of tomorrow"


def test_a_running_job_says_how_far_it_is_and_at_what() -> None:
    assert state.line(running()) == "processing  45 %  Generating: Scene 3 of 7"


def test_a_step_that_is_the_stage_is_said_once() -> None:
    progress = {
        "percentage": None,
        "current_step": "Generating",
        "estimated_time_remaining": None,
        "stage": "generating",
    }

    assert state.line(running(progress_data=progress)) == "processing  Generating"


def test_a_job_that_is_to_stop_says_so() -> None:
    assert state.line(job(cancel_requested_at="2026-11-22T10:00:00Z")) == "processing  asked to stop"


def test_a_failed_job_says_why_on_one_line() -> None:
    assert state.line(failed()) == "failed  ANALYSIS_ERROR: There is no numeric column.  attempt 2 of 3"


def test_a_part_is_named_by_its_label_and_its_key() -> None:
    german, french = running()["parts"]

    assert state.part_line(german) == "German (de)  completed  100 %  Done"
    assert state.part_line(french) == "fr  processing  25 %"


def test_a_connection_says_when_it_is_tried_again_and_why() -> None:
    assert state.connection(Connection(live=False, retry_in_s=0.5, reason="cut")) == "reconnecting in 0.5 s: cut"
    assert state.connection(Connection(live=True)) == "connected again"
