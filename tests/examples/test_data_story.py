"""The data story as a job: four stages, its artifacts, its errors by category, and what it needs for large files."""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import pytest
from pydantic import ValidationError

from jobrunner import JobError
from jobrunner.examples import data_story
from jobrunner.examples.data_story import Story, StoryRequest, tell_story
from jobrunner.examples.data_story.make_sales import make_csv

SALES = Path(data_story.__file__).with_name("sales.csv")


class Upload(typing.NamedTuple):
    name: str
    filename: str | None
    path: Path


class Stage:
    def __init__(self, notes: list[str], name: str) -> None:
        self.notes, self.name = notes, name

    async def __aenter__(self) -> Self:
        self.notes.append(f"{self.name} begins")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.notes.append(f"{self.name} {'ends' if kind is None else 'fails'}")


class Recording:
    """Has what a handler is given, and notes what it is told; `stop_at` cancels at a percentage."""

    def __init__(self, file: Path, filename: str | None = None, stop_at: float = 1_000) -> None:
        self._upload = Upload("file", filename or file.name, file)
        self.stop_at = stop_at
        self.stages: list[str] = []
        self.percentages: list[float] = []
        self.artifacts: dict[str, tuple[str | None, str]] = {}

    @property
    def cancelled(self) -> bool:
        return bool(self.percentages) and self.percentages[-1] >= self.stop_at

    def upload(self, name: str) -> Upload:
        assert name == self._upload.name
        return self._upload

    def progress(self, percentage: float | None = None, step: str | None = None) -> None:
        del step
        self.percentages.append(percentage or 0.0)

    def stage(self, name: str) -> Stage:
        return Stage(self.stages, name)

    def log(self, text: str, level: str = "info") -> None:
        del text, level

    async def artifact(self, name: str, data: str, content_type: str | None = None) -> None:
        self.artifacts[name] = (content_type, data)

    async def in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.to_thread(function, *args)


async def tell(context: Recording, **request: str) -> Story:
    return await tell_story(typing.cast("Any", context), StoryRequest(**request))


async def test_the_shipped_table_becomes_a_story_with_charts() -> None:
    context = Recording(SALES)
    story = await tell(context)
    assert (story.title, story.columns) == ("Sales", 11)
    assert [chart.kind for chart in story.charts] == ["line", "histogram", "bar", "scatter"]
    assert list(context.artifacts) == [
        "story.html", "statistics.json", "timeline.svg", "distribution.svg", "categories.svg", "correlation.svg",
    ]  # fmt: skip
    assert context.artifacts["story.html"][0] == "text/html"
    assert len(json.loads(context.artifacts["statistics.json"][1])["statistics"]) == 11


async def test_the_stages_follow_each_other_and_progress_only_rises_to_100() -> None:
    context = Recording(SALES)
    await tell(context)
    names = ("analyzing", "generating", "visualizing")
    assert context.stages == [f"{name} {what}" for name in names for what in ("begins", "ends")]
    assert context.percentages == sorted(context.percentages)
    assert (context.percentages[0], context.percentages[-1]) == (0, 100)


async def test_the_same_file_makes_the_same_story() -> None:
    first, second = Recording(SALES), Recording(SALES)
    assert await tell(first) == await tell(second)
    assert first.artifacts == second.artifacts


@pytest.mark.parametrize(
    ("given", "filename", "title"),
    [("My year", "x.csv", "My year"), ("", "my_sales.csv", "My sales"), (" ", "", "Data story"), ("a\nb", "c", "a b")],
)
async def test_the_title_is_the_given_one_or_the_name_of_the_file(given: str, filename: str, title: str) -> None:
    context = Recording(SALES, filename or ".csv")
    assert (await tell(context, heading=given)).title == (title if filename else ".csv")


@pytest.mark.parametrize("stop_at", [0, 30, 60, 85])
async def test_a_cancelled_job_stops_in_whatever_stage_it_is(stop_at: float) -> None:
    context = Recording(SALES, stop_at=stop_at)
    with pytest.raises(asyncio.CancelledError):
        await tell(context)
    assert context.stages[-1].endswith("fails")
    assert not context.artifacts


async def test_a_file_that_is_no_table_fails_in_words_and_is_not_retried(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    context = Recording(tmp_path / "empty.csv")
    with pytest.raises(JobError) as raised:
        await tell(context)
    assert (raised.value.code, raised.value.retryable) == ("PREPROCESSING_ERROR", False)
    assert raised.value.message == "The file is empty. Choose a file that has a header and at least one row of data."
    assert context.stages == ["analyzing begins", "analyzing fails"]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("analyse", "ANALYSIS_ERROR"),
        ("narrate", "NARRATIVE_GENERATION_ERROR"),
        ("illustrate", "VISUALIZATION_ERROR"),
        ("make_page", "VISUALIZATION_ERROR"),
    ],
)
async def test_what_nobody_foresaw_gets_the_category_of_its_stage_and_may_be_retried(
    monkeypatch: pytest.MonkeyPatch, step: str, code: str
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(data_story, step, fail)
    with pytest.raises(JobError) as raised:
        await tell(Recording(SALES))
    assert (raised.value.code, raised.value.retryable) == (code, True)
    assert raised.value.details == {"exception": "ZeroDivisionError"}
    assert "Please try again" in raised.value.message


@pytest.mark.parametrize(
    "request_data", [{"heading": "x" * 121}, {"delimiter": "ab"}, {"delimiter": '"'}, {"delimiter": "a"}, {"other": 1}]
)
def test_a_request_that_makes_no_sense_is_refused(request_data: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        StoryRequest.model_validate(request_data)


async def test_the_result_of_the_worst_table_is_finite_json_below_a_megabyte(tmp_path: Path) -> None:
    draw = random.Random(9)
    names = ["\U0001f600" * 100 + str(at) for at in range(500)]

    def cell(at: int) -> str:
        number = draw.gauss(0, 1) * 10.0 ** draw.randrange(-140, 140)
        return repr(number) if at % 2 else "\U0001f4a9" * 90 + str(draw.randrange(9))

    rows = [[cell(at) for at in range(500)] for _ in range(60)]
    file = tmp_path / "worst.csv"
    file.write_text("\n".join(",".join(row) for row in [names, *rows]), encoding="utf-8")
    story = await tell(Recording(file))
    assert story.columns == 500
    assert len(json.dumps(story.model_dump(), allow_nan=False)) < 1_000_000


def test_the_shipped_table_is_reproduced_byte_for_byte_by_its_script() -> None:
    assert make_csv().encode() == SALES.read_bytes()
    assert SALES.stat().st_size < 500_000


# Runs in a process of its own, so that the peak of memory is this story's alone.
MEASURE = """
import asyncio, resource, sys, time
from pathlib import Path
from types import SimpleNamespace
from contextlib import asynccontextmanager
from jobrunner.examples.data_story import StoryRequest, tell_story
class Context:
    cancelled = False
    def upload(self, name): return SimpleNamespace(path=Path(sys.argv[1]), filename="big.csv")
    def progress(self, *_): pass
    def log(self, *_): pass
    @asynccontextmanager
    async def stage(self, name): yield
    async def in_thread(self, function, *args): return await asyncio.to_thread(function, *args)
    async def artifact(self, *_): pass
begun = time.monotonic()
story = asyncio.run(tell_story(Context(), StoryRequest()))
print(story.rows, time.monotonic() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.parametrize(
    ("megabytes", "seconds"), [(2, 20), pytest.param(100, 300, marks=[pytest.mark.slow])], ids=["short", "100 MB"]
)
def test_a_large_file_is_told_in_time_and_in_bounded_memory(tmp_path: Path, megabytes: int, seconds: float) -> None:
    draw, file, rows = random.Random(4), tmp_path / "big.csv", 0
    with file.open("w", encoding="utf-8") as out:
        out.write("id,day,city,amount,units,price,score,note\n")
        while out.tell() < megabytes * 1_000_000:
            rows += 5_000
            out.writelines(_line(draw, at) for at in range(rows - 5_000, rows))
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file)], capture_output=True, text=True, check=True, timeout=600
    )
    told, took, memory_mb = map(float, done.stdout.split())
    assert told == rows
    assert took < seconds
    assert memory_mb < 600


def _line(draw: random.Random, at: int) -> str:
    units, price = 1 + int(draw.random() * 9), draw.random() * 90
    day = f"{2015 + at % 9}-{1 + at % 12:02}-{1 + at % 28:02}"
    note = "" if draw.random() < 0.1 else str(int(draw.random() * 1e9))
    return f"{at},{day},city {at * 31 % 7},{units * price:.2f},{units},{price:.2f},{draw.random() * 50:.3f},{note}\n"
