"""From a file, the environment and flags to one frozen Settings, or to one ConfigError that names every fault."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from jobrunner.config.document import KeyPath, read_document
from jobrunner.config.given import Given
from jobrunner.config.schema import advice, written
from jobrunner.config.settings import Settings
from jobrunner.config.surroundings import Surroundings
from jobrunner.config.values import UNSEEN, shown
from jobrunner.errors import ConfigError

_NOTHING: Mapping[str, object] = MappingProxyType({})


def load(file: Path | None, *, environ: Mapping[str, str], overrides: Mapping[str, object] = _NOTHING) -> Settings:
    """Read the settings: flags win over the environment, which wins over the file; no file is needed.

    `overrides` are `{"server.port": 9000}`, a None in it is left out. Secrets are looked up in `environ` and from the
    directory of `file`, else from the current one. Raises ConfigError: its `key`, `source` and `line` are those of the
    first fault, its text has one line for each, and nothing it holds is a secret.
    """
    given = Given()
    if file is not None:
        given.add_document(*read_document(file), source=str(file))
    given.add_environment(environ)
    given.add_overrides(overrides)
    try:
        return Settings.model_validate(given.tree, context=Surroundings(environ, file.parent if file else Path()))
    except ValidationError as error:
        faults = [_fault(details, given) for details in error.errors()]
    raise _joined(faults)  # out here, since an error in hand would go along, and it holds all that was given


def _joined(faults: list[ConfigError]) -> ConfigError:
    first, *others = sorted(faults, key=lambda fault: (fault.line is None, fault.line, fault.source or ""))
    detail = "\n".join([first.detail, *map(str, others)])
    return ConfigError(first.key, detail, source=first.source, line=first.line)


def _fault(details: ErrorDetails, given: Given) -> ConfigError:
    key = _key(details)
    origin = given.origin(key)
    source, line = origin or (None, None)
    return ConfigError(written(key), _detail(details, key), source=source, line=line)


def _key(details: ErrorDetails) -> KeyPath:
    place = tuple(str(part) for part in details["loc"])
    place = place[:-1] if place[-1:] == ("[key]",) else place  # pydantic's word for a wrong name in a mapping
    return place + tuple(details.get("ctx", {}).get("key", ()))


def _detail(details: ErrorDetails, key: KeyPath) -> str:
    if details["type"] == "extra_forbidden":
        return f"is no setting; {advice(key)}"
    if details["type"] == "refused":
        return details["msg"]
    given = UNSEEN if key[:1] == ("auth",) else shown(details["input"])
    return f"{given} is not allowed; allowed: a table, [{written(key)}]"
