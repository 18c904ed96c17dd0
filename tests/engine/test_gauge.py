"""Progress as programs print it for people."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from jobrunner.engine.execution.gauge import Reading, gauge_of

LINES: list[tuple[Any, list[str], Any]] = [
    ("percent", ["12.5 % done", "nothing"], 12.5),
    ("percent", ["[download]  7% of 10.00MiB at 3 %"], 7),
    ("percent", ["12,5 %"], 12.5),
    ("percent", ["120 %", "1.2.3%", "x%"], None),
    ("percent", ["3 %", "120 %"], 3),
    ("ffmpeg", ["time=00:00:10.00"], None),
    ("ffmpeg", ["Duration: N/A, start", "time=00:00:10.00"], None),
    ("ffmpeg", ["Duration: 00:00:00.00", "time=00:00:10.00"], None),
    ("ffmpeg", ["  Duration: 01:00:00.50, bitrate", "frame= 1 time=00:30:00.25 speed=2x"], 50),
    ("ffmpeg", ["Duration: 00:00:10.00", "Duration: 00:00:20.00", "out_time=00:00:05.000000"], 25),
    ("ffmpeg", ["Duration: 00:00:10.00", "time=N/A", "time=-00:00:01.00"], None),
    ("ffmpeg", ["Duration: 00:00:10.00", "time=00:00:11.00"], 100),
    (re.compile("p=(?P<percentage>.*)"), ["p=7", "p=seven", "p=nan", "p=-1"], 7),
    (re.compile(r"(?P<done>\d+)/(?P<total>\d+)"), ["1/4", "1/0"], 25),
    (re.compile(r"(?P<done>\d+)(/(?P<total>\d+))?"), ["1"], None),
]


@pytest.mark.parametrize(("said", "lines", "percentage"), LINES)
def test_the_last_line_that_says_how_far_it_is_counts(said: Any, lines: list[str], percentage: float | None) -> None:
    expected = None if percentage is None else Reading(percentage)
    assert gauge_of(said).read(lines) == expected


def test_a_step_may_stand_alone() -> None:
    gauge = gauge_of(re.compile("^== (?P<step>.+)"))
    assert gauge.read(["== gluing", "glued"]) == Reading(None, "gluing")


@pytest.mark.parametrize("way", ["percent", "ffmpeg"])
@pytest.mark.parametrize("piece", ["1", "1.", "1,1", " ", "Duration: 0", "time=00:00:", "out_time=", "00:"])
def test_hostile_lines_take_no_time(way: str, piece: str) -> None:
    gauge = gauge_of(way)
    before_s = time.thread_time()
    gauge.read([(piece * 1_000_000)[:1_000_000]] * 10)
    assert time.thread_time() - before_s < 0.1
