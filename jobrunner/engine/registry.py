"""The job types that are served, by name; what the configuration says of one wins over what its handler's author says.

It runs nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from jobrunner.config import BackoffSettings, Settings, TypeSettings
from jobrunner.engine.definition import DEFINING, check_override, defined, defines
from jobrunner.engine.job_type import JobType, Mode, check_importable
from jobrunner.errors import ConfigError
from jobrunner.model.backoff import Backoff

BOUNDED = frozenset({Mode.PROCESS, Mode.COMMAND})


class Registry:
    """The types by name."""

    def __init__(self, types: Iterable[JobType] = ()) -> None:
        """Hold some types."""
        self._types = {each.name: each for each in types}

    def add(self, job_type: JobType) -> None:
        """Take a type; one name serves one handler, but a module may be imported again."""
        known = self._types.get(job_type.name)
        if known is not None and known.origin != job_type.origin:
            raise ConfigError(f"types.{job_type.name}", f"both {known.origin} and {job_type.origin} serve it")
        self._types[job_type.name] = job_type

    def drop(self, modules: Container[str]) -> None:
        """Forget the types whose handlers lie in some modules."""
        self._types = {
            name: each
            for name, each in self._types.items()
            if each.handler is None or each.handler.__module__ not in modules
        }

    def replace(self, types: Iterable[JobType]) -> None:
        """Hold other types from now on."""
        self._types = {each.name: each for each in types}

    def get(self, name: str) -> JobType | None:
        """Return a type, or None when it is not served."""
        return self._types.get(name)

    def __iter__(self) -> Iterator[JobType]:
        """Go through the types by name."""
        return iter(sorted(self._types.values(), key=lambda each: each.name))

    def configured(self, settings: Mapping[str, TypeSettings]) -> Registry:
        """Return the registry as the configuration has it, with the types that it defines by itself.

        Raises ConfigError for a type that nobody serves, or that both a @job and the configuration define.
        """
        types = dict(self._types)
        for name, said in settings.items():
            if name in types:
                check_override(name, said)
            elif defines(said):
                types[name] = defined(name, said)
            else:
                served = ", ".join(sorted(types)) or "none"
                raise ConfigError(f"types.{name}", f"no imported module has a @job of this name; served: {served}")
        return Registry(_override(each, settings.get(each.name)) for each in types.values())


DEFAULT = Registry()


def load_types(settings: Settings, registry: Registry = DEFAULT) -> Registry:
    """Import the modules that the configuration names and return the types they serve; raise ConfigError."""
    for name in settings.workers.imports:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise ConfigError("workers.imports", f"{name!r} cannot be imported: {error}") from error
    return registry.configured(settings.types)


def _override(job_type: JobType, settings: TypeSettings | None) -> JobType:
    if settings is None:
        return job_type
    names = settings.model_fields_set - DEFINING
    said = {name: value for name in names if (value := getattr(settings, name)) is not None}
    if settings.backoff is not None:
        said["backoff"] = _backoff(job_type.backoff, settings.backoff)
    said.pop("limits", None)
    if said.pop("execution", None) is not None:
        said["mode"] = _in_process(job_type)
    if ("memory" in said or "cpu_time" in said) and said.get("mode", job_type.mode) not in BOUNDED:
        raise ConfigError(f"types.{job_type.name}", 'memory and cpu_time need execution = "process"')
    return replace(job_type, **said)


def _in_process(job_type: JobType) -> Mode:
    if job_type.handler is None:
        raise ConfigError(f"types.{job_type.name}.execution", "the type has no handler in Python")
    check_importable(job_type.name, job_type.handler)
    return Mode.PROCESS


def _backoff(known: Backoff, said: BackoffSettings) -> Backoff:
    return Backoff(
        first_ms=known.first_ms if said.first is None else _ms(said.first),
        factor=known.factor if said.factor is None else said.factor,
        max_ms=known.max_ms if said.max is None else _ms(said.max),
        jitter=known.jitter if said.jitter is None else said.jitter,
    )


def _ms(duration: timedelta) -> int:
    return round(duration.total_seconds() * 1000)
