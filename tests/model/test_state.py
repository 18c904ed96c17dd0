"""The table of transitions."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobrunner.errors import IllegalTransition
from jobrunner.model.state import ENDED, TRANSITIONS, Status, Trigger, advance

LEGAL = """
    queued claim processing
    queued cancel cancelled
    queued expire failed
    queued wake queued
    queued receive queued
    processing report processing
    processing ask_to_stop processing
    processing complete completed
    processing fail failed
    processing back_off queued
    processing stop cancelled
    processing interrupt queued
    failed retry queued
    cancelled retry queued
"""
ARROWS = {(Status(before), Trigger(by)): Status(after) for before, by, after in map(str.split, LEGAL.split("\n")[1:-1])}
EVERY_PAIR = list(itertools.product(Status, Trigger))


@pytest.mark.parametrize(("before", "by"), ARROWS)
def test_a_legal_trigger_leads_where_the_diagram_says(before: Status, by: Trigger) -> None:
    assert advance(before, by) is ARROWS[before, by]


@pytest.mark.parametrize(("before", "by"), [pair for pair in EVERY_PAIR if pair not in ARROWS])
def test_an_illegal_trigger_raises_and_names_both(before: Status, by: Trigger) -> None:
    with pytest.raises(IllegalTransition) as caught:
        advance(before, by)
    assert (caught.value.status, caught.value.trigger) == (before, by)


def test_there_is_no_other_arrow_than_those_of_the_diagram() -> None:
    assert TRANSITIONS == ARROWS


@pytest.mark.parametrize("status", Status)
def test_a_status_has_ended_exactly_when_only_a_person_can_move_it(status: Status) -> None:
    assert status.ended == ({by for before, by in ARROWS if before is status} <= {Trigger.RETRY})


def test_a_completed_job_is_never_moved_again() -> None:
    assert not [by for before, by in TRANSITIONS if before is Status.COMPLETED]


@given(st.lists(st.sampled_from(Trigger)))
def test_no_sequence_of_triggers_leaves_an_end_except_by_retry(triggers: list[Trigger]) -> None:
    status = Status.QUEUED
    for trigger in triggers:
        before = status
        try:
            status = advance(status, trigger)
        except IllegalTransition:
            assert status is before
        if before in ENDED and status is not before:
            assert (trigger, status) == (Trigger.RETRY, Status.QUEUED)
            assert before is not Status.COMPLETED
