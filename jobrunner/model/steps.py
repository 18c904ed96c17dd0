"""What becomes of the stages and parts of a job when it is moved: pure functions from all of them to the next ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from jobrunner.model.job import Artifact, Part, Stage, StepStatus

UPLOADING = "uploading"  # a first stage of this name is driven by the server, not by the handler


def fresh_stages(stages: Iterable[Stage]) -> tuple[Stage, ...]:
    """Return the stages as nothing had happened, except that files once received stay received."""
    return tuple(
        stage if stage.name == UPLOADING else Stage(stage.name, stage.label, stage.description) for stage in stages
    )


def fresh_parts(parts: Iterable[Part], only: str | None = None) -> tuple[Part, ...]:
    """Return the parts with those to be done that have not completed, or with just one of them."""
    return tuple(
        Part(part.key, part.label) if part.status is not StepStatus.COMPLETED and only in {None, part.key} else part
        for part in parts
    )


def kept_artifacts(parts: Iterable[Part]) -> tuple[Artifact, ...]:
    """Return the files of the parts that have completed, which outlive the attempt."""
    kept = (part.artifact for part in parts if part.status is StepStatus.COMPLETED)
    return tuple(artifact for artifact in kept if artifact is not None)


def begin_uploading(stages: Iterable[Stage], now: int) -> tuple[Stage, ...]:
    """Return the stages while files are awaited."""
    return tuple(
        replace(stage, status=StepStatus.PROCESSING, started_at=now) if stage.name == UPLOADING else stage
        for stage in stages
    )


def finish_uploading(stages: Iterable[Stage], now: int) -> tuple[Stage, ...]:
    """Return the stages when all files are there."""
    return tuple(
        replace(stage, status=StepStatus.COMPLETED, started_at=stage.started_at or now, completed_at=now)
        if stage.name == UPLOADING
        else stage
        for stage in stages
    )


def settle_stages(stages: Iterable[Stage], begun: StepStatus, untouched: StepStatus, now: int) -> tuple[Stage, ...]:
    """Return the stages at the end of an attempt: what had begun ends as `begun`, the rest is `untouched`."""
    ends = {StepStatus.PROCESSING: begun, StepStatus.QUEUED: untouched}
    return tuple(
        replace(stage, status=ends[stage.status], completed_at=now if stage.started_at else None)
        if stage.status in ends
        else stage
        for stage in stages
    )


def settle_parts(parts: Iterable[Part], begun: StepStatus, untouched: StepStatus) -> tuple[Part, ...]:
    """Return the parts at the end of an attempt, as `settle_stages` does."""
    ends = {StepStatus.PROCESSING: begun, StepStatus.QUEUED: untouched}
    return tuple(
        replace(part, status=ends[part.status], remaining_s=None) if part.status in ends else part for part in parts
    )
