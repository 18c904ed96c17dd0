"""The wait between two attempts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jobrunner.model.backoff import Backoff

EVEN = Backoff(first_ms=1_000, factor=2.0, max_ms=60_000, jitter=0.0)
CHANCES = st.floats(0, 1, exclude_max=True)


def test_the_wait_doubles_up_to_its_bound() -> None:
    waits = [EVEN.delay_ms(failures, 0.5) for failures in range(1, 9)]
    assert waits == [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]


@given(st.integers(1, 60), CHANCES)
def test_jitter_spreads_the_wait_over_its_share_and_no_further(failures: int, chance: float) -> None:
    wait = Backoff(1_000, 2.0, 60_000, 0.2).delay_ms(failures, chance)
    even = EVEN.delay_ms(failures, 0.5)
    assert 0.8 * even - 1 <= wait <= 1.2 * even + 1


def test_jitter_reaches_both_ends() -> None:
    spread = Backoff(1_000, 2.0, 60_000, 0.2)
    assert spread.delay_ms(1, 0.0) == 800
    assert spread.delay_ms(1, 0.5) == 1_000
    assert spread.delay_ms(1, 0.999_999) == 1_200


@given(st.integers(1, 10**30), CHANCES)
def test_any_number_of_failures_has_a_finite_wait(failures: int, chance: float) -> None:
    assert 0 <= Backoff().delay_ms(failures, chance) <= 720_000


def test_a_million_failures_wait_for_the_longest_time() -> None:
    assert EVEN.delay_ms(10**6, 0.5) == 60_000
