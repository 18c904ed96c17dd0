"""The order key."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobrunner.model.rank import rank
from tests.model.jobs import NOW

PRIORITIES = st.integers(0, 9)
YEAR_MS = 365 * 24 * 3600 * 1000


def test_a_step_of_priority_is_a_head_start_of_so_many_seconds() -> None:
    early = rank(NOW, 5, seconds_per_priority=60)
    assert rank(NOW + 60_000, 6, seconds_per_priority=60) == early
    assert rank(NOW + 59_999, 6, seconds_per_priority=60) < early < rank(NOW + 60_001, 6, seconds_per_priority=60)


@given(PRIORITIES, PRIORITIES, st.integers(0, 3600))
def test_nothing_starves_because_nine_steps_are_all_that_can_be_gained(mine: int, other: int, step: int) -> None:
    later = NOW + 9 * step * 1000 + 1
    assert rank(NOW, mine, seconds_per_priority=step) < rank(later, other, seconds_per_priority=step)


@given(PRIORITIES)
def test_with_equal_priorities_the_earlier_runs_first(priority: int) -> None:
    for strict in (False, True):
        first = rank(NOW, priority, seconds_per_priority=60, strict=strict)
        assert first < rank(NOW + 1, priority, seconds_per_priority=60, strict=strict)


@given(PRIORITIES, PRIORITIES, st.integers(0, 100 * YEAR_MS), st.integers(0, 100 * YEAR_MS))
def test_a_strict_priority_wins_over_any_wait(low: int, high: int, waited: int, came: int) -> None:
    if low < high:
        ahead = rank(NOW + came, high, seconds_per_priority=60, strict=True)
        assert ahead < rank(NOW - waited, low, seconds_per_priority=60, strict=True)


def test_every_rank_fits_into_64_bits() -> None:
    for priority in (0, 9):
        assert abs(rank(2**48, priority, seconds_per_priority=10**6)) < 2**63
        assert rank(2**48, priority, seconds_per_priority=60, strict=True) < 2**63
