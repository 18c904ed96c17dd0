"""One kind of job: how its attempts run, what it takes and returns, and its options. It registers and runs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import Any, Literal, Self

from pydantic import SecretBytes, TypeAdapter

from jobrunner.config.units import parse_duration
from jobrunner.engine.admission import Admission
from jobrunner.engine.command import Command
from jobrunner.errors import ConfigError
from jobrunner.model import job as model
from jobrunner.model.backoff import Backoff

Handler = Callable[..., Any]
Parts = Callable[[Any], Iterable[str] | Mapping[str, str]]


class Mode(StrEnum):
    """How the attempts of a type run."""

    COROUTINE = "coroutine"  # on the event loop
    THREAD = "thread"
    PROCESS = "process"  # a Python handler in a child process
    COMMAND = "command"  # a program
    SERVICE = "service"  # somebody else's, over HTTP


def check_importable(name: str, handler: Handler) -> None:
    """Raise ConfigError for the handler of a type when another process has no way to it."""
    if handler.__module__ == "__main__" or "<" in handler.__qualname__:
        detail = f"a child process cannot import {handler.__module__}.{handler.__qualname__}; move it to a module"
        raise ConfigError(f"types.{name}", detail)


@dataclass(frozen=True, slots=True)
class Stage:
    """A step that a type declares. An exception inside it that is no JobError gets its `default_error_code`.

    An attempt that is in it for longer than its `timeout`, such as "30s", has failed.
    """

    name: str
    label: str = ""
    description: str | None = None
    default_error_code: str | None = None
    timeout: str | timedelta | None = None

    @property
    def timeout_s(self) -> float | None:
        """Return its time limit in seconds."""
        limit = parse_duration(self.timeout) if isinstance(self.timeout, str) else self.timeout
        return None if limit is None else limit.total_seconds()

    @classmethod
    def declared(cls, stage: Self | str) -> Self:
        """Return a stage with a label for people."""
        stage = cls(stage) if isinstance(stage, str) else stage
        _ = stage.timeout_s  # a wrong one is found where it is declared
        return stage if stage.label else replace(stage, label=stage.name.replace("_", " ").capitalize())


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Who does the work of a type over HTTP: where to ask, what to send along, how long it may say nothing."""

    url: str
    cancel_url: str | None = None
    headers: Mapping[str, SecretBytes] = field(default_factory=dict)
    report_timeout: timedelta = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobType:
    """One kind of job. `payload` and `result` are what pydantic makes of the handler's annotations.

    `unavailable` says why it cannot run here, and what to do about it. `memory` is in bytes, `cpu_time` of one attempt;
    both bound a child process. `routes` are addresses of its own; what is sent there is the payload, or holds it as
    `envelope`. Results are given again for `cache_ttl`. An `admission_url` comes before an `admission`.
    """

    name: str
    mode: Mode
    payload: TypeAdapter[Any]
    result: TypeAdapter[Any]
    handler: Handler | None = None
    service: Service | None = None
    command: Command | None = None
    title: str = ""
    description: str | None = None
    queue: str = "default"
    priority: int = 5
    stages: tuple[Stage, ...] = ()
    uploads: tuple[str, ...] = ()
    parts: Parts | None = None
    max_attempts: int = 1
    max_manual_retries: int | None = None
    timeout: timedelta | None = None
    deadline: timedelta | None = None
    backoff: Backoff = field(default_factory=Backoff)
    poll_interval: timedelta = timedelta(seconds=2)
    on_interrupt: Literal["retry", "fail"] = "retry"
    max_result: int = 1_000_000
    default_error_code: str = "UNEXPECTED_ERROR"
    unavailable: str | None = None
    memory: int | None = None
    cpu_time: timedelta | None = None
    routes: tuple[str, ...] = ()
    envelope: str | None = None
    cache_ttl: timedelta | None = None
    admission: Admission | None = None
    admission_url: str | None = None
    admission_secret: SecretBytes | None = None
    admission_timeout: timedelta = timedelta(seconds=10)

    @property
    def stoppable(self) -> bool:
        """Tell whether an attempt ends when its asyncio task is cancelled; a thread can only be asked to."""
        return self.mode is not Mode.THREAD

    @property
    def kills(self) -> bool:
        """Tell whether what does not stop when it is asked to is killed."""
        return self.mode in {Mode.PROCESS, Mode.COMMAND}

    @property
    def survives(self) -> bool:
        """Tell whether its attempts go on elsewhere when this process ends, and are taken up again by the next one."""
        return self.mode is Mode.SERVICE

    @property
    def origin(self) -> str:
        """Return where it is defined, for messages."""
        if self.handler is None:
            return "the configuration"
        return f"{self.handler.__module__}.{self.handler.__qualname__}"

    def fresh_stages(self) -> tuple[model.Stage, ...]:
        """Return the stages of a new job."""
        return tuple(model.Stage(stage.name, stage.label, stage.description) for stage in self.stages)

    def fresh_parts(self, payload: Any) -> tuple[model.Part, ...]:
        """Return the parts of a new job, which a validated payload may name."""
        if self.parts is None:
            return ()
        named = self.parts(payload)
        pairs = named.items() if isinstance(named, Mapping) else ((key, key) for key in named)
        return tuple(model.Part(key, label) for key, label in pairs)

    def stage_timeout_s(self, name: str | None) -> float | None:
        """Return the time limit of a stage in seconds, None where it has none."""
        return next((stage.timeout_s for stage in self.stages if stage.name == name), None)

    def error_code(self, stage: str | None) -> str:
        """Return the code of an exception that says none itself, inside a stage."""
        codes = {each.name: each.default_error_code for each in self.stages}
        return codes.get(stage or "") or self.default_error_code
