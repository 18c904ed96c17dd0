"""The job types that are served: each with its handler, the model of its payload, and its options.

`@job` notes a handler and returns it unchanged; what the configuration says of a type wins over the decorator.
"""

from __future__ import annotations

import importlib
import inspect
import re
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

from jobrunner.config import BackoffSettings, Settings, TypeSettings
from jobrunner.config.units import parse_duration, parse_size
from jobrunner.errors import ConfigError
from jobrunner.model import job as model
from jobrunner.model.backoff import Backoff
from jobrunner.model.rank import HIGHEST_PRIORITY

Handler = Callable[..., Any]
F = TypeVar("F", bound=Handler)

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Stage:
    """A step that a type declares. An exception inside it that is no JobError gets its `default_error_code`."""

    name: str
    label: str = ""
    description: str | None = None
    default_error_code: str | None = None


Parts = Callable[[Any], Iterable[str] | Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobType:
    """One kind of job. `payload` and `result` are what pydantic makes of the handler's annotations."""

    name: str
    handler: Handler
    is_coroutine: bool
    payload: TypeAdapter[Any]
    result: TypeAdapter[Any]
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

    def error_code(self, stage: str | None) -> str:
        """Return the code of an exception that says none itself, inside a stage."""
        codes = {each.name: each.default_error_code for each in self.stages}
        return codes.get(stage or "") or self.default_error_code


class Registry:
    """The types by name."""

    def __init__(self, types: Iterable[JobType] = ()) -> None:
        """Hold some types."""
        self._types = {each.name: each for each in types}

    def add(self, job_type: JobType) -> None:
        """Take a type; one name serves one handler, but a module may be imported again."""
        known = self._types.get(job_type.name)
        if known is not None and known.handler.__qualname__ != job_type.handler.__qualname__:
            raise ConfigError(f"types.{job_type.name}", f"both {_where(known)} and {_where(job_type)} serve it")
        self._types[job_type.name] = job_type

    def get(self, name: str) -> JobType | None:
        """Return a type, or None when it is not served."""
        return self._types.get(name)

    def __iter__(self) -> typing.Iterator[JobType]:
        """Go through the types by name."""
        return iter(sorted(self._types.values(), key=lambda each: each.name))

    def configured(self, settings: Mapping[str, TypeSettings]) -> Registry:
        """Return the registry as the configuration has it; raise ConfigError for a type that nobody serves."""
        for name in settings:
            if name not in self._types:
                served = ", ".join(sorted(self._types)) or "none"
                raise ConfigError(f"types.{name}", f"no imported module has a @job of this name; served: {served}")
        return Registry(_override(each, settings.get(each.name)) for each in self._types.values())


DEFAULT = Registry()


def load_types(settings: Settings, registry: Registry = DEFAULT) -> Registry:
    """Import the modules that the configuration names and return the types they serve; raise ConfigError."""
    for name in settings.workers.imports:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise ConfigError("workers.imports", f"{name!r} cannot be imported: {error}") from error
    return registry.configured(settings.types)


def job(
    name: str,
    *,
    title: str = "",
    queue: str = "default",
    priority: int = 5,
    stages: Sequence[Stage | str] = (),
    uploads: Sequence[str] = (),
    parts: Parts | None = None,
    max_attempts: int = 1,
    max_manual_retries: int | None = None,
    timeout: str | timedelta | None = None,
    deadline: str | timedelta | None = None,
    backoff: Backoff | None = None,
    poll_interval: str | timedelta = "2s",
    on_interrupt: Literal["retry", "fail"] = "retry",
    max_result: str | int = "1MB",
    default_error_code: str = "UNEXPECTED_ERROR",
    registry: Registry = DEFAULT,
) -> Callable[[F], F]:
    """Serve jobs of a type by the decorated function, which is returned unchanged.

    The annotation of its second parameter is the schema of the payload, its return annotation that of the result. A
    coroutine function runs on the event loop, any other in a thread. Raises ConfigError when the options or
    annotations make no sense.
    """
    _check_options(name, priority=priority, max_attempts=max_attempts, max_manual_retries=max_manual_retries)

    def register(handler: F) -> F:
        payload, result = _adapters(name, handler)
        registry.add(
            JobType(
                name=_checked_name(name), handler=handler, is_coroutine=inspect.iscoroutinefunction(handler),
                payload=payload, result=result, title=title or name, description=inspect.getdoc(handler), queue=queue,
                priority=priority, stages=tuple(_stage(stage) for stage in stages), uploads=tuple(uploads),
                parts=parts, max_attempts=max_attempts, max_manual_retries=max_manual_retries,
                timeout=_duration(timeout), deadline=_duration(deadline), backoff=backoff or Backoff(),
                poll_interval=_duration(poll_interval) or timedelta(seconds=2), on_interrupt=on_interrupt,
                max_result=parse_size(max_result) if isinstance(max_result, str) else max_result,
                default_error_code=default_error_code,
            )
        )  # fmt: skip
        return handler

    return register


def _check_options(name: str, *, priority: int, max_attempts: int, max_manual_retries: int | None) -> None:
    if not 0 <= priority <= HIGHEST_PRIORITY:
        raise ConfigError(f"types.{name}", f"priority is a whole number from 0 to {HIGHEST_PRIORITY}, not {priority}")
    if max_attempts < 1 or (max_manual_retries or 0) < 0:
        raise ConfigError(f"types.{name}", "max_attempts is at least 1, max_manual_retries at least 0")


def _checked_name(name: str) -> str:
    if NAME.fullmatch(name):
        return name
    raise ConfigError(f"types.{name}", "a name is 1 to 100 letters, digits, '_', '.', '-', and begins with a letter")


def _adapters(name: str, handler: Handler) -> tuple[TypeAdapter[Any], TypeAdapter[Any]]:
    parameters = list(inspect.signature(handler).parameters.values())
    if len(parameters) != len(("context", "payload")):
        raise ConfigError(f"types.{name}", f"{handler.__qualname__} has to take a context and a payload")
    hints = typing.get_type_hints(handler)
    try:
        return TypeAdapter(hints.get(parameters[1].name, Any)), _result_adapter(hints.get("return", Any))
    except (PydanticSchemaGenerationError, PydanticUserError) as error:
        raise ConfigError(f"types.{name}", f"pydantic has no schema for {handler.__qualname__}: {error}") from error


def _result_adapter(annotation: Any) -> TypeAdapter[Any]:
    """Return an adapter that leaves NaN as it is, to be refused; by default it would become null unseen."""
    try:
        return TypeAdapter(annotation, config=ConfigDict(ser_json_inf_nan="constants"))
    except PydanticUserError:  # a model has a configuration of its own
        return TypeAdapter(annotation)


def _stage(stage: Stage | str) -> Stage:
    stage = Stage(stage) if isinstance(stage, str) else stage
    return stage if stage.label else replace(stage, label=stage.name.replace("_", " ").capitalize())


def _duration(value: str | timedelta | None) -> timedelta | None:
    return parse_duration(value) if isinstance(value, str) else value


def _override(job_type: JobType, settings: TypeSettings | None) -> JobType:
    if settings is None:
        return job_type
    said = {name: value for name in settings.model_fields_set if (value := getattr(settings, name)) is not None}
    if settings.backoff is not None:
        said["backoff"] = _backoff(job_type.backoff, settings.backoff)
    return replace(job_type, **said)


def _backoff(known: Backoff, said: BackoffSettings) -> Backoff:
    return Backoff(
        first_ms=known.first_ms if said.first is None else _ms(said.first),
        factor=known.factor if said.factor is None else said.factor,
        max_ms=known.max_ms if said.max is None else _ms(said.max),
        jitter=known.jitter if said.jitter is None else said.jitter,
    )


def _ms(duration: timedelta) -> int:
    return round(duration.total_seconds() * 1000)


def _where(job_type: JobType) -> str:
    return f"{job_type.handler.__module__}.{job_type.handler.__qualname__}"
