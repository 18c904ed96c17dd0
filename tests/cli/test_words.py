"""Numbers and times as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobrunner.cli import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-1, "0.0 s"),
        (0.44, "0.4 s"),
        (9.96, "10.0 s"),
        (59.6, "1 min"),
        (61, "1 min 1 s"),
        (3600, "1 h"),
        (3661, "1 h 1 min"),
        (86_400 + 61, "1 d"),
        (90_000, "1 d 1 h"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, ""), (0.2, "almost done"), (7.4, "7 s left"), (120, "2 min left"), (12.4, "12 s left")],
)
def test_time_left_has_no_tenths(seconds: float | None, said: str) -> None:
    assert words.time_left(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (None, ""),
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (183_221, "183 kB"),
        (999_600, "1.0 MB"),
        (10**16, "10000 TB"),
    ],
)
def test_a_size_counts_in_thousands(count: int | None, said: str) -> None:
    assert words.size(count) == said


@pytest.mark.parametrize(("percentage", "said"), [(None, ""), (0, "0 %"), (99.99, "99 %"), (100.0, "100 %")])
def test_a_percentage_reaches_a_hundred_only_at_the_end(percentage: float | None, said: str) -> None:
    assert words.percent(percentage) == said


def test_between_two_times_is_a_duration_and_nothing_while_one_is_missing() -> None:
    assert words.between("2026-11-22T10:00:00.000Z", "2026-11-22T10:03:20Z") == "3 min 20 s"
    assert words.between("2026-11-22T10:00:00Z", None) == ""


@given(st.floats(0, 1e9))
def test_no_duration_is_left_without_words(seconds: float) -> None:
    assert words.duration(seconds).split()[0] not in {"0", ""}
