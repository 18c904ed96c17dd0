"""What is said of an attempt from outside this process: one vocabulary for child processes, commands and callbacks.

It is checked here once, and then told to the report; it decides nothing.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from jobrunner.engine.report import LONGEST_TEXT, clean
from jobrunner.engine.scopes import Reporter
from jobrunner.errors import Invalid, JobError
from jobrunner.model.document import escape
from jobrunner.model.job import Artifact, Failure, StepStatus

Percentage = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
W = TypeVar("W", bound="Words")


class Report(Reporter, Protocol):
    """A report that can also be asked."""

    @property
    def current_stage(self) -> str | None:
        """Return the stage that has begun and not ended."""

    def artifact_named(self, name: str) -> Artifact | None:
        """Return a file that was kept before."""


class Said(BaseModel):
    """Something said; unknown members are refused, so that a misspelt one is found."""

    model_config = ConfigDict(extra="forbid")


class ProgressSaid(Said):
    """How far something is; durations are seconds."""

    percentage: Percentage | None = None
    current_step: str | None = None
    estimated_time_remaining: Seconds | None = None


class StageSaid(Said):
    """That a stage has begun or ended."""

    name: Name
    status: Literal["processing", "completed"] = "processing"


class ErrorSaid(Said):
    """Why something failed."""

    code: Name
    message: str
    details: dict[str, Any] | None = None
    retryable: bool = True

    def error(self) -> JobError:
        """Return it as a handler would raise it."""
        return JobError(self.code, self.message, details=self.details, retryable=self.retryable)


class PartSaid(ProgressSaid):
    """What there is to say of a part; `artifact` names a file that was kept before."""

    key: Name
    status: Literal["processing", "completed", "failed", "skipped"] | None = None
    stage: Name | None = None
    result: Any = None
    error: ErrorSaid | None = None
    artifact: Name | None = None


class LineSaid(Said):
    """A line of the log."""

    text: str
    level: Literal["debug", "info", "warning", "error"] = "info"


class FileSaid(Said):
    """A file that was made, by its path in the working directory."""

    name: Name
    path: Annotated[str, Field(min_length=1, max_length=4_096)]
    content_type: Annotated[str, Field(pattern=r"^[\x21-\x7e][\x20-\x7e]{0,199}$")] | None = None


class Words(Said):
    """What may be said at once; `result` and `error` end the attempt."""

    progress: ProgressSaid | None = None
    stage: StageSaid | Name | None = None
    part: PartSaid | None = None
    log: LineSaid | str | None = None
    result: Any = None
    error: ErrorSaid | None = None

    @property
    def final(self) -> bool:
        """Tell whether they end the attempt."""
        return self.error is not None or "result" in self.model_fields_set

    def outcome(self) -> Any:
        """Return the result that was said, or raise the error."""
        if self.error is not None:
            raise self.error.error()
        return self.result

    def tell(self, report: Report) -> None:
        """Tell a report everything but the end."""
        if self.stage is not None:
            _tell_stage(self.stage, report)
        if self.progress is not None:
            said = self.progress
            report.progress(said.percentage, said.current_step, said.estimated_time_remaining)
        if self.part is not None:
            _tell_part(self.part, report)
        if self.log is not None:
            line = LineSaid(text=self.log) if isinstance(self.log, str) else self.log
            report.line(line.text, line.level)


class WordsOfCommand(Words):
    """What a program may say, whose files lie in its working directory."""

    artifact: FileSaid | None = None


def words_of(document: Any, kind: type[W] = Words) -> W:  # type: ignore[assignment]
    """Return what a document says; raise Invalid with a pointer for each fault."""
    try:
        return kind.model_validate(document)
    except ValidationError as error:
        faults = [
            ("".join(f"/{escape(step)}" for step in fault["loc"]), fault["msg"])
            for fault in error.errors(include_url=False, include_input=False)
        ]
        raise Invalid("That cannot be said of an attempt.", pointers=faults) from None


def _tell_stage(said: StageSaid | str, report: Report) -> None:
    stage = StageSaid(name=said) if isinstance(said, str) else said
    before = report.current_stage
    if stage.status == "processing" and before == clean(stage.name, LONGEST_TEXT):
        return  # whoever is asked says again and again what goes on
    if stage.status == "processing" and before is not None:
        report.stage(before, StepStatus.COMPLETED)
    report.stage(stage.name, StepStatus(stage.status))


def _tell_part(said: PartSaid, report: Report) -> None:
    error = said.error
    failure = None if error is None else Failure(
        error.code, clean(error.message, LONGEST_TEXT), report.now(), error.retryable, error.details
    )  # fmt: skip
    status = "failed" if said.status is None and failure is not None else said.status
    report.part(
        said.key,
        status=StepStatus.PROCESSING if status is None else StepStatus(status),
        percentage=100.0 if status == "completed" else said.percentage,
        step=said.current_step,
        remaining_s=said.estimated_time_remaining,
        stage=said.stage,
        result=said.result,
        error=failure,
        artifact=None if said.artifact is None else report.artifact_named(said.artifact),
    )
