"""States only move forward, and a snapshot replaces what was known."""

from __future__ import annotations

import json

import pytest

from jobrunner.client.knowledge import Knowledge, is_older
from jobrunner.client.sse import Event
from jobrunner.wire import JobData
from tests.client.faulty import ID, job, progress


def told(state: JobData, cursor: str = "") -> Event:
    return Event("job", json.dumps(state), cursor)


def snapshot(*jobs: JobData, name: str = "snapshot", cursor: str = "9f3c-10", **more: object) -> Event:
    return Event(name, json.dumps({"jobs": jobs, "cursor": cursor, "more": False} | more), cursor)


@pytest.mark.parametrize(
    ("cursor", "known", "older"),
    [
        ("e-9", "e-10", True),
        ("e-10", "e-9", False),
        ("e-10", "e-10", False),
        ("other-9", "e-10", False),
        ("a-b-9", "a-b-10", True),
        ("nonsense", "e-10", False),
        ("e-", "e-10", False),
    ],
)
def test_cursors_are_compared_by_number_and_only_within_an_epoch(cursor: str, known: str, older: bool) -> None:  # noqa: FBT001
    assert is_older(cursor, known) is older


def test_a_state_older_than_the_known_one_is_no_news() -> None:
    knowledge = Knowledge({ID})
    assert knowledge.take(told(progress(50, number=7)))

    assert knowledge.take(told(progress(20, number=6))) == []


def test_progress_without_a_number_of_its_own_is_news() -> None:
    knowledge = Knowledge({ID})
    knowledge.take(told(progress(50, number=7), "9f3c-7"))

    assert knowledge.take(told(progress(60, number=7)))
    assert knowledge.cursor == "9f3c-7"


def test_a_state_that_is_known_already_is_no_news() -> None:
    knowledge = Knowledge({ID})
    knowledge.take(told(progress(50, number=7)))

    assert knowledge.take(told(progress(50, number=7))) == []
    assert knowledge.take(snapshot(progress(50, number=7))) == []


@pytest.mark.parametrize("name", ["snapshot", "reset"])
def test_a_snapshot_replaces_what_is_known_even_by_a_lower_number(name: str) -> None:
    knowledge = Knowledge({ID})
    knowledge.take(told(progress(50, number=700)))

    restored = job(number=3, cursor="restored-3")
    assert knowledge.take(snapshot(restored, name=name, cursor="restored-9")) == [restored]
    assert knowledge.cursor == "restored-9"


def test_it_is_complete_when_every_named_job_has_ended_or_does_not_exist() -> None:
    knowledge = Knowledge({"a", "b", "c"})
    knowledge.take(snapshot(job(job_id="a"), job("failed", job_id="b"), missing=["c"]))
    assert not knowledge.is_complete

    knowledge.take(told(job("completed", 11, job_id="a")))
    assert knowledge.is_complete
    assert knowledge.missing == {"c"}


def test_nothing_named_is_complete_and_a_filter_never_is() -> None:
    assert Knowledge([]).is_complete
    assert not Knowledge(None).is_complete


def test_a_job_that_ended_before_the_cursor_is_not_waited_for() -> None:
    knowledge = Knowledge({"a", "b", "c"}, cursor="9f3c-10")
    knowledge.skip([job("failed", 10, job_id="a"), job("failed", 11, job_id="b"), job(number=2, job_id="c")], "9f3c-10")

    assert knowledge.pending == {"b", "c"}


def test_a_filter_watched_for_months_keeps_no_job_that_has_ended() -> None:
    knowledge = Knowledge(None)
    for number in range(1000):
        knowledge.take(told(job("completed", number, job_id=str(number))))

    assert knowledge._jobs == {}


def test_events_of_other_names_tell_nothing() -> None:
    knowledge = Knowledge({ID})

    assert knowledge.take(Event("ping", "{}")) == knowledge.take(Event("of_tomorrow", "?", "9f3c-8")) == []
    assert knowledge.cursor == "9f3c-8"
