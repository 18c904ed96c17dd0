"""The payload of a type that the configuration defines: from its table of parameters to what pydantic checks.

So its validation, its JSON Schema and the form in the browser are those of any handler's payload.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError, create_model

from jobrunner.config import ParameterSettings
from jobrunner.engine.command import plain
from jobrunner.errors import ConfigError

KINDS: Mapping[str, type] = {"string": str, "integer": int, "number": float, "boolean": bool}
CONFIG = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=())
TEXT = Annotated[str, BeforeValidator(lambda value: plain(value) if type(value) in {int, float} else value)]


def payload_of(name: str, parameters: Mapping[str, ParameterSettings] | None) -> TypeAdapter[Any]:
    """Return the payload of a type; without a table of parameters it is any JSON object.

    Raises ConfigError for a pattern that is no regular expression, and a default that its own parameter refuses.
    """
    if parameters is None:
        return TypeAdapter(dict[str, Any])
    fields: dict[str, Any] = {}
    for place, (member, said) in enumerate(parameters.items()):
        key = f"types.{name}.payload.{member}"
        fields[f"parameter_{place}"] = (_annotated(key, said), _field(key, member, said))
    return TypeAdapter(create_model("Payload", __config__=CONFIG, **fields))


def payload_with(ways: Collection[tuple[str, ...]]) -> TypeAdapter[Any]:
    """Return a payload that has these members, each text, or a number that is taken for its text, and no others.

    Without any it is any JSON object.
    """
    return TypeAdapter(_table(ways) if ways else dict[str, Any])


def _table(ways: Collection[tuple[str, ...]]) -> Any:
    fields: dict[str, Any] = {}
    for place, member in enumerate(dict.fromkeys(way[0] for way in ways)):
        below = [way[1:] for way in ways if way[0] == member and len(way) > 1]
        fields[f"parameter_{place}"] = (_table(below) if below else TEXT, Field(alias=member))
    return create_model("Payload", __config__=CONFIG, **fields)


def _field(key: str, member: str, said: ParameterSettings) -> Any:
    """Return the member as a field; its name is an alias, for as an attribute it could hide one of the model's own."""
    default = _default(key, said) if "default" in said.model_fields_set else ...
    return Field(default, alias=member, title=said.title, description=said.description)


def _default(key: str, said: ParameterSettings) -> Any:
    try:
        return TypeAdapter(_annotated(key, said), config=CONFIG).validate_python(said.default)
    except ValidationError as error:
        raise ConfigError(f"{key}.default", error.errors(include_url=False)[0]["msg"]) from None


def _annotated(key: str, said: ParameterSettings) -> Any:
    kind = said.items if said.type == "array" else said.type
    plain: Any = KINDS[kind] if said.choices is None else Literal[said.choices]
    one = Annotated[plain, Field(**_limits(said, kind))]
    try:
        TypeAdapter(one)
    except Exception as error:  # noqa: BLE001 - whatever pydantic says of a pattern
        raise ConfigError(f"{key}.pattern", f"is no regular expression: {error}") from None
    if said.type != "array":
        return one
    return Annotated[list[one], Field(min_length=said.min_length, max_length=said.max_length)]


def _limits(said: ParameterSettings, kind: str) -> dict[str, Any]:
    if said.choices is not None:
        return {}
    limits: dict[str, Any] = {"ge": said.minimum, "le": said.maximum, "pattern": said.pattern}
    if said.type != "array" and kind == "string":
        limits |= {"min_length": said.min_length, "max_length": said.max_length}
    return {name: limit for name, limit in limits.items() if limit is not None}
