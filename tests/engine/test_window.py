"""A sliding window: each use counts for exactly as long as the window is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobrunner.engine.window import EXACT, Limit, Window

MINUTE = Limit("submissions-minute", 5, 60_000)
STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "give", "wait"]), st.integers(0, 40_000), st.integers(0, 7)), max_size=40
)


@given(STEPS)
def test_a_window_is_what_a_list_of_all_uses_says(steps: list[tuple[str, int, int]]) -> None:
    window, now, uses = Window(MINUTE), 0, list[tuple[int, int]]()
    for what, later, amount in steps:
        now += later
        uses = [(until, n) for until, n in uses if until > now]
        used = sum(n for _, n in uses)
        wait_ms = window.wait_ms(now, amount)
        assert (wait_ms is None) is (amount > MINUTE.quota)
        if wait_ms is not None:
            assert (wait_ms == 0) is (used + amount <= MINUTE.quota)
            assert sum(n for until, n in uses if until > now + wait_ms) + amount <= MINUTE.quota
        if wait_ms:
            assert sum(n for until, n in uses if until >= now + wait_ms) + amount > MINUTE.quota
        if what == "take" and wait_ms == 0:
            uses.append((window.take(now, amount), amount))
        elif what == "give" and uses:
            window.give_back(*uses.pop(amount % len(uses)))
        assert window.used == sum(n for _, n in uses)


def test_a_use_ends_to_the_millisecond_and_not_before() -> None:
    window = Window(MINUTE)
    window.take(1_000, 5)
    assert window.wait_ms(1_000, 1) == 60_000
    assert [window.wait_ms(60_999, 1), window.used] == [1, 5]
    assert [window.wait_ms(61_000, 1), window.used] == [0, 0]


def test_room_for_several_is_there_when_enough_uses_have_ended() -> None:
    window = Window(MINUTE)
    for at in (0, 10, 20, 30, 40):
        window.take(at, 1)
    assert [window.wait_ms(50, amount) for amount in (1, 3, 5, 6)] == [59_950, 59_970, 59_990, None]
    assert window.next_ms(50) == 59_950


def test_what_is_given_back_leaves_nothing_in_memory_however_often() -> None:
    window = Window(MINUTE)
    for at in range(10_000):
        window.give_back(window.take(at, 1), 1)
    assert [window.used, len(window._uses)] == [0, 0]
    window.give_back(123, 1)
    assert window.used == 0


@pytest.mark.parametrize("quota", [EXACT, EXACT + 1, 1_000_000])
def test_a_window_never_holds_more_than_10_000_uses_and_never_ends_one_too_early(quota: int) -> None:
    hour = Limit("submissions-hour", quota, 3_600_000)
    window = Window(hour)
    for at in range(0, 3_600_000, 30):
        if window.wait_ms(at, 1) == 0:
            until = window.take(at, 1)
            assert 0 <= until - at - hour.span_ms <= hour.span_ms // EXACT
    assert len(window._uses) <= EXACT + 1


def test_uses_of_before_are_remembered_until_newer_ones_fill_the_limit() -> None:
    window, now = Window(MINUTE), 1_000_000
    for age_ms, amount in ((0, 1), (10_000, 2), (59_999, 1), (60_000, 9), (70_000, 9)):
        window.remember(now, age_ms, amount)
    assert [window.used, window.wait_ms(now, 2)] == [4, 1]
    full = Window(MINUTE)
    for age_ms in range(1_000):
        full.remember(now, age_ms, 2)
    assert [full.used, len(full._uses), full.wait_ms(now, 1)] == [6, 3, 59_998]
