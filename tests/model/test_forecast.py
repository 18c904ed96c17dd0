"""When places of a queue are served."""

from __future__ import annotations

import pytest

from jobrunner.model.estimate import History
from jobrunner.model.forecast import Forecast, Mix, spread

MADE_AT = 1_000_000


def history(*runs: int) -> History:
    made = History()
    for ms in runs:
        made.add(ms)
    return made


EQUAL = history(*[1_000] * 9)


def starts(forecast: Forecast, places: int) -> list[int]:
    return [forecast.start(place) - MADE_AT for place in range(1, places + 1)]


def test_equal_jobs_start_one_after_the_other_on_each_slot() -> None:
    assert starts(Forecast(MADE_AT, [500, 0], 0.0, Mix.of([(EQUAL, 7)])), 5) == [0, 500, 1_000, 1_500, 2_000]


def test_the_order_of_questions_changes_no_answer() -> None:
    forecast = Forecast(MADE_AT, [300, 100, 200], 0.0, Mix.of([(EQUAL, 3)]))
    assert forecast.start(9) == Forecast(MADE_AT, [300, 100, 200], 0.0, Mix.of([(EQUAL, 3)])).start(9)
    assert starts(forecast, 9) == sorted(starts(forecast, 9))


def test_equal_jobs_leave_no_doubt_and_others_leave_more_the_further_behind() -> None:
    certain = Forecast(MADE_AT, [0], 0.0, Mix.of([(EQUAL, 1)]))
    assert certain.completion(3, EQUAL) == MADE_AT + 3_000
    mixed = Mix.of([(EQUAL, 1), (history(*[9_000] * 9), 1)])
    assert mixed.mean_ms == 5_000
    doubtful = Forecast(MADE_AT, [0], 0.0, mixed)
    margins = [doubtful.completion(place, EQUAL) - doubtful.start(place) - 1_000 for place in (1, 2, 10)]
    assert margins == sorted(margins)
    assert margins[0] == 0 < margins[1]


def test_several_running_jobs_end_one_by_one_and_together_take_what_is_usual() -> None:
    uneven = history(*range(100, 10_100, 100))
    rests = spread([(uneven, 0)] * 8)
    assert len(set(rests)) == 8
    assert sum(rests) == pytest.approx(8 * uneven.mean_ms)
    assert spread([]) == []
