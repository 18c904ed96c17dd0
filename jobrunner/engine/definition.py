"""Types that the configuration defines by itself: a service or a program does their work, and no Python is needed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter

from jobrunner.config import DefinitionSettings, StageSettings, TypeSettings
from jobrunner.engine.command import command_of
from jobrunner.engine.job_type import JobType, Mode, Service, Stage
from jobrunner.engine.parameters import payload_of, payload_with
from jobrunner.errors import ConfigError

# What only such a type can say; the rest can be said of any.
DEFINING = frozenset(DefinitionSettings.model_fields) - {"title", "description"}
ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)


def defines(said: TypeSettings) -> bool:
    """Tell whether the configuration says who does the work."""
    return said.url is not None or said.command is not None


def defined(name: str, said: TypeSettings) -> JobType:
    """Return the type as it is defined, its options left at their defaults; raise ConfigError."""
    job_type = JobType(
        name=name, mode=Mode.SERVICE, payload=payload_of(name, said.payload), result=ANYTHING, title=name,
        stages=tuple(_stage(each) for each in said.stages), uploads=said.uploads,
    )  # fmt: skip
    return replace(job_type, service=_service(said)) if said.command is None else _by_command(job_type, said)


def check_override(name: str, said: TypeSettings) -> None:
    """Raise ConfigError where the configuration defines what a @job has defined already."""
    for setting in sorted(DEFINING & said.model_fields_set):
        raise ConfigError(f"types.{name}.{setting}", "a @job of this name is imported, which says that itself")


def _by_command(job_type: JobType, said: TypeSettings) -> JobType:
    """Return the type as a program serves it, with the uploads and the payload that its placeholders ask for."""
    command, places = command_of(said), said.placeholders
    files = tuple(dict.fromkeys(place.name for place in places if place.kind == "upload"))
    members = {place.steps for place in places if place.kind == "payload"}
    return replace(
        job_type, mode=Mode.COMMAND, command=command, unavailable=command.missing,
        uploads=said.uploads if "uploads" in said.model_fields_set else files,
        payload=payload_with(members) if said.payload is None else job_type.payload,
    )  # fmt: skip


def _service(said: TypeSettings) -> Service:
    assert said.url is not None  # noqa: S101 - `defines` has been asked; for the type checker
    return Service(
        url=said.url, cancel_url=said.cancel_url, headers=said.headers, report_timeout=said.report_timeout
    )  # fmt: skip


def _stage(said: StageSettings) -> Stage:
    return Stage.declared(Stage(said.name, said.label, said.description))
