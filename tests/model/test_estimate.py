"""The time left."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobrunner.model.estimate import time_left_s


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
