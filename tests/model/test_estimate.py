"""The time left, from the pace of a job and from what others of its type took."""

from __future__ import annotations

from statistics import fmean, median, pvariance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobrunner.model.estimate import History, left_ms, time_left_s


def test_the_pace_so_far_is_taken_to_go_on() -> None:
    assert time_left_s(25.0, 10_000) == 30.0
    assert time_left_s(50.0, 10_000) == 10.0


@pytest.mark.parametrize(("percentage", "elapsed_ms"), [(None, 60_000), (0.0, 60_000), (4.99, 60_000), (50.0, 1_999)])
def test_nothing_is_claimed_below_5_percent_or_2_seconds(percentage: float | None, elapsed_ms: int) -> None:
    assert time_left_s(percentage, elapsed_ms) is None


def test_something_is_claimed_from_5_percent_and_2_seconds_on() -> None:
    assert time_left_s(5.0, 2_000) == 38.0


@given(st.floats(5, 100), st.integers(2_000, 10**9))
def test_the_time_left_is_never_negative_and_nothing_at_the_end(percentage: float, elapsed_ms: int) -> None:
    left = time_left_s(percentage, elapsed_ms)
    assert left is not None
    assert left >= 0
    assert time_left_s(100.0, elapsed_ms) == 0.0


def history(*runs: int) -> History:
    made = History()
    for ms in runs:
        made.add(ms)
    return made


def test_nothing_is_known_of_a_type_before_five_of_its_runs() -> None:
    assert not history(1, 2, 3, 4).known
    assert left_ms(history(1, 2, 3, 4), 0, 50.0, 1.0) is None
    assert history(1, 2, 3, 4, 5).known
    assert left_ms(history(1, 2, 3, 4, 5), 0, None, None) == 5


@pytest.mark.parametrize(("runs", "rank"), [(5, 5), (9, 8), (10, 9), (99, 80), (500, 401)])
def test_a_few_runs_promise_no_more_than_they_can(runs: int, rank: int) -> None:
    assert history(*range(1, runs + 1)).likely_ms() == rank


def test_the_longer_a_run_has_lasted_the_more_it_is_like_the_long_ones() -> None:
    of_two_kinds = history(*[10] * 50, *[1_000] * 5)
    assert of_two_kinds.likely_ms() == 10
    assert of_two_kinds.likely_ms(9) == 10
    assert of_two_kinds.likely_ms(10) == 1_000
    assert of_two_kinds.likely_ms(1_000) is None


def test_a_run_longer_than_all_that_are_known_is_not_guessed_about() -> None:
    assert left_ms(history(1, 2, 3, 4, 5), 5, 99.0, 1.0) is None


def test_the_further_a_job_has_come_the_more_its_own_pace_counts() -> None:
    known = history(*[10_000] * 9)
    assert left_ms(known, 4_000, 0.0, 100.0) == 6_000
    assert left_ms(known, 4_000, 50.0, 2.0) == 4_000
    assert left_ms(known, 4_000, 100.0, 0.0) == 0


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=1_200))
def test_only_the_last_500_runs_count(runs: list[int]) -> None:
    known, last = history(*runs), runs[-500:]
    assert len(known) == len(last)
    assert known.median_ms == int(median(last))
    assert known.mean_ms == pytest.approx(fmean(last))
    assert known.variance == pytest.approx(pvariance(last), abs=1e-3)
