"""When a call is made again, and after how long."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from jobrunner.client.patience import Patience
from jobrunner.client.problem import retry_after_s
from jobrunner.errors import Problem, Unreachable

GONE = Unreachable("gone")


def problem(status: int, advice_s: float | None = None) -> Problem:
    return Problem(status, "code", "title", "detail", retry_after_s=advice_s)


def test_it_waits_half_a_second_doubling_to_ten() -> None:
    patience = Patience(None, chance=lambda: 0.5)

    assert [patience.delay_s(GONE) for _ in range(7)] == [0.5, 1, 2, 4, 8, 10, 10]


@pytest.mark.parametrize(("chance", "delay_s"), [(0.0, 0.4), (1.0, 0.6)])
def test_each_wait_is_a_fifth_shorter_or_longer(chance: float, delay_s: float) -> None:
    assert Patience(chance=lambda: chance).delay_s(GONE) == pytest.approx(delay_s)


def test_a_success_begins_anew() -> None:
    patience = Patience(chance=lambda: 0.5)
    assert [patience.delay_s(GONE), patience.delay_s(GONE)] == [0.5, 1]
    patience.success()

    assert [patience.delay_s(GONE), patience.delay_s(GONE), patience.delay_s(GONE)] == [0.5, 1, 2]


def test_endless_patience_outlasts_a_week_of_failures() -> None:
    patience = Patience(None, chance=lambda: 0.5)
    assert {patience.delay_s(GONE) for _ in range(100_000)} == {0.5, 1, 2, 4, 8, 10}


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(status: int) -> None:
    assert Patience().delay_s(problem(status)) > 0


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 409, 410, 413, 422])
@pytest.mark.parametrize("tries", [3, None])
def test_a_refusal_is_not(status: int, tries: int | None) -> None:
    with pytest.raises(Problem):
        Patience(tries).delay_s(problem(status))


def test_a_retry_after_wins_when_it_is_longer_than_the_backoff() -> None:
    patience = Patience(chance=lambda: 0.5)

    assert [patience.delay_s(problem(503, 30)), patience.delay_s(problem(503, 0))] == [30, 1]


def test_only_endless_patience_waits_longer_than_a_minute() -> None:
    assert Patience(None).delay_s(problem(503, 600)) == 600
    with pytest.raises(Problem):
        Patience().delay_s(problem(503, 600))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("Sun, 22 Nov 2026 10:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 09:00:00 GMT", 0),
        ("soon", None),
        ("-3", None),
        (None, None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, datetime(2026, 11, 22, 10, 0, tzinfo=UTC)) == seconds
