"""`@job`: what the author of a handler says of a type, checked at import. The handler itself stays as it is."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from importlib.util import find_spec
from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, TypeAdapter
from pydantic.errors import PydanticSchemaGenerationError, PydanticUserError

from jobrunner.config.units import parse_duration, parse_size
from jobrunner.config.values import ROUTES_ALLOWED, is_route
from jobrunner.engine.admission import Admission
from jobrunner.engine.job_type import Handler, JobType, Mode, Parts, Stage, check_importable
from jobrunner.engine.registry import DEFAULT, Registry
from jobrunner.errors import ConfigError
from jobrunner.model.backoff import Backoff
from jobrunner.model.rank import HIGHEST_PRIORITY

F = TypeVar("F", bound=Handler)

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")


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
    execution: Literal["process"] | None = None,
    memory: str | int | None = None,
    cpu_time: str | timedelta | None = None,
    requires: Mapping[str, str] | None = None,
    routes: Sequence[str] = (),
    envelope: str | None = None,
    cache_ttl: str | timedelta | None = None,
    admission: Admission | None = None,
    admission_timeout: str | timedelta = "10s",
    registry: Registry = DEFAULT,
) -> Callable[[F], F]:
    """Serve jobs of a type by the decorated function, which is returned unchanged.

    The annotation of its second parameter is the schema of the payload, its return annotation that of the result. A
    coroutine function runs on the event loop, any other in a thread; with `execution="process"` either runs in a child
    process, which can be killed and is bounded by `memory` and `cpu_time`. `requires` names modules that the handler
    imports later, each with the command that installs it: without one of them the type is listed as unavailable.
    Raises ConfigError when the options or annotations make no sense.
    """
    _check_options(name, priority=priority, max_attempts=max_attempts, max_manual_retries=max_manual_retries)

    def register(handler: F) -> F:
        payload, result = adapters(name, handler)
        mode = _mode(name, handler, execution)
        if mode is not Mode.PROCESS and (memory is not None or cpu_time is not None):
            raise ConfigError(f"types.{name}", 'memory and cpu_time bound a child process: say execution="process"')
        registry.add(
            JobType(
                name=_checked_name(name), handler=handler, mode=mode,
                payload=payload, result=result, title=title or name, description=inspect.getdoc(handler), queue=queue,
                priority=priority, stages=tuple(Stage.declared(stage) for stage in stages), uploads=tuple(uploads),
                parts=parts, max_attempts=max_attempts, max_manual_retries=max_manual_retries,
                timeout=_duration(timeout), deadline=_duration(deadline), backoff=backoff or Backoff(),
                poll_interval=_duration(poll_interval) or timedelta(seconds=2), on_interrupt=on_interrupt,
                max_result=parse_size(max_result) if isinstance(max_result, str) else max_result,
                default_error_code=default_error_code, unavailable=_missing(requires or {}),
                memory=parse_size(memory) if isinstance(memory, str) else memory, cpu_time=_duration(cpu_time),
                routes=_checked_routes(name, routes), envelope=envelope, cache_ttl=_duration(cache_ttl) or None,
                admission=admission, admission_timeout=_duration(admission_timeout) or timedelta(seconds=10),
            )
        )  # fmt: skip
        return handler

    return register


def adapters(name: str, handler: Handler) -> tuple[TypeAdapter[Any], TypeAdapter[Any]]:
    """Return what pydantic makes of the annotations of a handler's payload and result; raise ConfigError."""
    parameters = list(inspect.signature(handler).parameters.values())
    if len(parameters) != len(("context", "payload")):
        raise ConfigError(f"types.{name}", f"{handler.__qualname__} has to take a context and a payload")
    hints = typing.get_type_hints(handler)
    try:
        return TypeAdapter(hints.get(parameters[1].name, Any)), _result_adapter(hints.get("return", Any))
    except (PydanticSchemaGenerationError, PydanticUserError) as error:
        raise ConfigError(f"types.{name}", f"pydantic has no schema for {handler.__qualname__}: {error}") from error


def _check_options(name: str, *, priority: int, max_attempts: int, max_manual_retries: int | None) -> None:
    if not 0 <= priority <= HIGHEST_PRIORITY:
        raise ConfigError(f"types.{name}", f"priority is a whole number from 0 to {HIGHEST_PRIORITY}, not {priority}")
    if max_attempts < 1 or (max_manual_retries or 0) < 0:
        raise ConfigError(f"types.{name}", "max_attempts is at least 1, max_manual_retries at least 0")


def _checked_name(name: str) -> str:
    if NAME.fullmatch(name):
        return name
    raise ConfigError(f"types.{name}", "a name is 1 to 100 letters, digits, '_', '.', '-', and begins with a letter")


def _checked_routes(name: str, routes: Sequence[str]) -> tuple[str, ...]:
    for route in routes:
        if not is_route(route):
            raise ConfigError(f"types.{name}.routes", f"{route!r} is not allowed; allowed: {ROUTES_ALLOWED}")
    return tuple(routes)


def _mode(name: str, handler: Handler, execution: str | None) -> Mode:
    if execution is None:
        return Mode.COROUTINE if inspect.iscoroutinefunction(handler) else Mode.THREAD
    if execution != Mode.PROCESS:
        raise ConfigError(f"types.{name}", f'execution is "process" or left out, not {execution!r}')
    check_importable(name, handler)
    return Mode.PROCESS


def _missing(requires: Mapping[str, str]) -> str | None:
    """Return what to install for the first module that is not there."""
    for module, command in requires.items():
        if find_spec(module.partition(".")[0]) is None:
            return f"{module} is not installed: {command}"
    return None


def _result_adapter(annotation: Any) -> TypeAdapter[Any]:
    """Return an adapter that leaves NaN as it is, to be refused; by default it would become null unseen."""
    try:
        return TypeAdapter(annotation, config=ConfigDict(ser_json_inf_nan="constants"))
    except PydanticUserError:  # a model has a configuration of its own
        return TypeAdapter(annotation)


def _duration(value: str | timedelta | None) -> timedelta | None:
    return parse_duration(value) if isinstance(value, str) else value
