"""Which jobs a stream shows."""

from __future__ import annotations

import pytest

from jobrunner.model.filter import EVERYTHING, Filter
from jobrunner.model.state import Status
from tests.model.jobs import a_job

JOB = a_job(id="j1", user_id="ada", type="story", queue="slow", tags=("red", "blue"))


def few(*values: str) -> frozenset[str]:
    return frozenset(values)


@pytest.mark.parametrize(
    "wanted",
    [
        EVERYTHING,
        Filter(job_ids=few("j1", "j2")),
        Filter(user_ids=few("ada", "bob")),
        Filter(types=few("story")),
        Filter(queues=few("slow")),
        Filter(tags=few("green", "blue")),
        Filter(few("j1"), few("ada"), few("story"), few("slow"), few("red")),
    ],
)
def test_a_job_is_watched_when_each_field_has_one_of_its_values(wanted: Filter) -> None:
    assert wanted.watches(JOB)


@pytest.mark.parametrize(
    "wanted",
    [
        Filter(job_ids=few("j2")),
        Filter(user_ids=few("bob")),
        Filter(types=few("Story")),
        Filter(queues=few("default")),
        Filter(tags=few("green")),
        Filter(few("j1"), few("bob")),
    ],
)
def test_a_job_is_not_watched_when_one_field_has_none_of_its_values(wanted: Filter) -> None:
    assert not wanted.watches(JOB)


def test_a_job_of_nobody_is_watched_by_no_user() -> None:
    assert not Filter(user_ids=few("None", "")).watches(a_job())


def test_what_changes_in_a_job_is_not_looked_at_so_that_nothing_leaves_a_stream_unseen() -> None:
    wanted = Filter(statuses=frozenset({Status.FAILED}), q="nothing like it", created_before=0)
    assert wanted.watches(JOB)


@pytest.mark.parametrize(
    ("wanted", "watched"),
    [
        (Filter(owner="ada"), True),
        (Filter(owner="bob"), False),
        (Filter(user_ids=few("ada", "bob"), owner="bob"), False),
        (Filter(only=few("j1", "j2")), True),
        (Filter(only=few("j2")), False),
        (Filter(job_ids=few("j1"), only=few("j2")), False),
        (Filter(only=frozenset()), False),
        (Filter(owner="bob", only=few("j1")), False),
    ],
)
def test_rights_bound_what_is_watched_beside_all_that_is_asked_for(wanted: Filter, *, watched: bool) -> None:
    assert wanted.watches(JOB) is watched


def test_a_job_of_nobody_is_owned_by_no_user() -> None:
    assert not any(Filter(owner=owner).watches(a_job()) for owner in ("", "None", "ada"))
