"""Figures agree with an independent computation by the standard library."""

from __future__ import annotations

import csv
import io
import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from jobrunner.examples.data_story import analysis as analysis_module
from jobrunner.examples.data_story.analysis import Analysis
from jobrunner.examples.data_story.make_sales import make_csv
from jobrunner.examples.data_story.periods import Period, fitting_period

Analyse = Callable[..., Analysis]
SALES = list(csv.DictReader(io.StringIO(make_csv())))
NUMBERS = ["units", "unit_price", "discount_pct", "revenue", "delivery_hours", "satisfaction"]
DAY = 86_400.0


def numbers(name: str) -> list[float]:
    return [float(row[name]) for row in SALES if row[name]]


@pytest.fixture
def sales(analyse_text: Analyse) -> Analysis:
    return analyse_text(make_csv())


@pytest.mark.parametrize("name", NUMBERS)
def test_the_figures_of_a_column_agree_with_the_standard_library(sales: Analysis, name: str) -> None:
    found, values = sales.column(name), numbers(name)
    assert (found.count, found.missing, found.unique) == (len(values), len(SALES) - len(values), len(set(values)))
    assert (found.min, found.max, found.median) == (min(values), max(values), statistics.median(values))
    assert found.mean == pytest.approx(statistics.mean(values), rel=1e-12)
    assert found.stdev == pytest.approx(statistics.stdev(values), rel=1e-12)
    assert found.quartiles == pytest.approx(statistics.quantiles(values, n=4, method="inclusive"))


def test_every_correlation_agrees_with_the_standard_library(sales: Analysis) -> None:
    assert len(sales.correlations) == 15
    for found in sales.correlations:
        both = [(float(row[found.a]), float(row[found.b])) for row in SALES if row[found.a] and row[found.b]]
        assert found.n == len(both)
        assert found.r == pytest.approx(statistics.correlation(*zip(*both, strict=True)), abs=1e-9)


def test_the_most_frequent_values_of_a_category_are_counted(sales: Analysis) -> None:
    counted = Counter(row["channel"] for row in SALES if row["channel"])
    found = sales.column("channel").top_values
    assert [(top.value, top.count) for top in found] == counted.most_common(5)


def test_totals_by_month_and_by_category_are_of_all_rows(sales: Analysis) -> None:
    months: defaultdict[str, float] = defaultdict(float)
    for row in SALES:
        months[row["order_date"][:7]] += float(row["revenue"])
    series, breakdown = sales.series, sales.breakdowns[0]
    assert series is not None
    assert [point.value for point in series.points] == pytest.approx([months[month] for month in sorted(months)])
    assert all(point.whole for point in series.points)
    best = breakdown.groups[0]
    assert best.sum == pytest.approx(sum(float(row["revenue"]) for row in SALES if row["category"] == best.name))


def test_what_was_put_into_the_shipped_table_is_found_in_it(sales: Analysis) -> None:
    strongest = sales.correlations[0]
    assert (strongest.a, strongest.b, strongest.r < -0.7) == ("delivery_hours", "satisfaction", True)
    assert (sales.measure, sales.total, sales.cleaning.duplicated_rows > 0) == ("revenue", True, True)
    assert {found.column for found in sales.unusual} >= {"units", "delivery_hours"}


def test_an_outlier_names_its_row_as_a_spreadsheet_does(analyse_text: Analyse) -> None:
    lines = ["Title;;", "", "n;word", *(f"{at % 10};x" for at in range(40))]
    lines[20] = "9999;here"
    (found,) = analyse_text("\n".join(lines)).unusual
    assert [(outlier.row, outlier.value) for outlier in found.outliers] == [(21, 9999.0)]
    assert found.count == 1


def test_a_long_upper_end_alone_makes_no_outliers(analyse_text: Analyse) -> None:
    draw = random.Random(5)
    amounts = "".join(f"{draw.lognormvariate(4, 1):.2f}\n" for _ in range(2_000))
    assert not analyse_text("amount\n" + amounts).unusual


def test_numbers_far_from_zero_keep_their_precision(analyse_text: Analyse) -> None:
    values = [1e12 + at % 17 for at in range(5_000)]
    (found,) = analyse_text("n\n" + "".join(f"{value!r}\n" for value in values)).columns
    assert found.stdev == pytest.approx(statistics.stdev(values), rel=1e-9)


def test_a_table_larger_than_the_sample_is_counted_whole_and_says_so(
    analyse_text: Analyse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analysis_module, "_SAMPLE_ROWS", (500, 1_000))
    draw = random.Random(3)
    values = [draw.gauss(50, 10) for _ in range(20_000)]
    text = "a,b\n" + "".join(f"{value!r},{value * 2!r}\n" for value in values)
    found = analyse_text(text)
    a = found.column("a")
    assert (found.rows, a.count, found.cleaning.sampled_rows) == (20_000, 20_000, 1_000)
    assert a.mean == pytest.approx(statistics.mean(values))
    assert a.max == max(values)
    assert a.median == pytest.approx(statistics.median(values), abs=1.5)
    assert [(one.n, round(one.r, 9)) for one in found.correlations] == [(1_000, 1.0)]
    assert found == analyse_text(text)


def test_different_values_are_counted_up_to_a_limit_that_is_told(analyse_text: Analyse) -> None:
    (found,) = analyse_text("n\n" + "".join(f"{at * 7919 % 60_000}.5\n" for at in range(60_000))).columns
    assert (found.unique, found.unique_is_minimum) == (50_000, True)


def test_months_that_the_file_does_not_cover_are_not_compared(analyse_text: Analyse) -> None:
    days = [date(2023, 1, 20) + timedelta(days=passed) for passed in range(600)]
    series = analyse_text("day,sales\n" + "".join(f"{day},1\n" for day in days)).series
    assert series is not None
    assert [point.whole for point in series.points] == [False, *[True] * (len(series.points) - 2), False]


def test_a_month_without_rows_is_nothing_in_a_total_and_a_gap_in_an_average(analyse_text: Analyse) -> None:
    def rows(name: str) -> str:
        return f"day,{name}\n" + "".join(f"{year}-{month:02}-15,4\n" for year in (2023, 2024) for month in (1, 2, 4, 5))

    total, average = analyse_text(rows("sales")).series, analyse_text(rows("temperature")).series
    assert total is not None
    assert average is not None
    assert (total.points[2].value, average.points[2].value) == (0.0, None)


def test_dates_far_from_the_others_do_not_stretch_time(analyse_text: Analyse) -> None:
    days = [str(date(2023, 1, 1) + timedelta(days=passed)) for passed in range(700)]
    series = analyse_text("day,sales\n" + "".join(f"{day},2\n" for day in ["1900-01-01", *days])).series
    assert series is not None
    assert (len(series.points), series.outside) == (23, 1)


@pytest.mark.parametrize(
    ("span", "period"),
    [
        (3_600, "minute"),
        (2 * DAY, "hour"),
        (60 * DAY, "day"),
        (300 * DAY, "week"),
        (900 * DAY, "month"),
        (1e4 * DAY, "year"),
    ],
)
def test_the_period_fits_the_length_of_time(span: float, period: str) -> None:
    assert fitting_period(6e10, 6e10 + span).name == period


@pytest.mark.parametrize("name", ["minute", "hour", "day", "week", "month", "year"])
def test_periods_follow_each_other_without_gap_or_overlap(name: str) -> None:
    period = Period(name)  # type: ignore[arg-type]
    start = period.start(63_839_000_123.0)
    for _ in range(30):
        following = period.next(start)
        assert period.start(following) == following
        assert period.start(following - 1) == start
        start = following


def test_a_week_begins_on_monday() -> None:
    wednesday = date(2024, 5, 15).toordinal() * DAY
    assert date.fromordinal(int(Period("week").start(wednesday) // DAY)).isoweekday() == 1
