"""A CSV or Excel file goes in, a finished data story comes out: figures, charts and plain sentences.

This file is all that has to do with jobrunner: a handler with four stages. The work is done by the modules beside it,
which know files and numbers but no jobs; what they need to know is whether to go on (`check`).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from jobrunner import Context, JobError, Stage, job

from .analysis import Analysis, analyse
from .charts.drawing import Drawing
from .illustration import illustrate
from .narrative import Section, narrate
from .outliers import farthest
from .page import make_page
from .refusal import Check
from .story import DESCRIBED_COLUMNS, Narrative, Story, StoryRequest
from .wording import sentence, tidy

__all__ = ["Story", "StoryRequest", "tell_story"]

STAGES = [
    Stage("uploading", "Uploading", "Your file is on its way."),
    Stage("analyzing", "Analyzing", "The table is cleaned and every column is counted.", "ANALYSIS_ERROR"),
    Stage("generating", "Generating", "The figures are put into sentences.", "NARRATIVE_GENERATION_ERROR"),
    Stage("visualizing", "Visualizing", "Charts are drawn and the story is put together.", "VISUALIZATION_ERROR"),
]


@job(
    "data_story",
    title="Data story",
    stages=STAGES,
    uploads=["file"],
    max_attempts=3,
    max_manual_retries=3,
    timeout="10m",
    default_error_code="PROCESSING_ERROR",
    max_result="1MB",
)
async def tell_story(context: Context, payload: StoryRequest) -> Story:
    """Turn a CSV or Excel file into a story with figures, charts and plain sentences."""
    file = context.upload("file")
    title, source = _title(payload, file.filename), tidy(file.filename or "a file", 120)
    async with _stage(context, "analyzing", 0, 80) as check:
        analysis = await context.in_thread(analyse, file.path, payload, check)
        context.log(
            f"{analysis.rows:,} rows and {len(analysis.columns):,} columns; the story is about {analysis.measure}"
        )
    async with _stage(context, "generating", 80, 85):
        sections = await context.in_thread(narrate, analysis)
    async with _stage(context, "visualizing", 85, 100) as check:
        drawings = await context.in_thread(illustrate, analysis, check)
        page = await context.in_thread(make_page, title, source, analysis, sections, drawings)
        story = _story(title, analysis, sections, drawings)
        await context.artifact("story.html", page, "text/html")
        await context.artifact("statistics.json", _statistics(story, analysis), "application/json")
        for drawing in drawings:
            await context.artifact(f"{drawing.chart.name}.svg", drawing.file, "image/svg+xml")
    return story


class _Stopped(Exception):
    """Somebody asked the job to stop, and the thread that works for it has noticed."""


@asynccontextmanager
async def _stage(context: Context, name: str, start: float, end: float) -> AsyncIterator[Check]:
    """Run a stage between two percentages; what nobody foresaw in it gets the stage's error code and may be retried."""

    def check(fraction: float) -> None:
        if context.cancelled:
            raise _Stopped
        context.progress(start + (end - start) * fraction)

    async with context.stage(name):
        try:
            check(0)
            yield check
        except JobError:
            raise
        except _Stopped:
            raise asyncio.CancelledError from None
        except Exception as error:
            message = f"Something went wrong while {name} your data. Please try again."
            raise JobError(_code(name), message, details={"exception": type(error).__name__}) from error
        context.progress(end)


def _code(name: str) -> str:
    return next((stage.default_error_code for stage in STAGES if stage.name == name), None) or "PROCESSING_ERROR"


def _title(payload: StoryRequest, filename: str | None) -> str:
    given = tidy(payload.heading or "", 120)
    named = Path(filename or "").stem.replace("_", " ")
    return given or sentence(tidy(named, 120)) or "Data story"


def _story(title: str, analysis: Analysis, sections: list[Section], drawings: list[Drawing]) -> Story:
    return Story(
        title=title,
        rows=analysis.rows,
        columns=len(analysis.columns),
        statistics=list(analysis.columns[:DESCRIBED_COLUMNS]),
        correlations=list(analysis.correlations),
        outliers=farthest(analysis.unusual),
        charts=[drawing.chart for drawing in drawings],
        narratives=[_beside(section, drawings) for section in sections],
        cleaning=analysis.cleaning,
    )


def _beside(section: Section, drawings: list[Drawing]) -> Narrative:
    """Return a section's text with the name of its chart, where it has one."""
    drawn = section.subject in {drawing.chart.name for drawing in drawings}
    return section.narrative.model_copy(update={"chart": section.subject if drawn else None})


def _statistics(story: Story, analysis: Analysis) -> str:
    """Return everything that was counted as JSON, of all columns."""
    counted = story.model_copy(update={"statistics": list(analysis.columns)})
    return json.dumps(
        counted.model_dump(exclude={"charts", "narratives"}), ensure_ascii=False, allow_nan=False, indent=1
    )
