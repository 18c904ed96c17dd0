"""Charts are well-formed, named, and their labels do not run into each other, whatever the table holds."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from jobrunner.examples.data_story.analysis import Analysis
from jobrunner.examples.data_story.charts.axes import labels, round_scale
from jobrunner.examples.data_story.charts.bins import make_bins
from jobrunner.examples.data_story.charts.drawing import Drawing
from jobrunner.examples.data_story.charts.svg import Canvas, fit, text_width
from jobrunner.examples.data_story.illustration import illustrate
from jobrunner.examples.data_story.make_sales import make_csv

Analyse = Callable[..., Analysis]
SVG = "{http://www.w3.org/2000/svg}"


def table(amount: Callable[[random.Random], float], names: list[str], days: Callable[[int], str]) -> str:
    draw = random.Random(11)
    rows = (f'{amount(draw)!r},{draw.random()},"{draw.choice(names)}",{days(at)}\n' for at in range(400))
    return "total amount,other,group,day\n" + "".join(rows)


def monthly(at: int) -> str:
    return f"{2015 + at // 12 % 9}-{at % 12 + 1:02}-15"


TABLES = {
    "the shipped one": make_csv(),
    "large numbers": table(lambda draw: draw.random() * 1e12, ["a", "b"], monthly),
    "tiny numbers": table(lambda draw: draw.random() * 1e-9, ["a", "b"], monthly),
    "enormous numbers": table(lambda draw: draw.random() * 1e140, ["a", "b"], monthly),
    "negative numbers": table(lambda draw: -draw.random() * 1e5, ["a", "b"], monthly),
    "numbers of both signs": table(lambda draw: draw.gauss(0, 1), ["a", "b"], monthly),
    "always the same number": table(lambda _: 7.0, ["a", "b"], monthly),
    "nearly the same large number": table(lambda draw: 1e17 + draw.randrange(4), ["a", "b"], monthly),
    "a far end": table(lambda draw: draw.paretovariate(0.8), ["a", "b"], monthly),
    "long and foreign names": table(
        lambda draw: draw.random(), ["W" * 80, "東京都千代田区丸の内一丁目の駅", "é" * 50, "x"], monthly
    ),
    "many groups": table(lambda draw: draw.random(), [f"group number {at}" for at in range(25)], monthly),
    "hours": table(lambda draw: draw.random(), ["a", "b"], lambda at: f"2024-03-0{1 + at % 3} {at % 24:02}:15:00"),
    "days": table(lambda draw: draw.random(), ["a", "b"], lambda at: f"2024-{1 + at % 3:02}-{1 + at % 28:02}"),
    "weeks": table(lambda draw: draw.random(), ["a", "b"], lambda at: f"2024-{1 + at % 12:02}-{1 + at % 28:02}"),
    "years": table(lambda draw: draw.random(), ["a", "b"], lambda at: f"{1900 + at % 120}-06-01"),
}


@pytest.fixture(params=list(TABLES.values()), ids=list(TABLES))
def drawings(request: pytest.FixtureRequest, analyse_text: Analyse) -> list[Drawing]:
    return illustrate(analyse_text(request.param), lambda _: None)


def test_every_table_of_amounts_groups_and_days_gets_its_charts(drawings: list[Drawing]) -> None:
    names = {drawing.chart.name for drawing in drawings}
    assert names >= {"distribution", "categories", "timeline"}


def test_a_chart_is_well_formed_and_has_title_and_description(drawings: list[Drawing]) -> None:
    for drawing in drawings:
        whole = ET.fromstring(drawing.file)
        for svg in (ET.fromstring(drawing.wide), ET.fromstring(drawing.narrow), *whole.findall(f"{SVG}svg")):
            ids = [svg[0].get("id"), svg[1].get("id")]
            assert (svg[0].text, svg[1].text) == (drawing.chart.title, drawing.caption)
            assert svg.get("aria-labelledby") == " ".join(filter(None, ids))
        assert f"{SVG}script" not in {element.tag for element in whole.iter()}


def test_all_places_in_a_chart_are_finite_and_inside(drawings: list[Drawing]) -> None:
    for drawing in drawings:
        for svg in (ET.fromstring(drawing.wide), ET.fromstring(drawing.narrow)):
            width, height = map(float, (svg.get("viewBox") or "").split()[2:])
            for element in svg.iter():
                for x in filter(None, (element.get("x"), element.get("cx"))):
                    assert 0 <= float(x) <= width
                for y in filter(None, (element.get("y"), element.get("cy"))):
                    assert 0 <= float(y) <= height
                assert "nan" not in (element.get("d") or "")
                assert "inf" not in (element.get("d") or "")


def test_texts_in_a_chart_neither_overlap_nor_leave_it(drawings: list[Drawing]) -> None:
    for drawing in drawings:
        for svg in (ET.fromstring(drawing.wide), ET.fromstring(drawing.narrow)):
            width = float((svg.get("viewBox") or "").split()[2])
            boxes = [box(text) for text in svg.iter(f"{SVG}text")]
            assert all(left >= -1 and right <= width + 1 for left, right, _, _ in boxes), drawing.chart
            for (left, right, top, name), (other_left, other_right, other_top, other) in combinations(boxes, 2):
                apart = right <= other_left or other_right <= left or abs(top - other_top) >= 9
                assert apart, (drawing.chart.name, name, other)


def box(text: ET.Element) -> tuple[float, float, float, str]:
    content = text.text or ""
    x, width = float(text.get("x") or 0), text_width(content)
    left = x - {"start": 0.0, "middle": 0.5, "end": 1.0}[text.get("text-anchor") or "start"] * width
    return left, left + width, float(text.get("y") or 0), content


def test_hostile_text_becomes_text() -> None:
    canvas = Canvas(100, 100)
    canvas.text(0, 0, '</text><script>alert("1")</script>')
    svg = ET.fromstring(canvas.svg("n", "<b>", '"&'))
    assert [svg[0].text, svg[1].text, svg[2].text] == ["<b>", '"&', '</text><script>alert("1")</script>']


@pytest.mark.parametrize("values", [[1.0], [0.0], [-5.0, 5.0], [1e140, 2e140], [1e-300], [3.0] * 9, [1e17, 1e17 + 16]])
def test_every_value_is_in_one_bin_or_beyond(values: list[float]) -> None:
    bins = make_bins(values)
    assert sum(bins.counts) + bins.below + bins.above == len(values)


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (-3, 8), (0, 64_158), (99.5, 100.5), (-1e9, -1e8), (0, 3e-7), (5, 5)]
)
def test_ticks_hold_the_range_and_are_named_apart(low: float, high: float) -> None:
    scale, ticks = round_scale(low, high)
    assert scale.low <= low <= high <= scale.high
    assert len(set(labels(ticks))) == len(ticks) >= 3


def test_labels_say_the_size_of_their_numbers() -> None:
    assert labels([0.0, 20_000.0, 40_000.0]) == ["0", "20k", "40k"]
    assert labels([0.0, 0.5, 1.0], "%") == ["0%", "0.5%", "1.0%"]
    assert labels([-1_000_000.0, 0.0], "€") == ["-€1M", "€0"]


def test_a_text_is_shortened_until_it_fits() -> None:
    assert fit("short", 100) == "short"
    assert text_width(fit("a very long text indeed", 60)) <= 60
