"""Durations in bins."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobrunner.model.histogram import LAST_BIN, bin_of, middle_s, percentile_s

DURATIONS = st.integers(1, 10**12)


@given(DURATIONS)
def test_the_middle_of_its_bin_is_within_five_percent_of_a_duration(ms: int) -> None:
    assert 0.95 < middle_s(bin_of(ms)) / (ms / 1000) < 1.05


@given(DURATIONS, DURATIONS)
def test_a_longer_duration_is_never_in_a_lower_bin(one: int, other: int) -> None:
    assert (bin_of(one) <= bin_of(other)) == (one <= other) or bin_of(one) == bin_of(other)


@pytest.mark.parametrize("ms", [0, -5])
def test_less_than_a_millisecond_is_nothing(ms: int) -> None:
    assert bin_of(ms) == 0
    assert middle_s(0) == 0.0


def test_no_duration_is_too_long_for_the_last_bin() -> None:
    assert bin_of(2**64) == LAST_BIN


@given(st.lists(DURATIONS, min_size=1, max_size=200), st.sampled_from([0.5, 0.95]))
def test_a_percentile_is_that_of_the_durations_to_five_percent(found: list[int], share: float) -> None:
    exact = sorted(found)[-(-int(share * 100) * len(found) // 100) - 1] / 1000
    told = percentile_s(Counter(bin_of(ms) for ms in found), share)
    assert told is not None
    assert 0.95 < told / exact < 1.05


def test_of_nothing_there_is_no_percentile() -> None:
    assert percentile_s({}, 0.5) is None
    assert percentile_s({3: 0}, 0.5) is None
