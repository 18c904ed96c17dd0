"""What the configuration says of a type that it defines by itself, without Python: its form, and who does the work."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, SecretBytes, model_validator

from jobrunner.config.addresses import hook_url
from jobrunner.config.command import CommandSettings
from jobrunner.config.secret import header
from jobrunner.config.section import Section
from jobrunner.config.values import duration, faulty, number, one_of, refused, refused_unseen, some_of, text, whole

MOST_LENGTH = 1_000_000
MOST_NUMBER = 2**53  # beyond it neighbours are the same number to JavaScript
PLAIN = ("string", "integer", "number", "boolean")

_PARAMETER = text(r"[A-Za-z_][A-Za-z0-9_]{0,63}", "a name of letters, digits and _, at most 64 of them")
_UPLOADS = some_of(r"[^\0/]{1,100}", 'a list of names, such as ["file"], each of 1 to 100 characters without a slash')
_WORDS = text(r"(?s)[^\0]{1,1000}", "text of 1 to 1000 characters")
_PATTERN = text(r"[^\0]{1,1000}", "a regular expression of 1 to 1000 characters")
_HEADER = text(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}", "the name of a header")
_Secret = Annotated[SecretBytes, header()]
_CHOICES = "a list of texts or of whole numbers, at least one of them"
_STAGES = 'a list of names, or of tables such as { name = "reading", label = "Reading", description = "…" }'
_HEADERS = 'a table of headers, such as { Authorization = "env:TOKEN" }'


def _choices(value: Any) -> Any:
    kinds = {type(each) for each in value} if isinstance(value, list | tuple) else set()
    if kinds not in ({str}, {int}):
        raise refused(value, _CHOICES)
    return tuple(value)


def _stages(value: Any) -> Any:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str | Mapping) for each in value):
        raise refused(value, _STAGES)
    return [{"name": each} if isinstance(each, str) else each for each in value]


def _headers(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise refused_unseen(_HEADERS)  # somebody may have written a secret here
    return value


class StageSettings(Section):
    """Say what a stage is called, by programs and by people."""

    name: Annotated[str, _WORDS]
    label: Annotated[str, _WORDS] = ""
    description: Annotated[str, _WORDS] | None = None


class ParameterSettings(Section):
    """Say what one member of a payload may be. One without a default has to be there.

    Of an array `min_length` and `max_length` count the items; what else is said holds for each of them.
    """

    type: Annotated[Literal["string", "integer", "number", "boolean", "array"], one_of(*PLAIN, "array")] = "string"
    items: Annotated[Literal["string", "integer", "number", "boolean"], one_of(*PLAIN)] = "string"
    title: Annotated[str, _WORDS] | None = None
    description: Annotated[str, _WORDS] | None = None
    default: Any = None
    choices: Annotated[tuple[str | int, ...], BeforeValidator(_choices)] | None = None
    minimum: Annotated[int | float, number(-MOST_NUMBER, MOST_NUMBER)] | None = None
    maximum: Annotated[int | float, number(-MOST_NUMBER, MOST_NUMBER)] | None = None
    min_length: Annotated[int, whole(0, MOST_LENGTH)] | None = None
    max_length: Annotated[int, whole(0, MOST_LENGTH)] | None = None
    pattern: Annotated[str, _PATTERN] | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        kind = self.items if self.type == "array" else self.type
        holds = {
            "choices": kind in {"string", "integer"},
            "minimum": kind in {"integer", "number"},
            "maximum": kind in {"integer", "number"},
            "min_length": self.type == "array" or kind == "string",
            "max_length": self.type == "array" or kind == "string",
            "pattern": kind == "string",
            "items": self.type == "array" or self.items == "string",
        }
        for name in self.model_fields_set:
            if not holds.get(name, True):
                raise faulty(f"makes no sense for the type {kind}", name)
        return self


class DefinitionSettings(CommandSettings):
    """Define a type; of one that a @job serves only the title and the description can be changed."""

    title: Annotated[str, _WORDS] | None = None
    description: Annotated[str, _WORDS] | None = None
    stages: Annotated[tuple[StageSettings, ...], BeforeValidator(_stages)] = ()
    uploads: Annotated[tuple[str, ...], _UPLOADS] = ()
    payload: Mapping[Annotated[str, _PARAMETER], ParameterSettings] | None = None  # None: any JSON object
    url: Annotated[str, hook_url()] | None = None  # of the service that does the work
    cancel_url: Annotated[str, hook_url()] | None = None
    headers: Annotated[Mapping[Annotated[str, _HEADER], _Secret], BeforeValidator(_headers)] = {}
    report_timeout: Annotated[timedelta, duration()] = timedelta(minutes=15)

    @model_validator(mode="after")
    def _of_a_service(self) -> Self:
        for name in ("cancel_url", "headers"):
            if self.url is None and name in self.model_fields_set:
                raise faulty("is for a type that has a `url`", name)
        return self

    @model_validator(mode="after")
    def _by_one_of_them(self) -> Self:
        if self.url is not None and self.command is not None:
            raise faulty("only one of url and command can be given", "command")
        return self

    @model_validator(mode="after")
    def _placeholders_can_be_filled(self) -> Self:
        for place in self.placeholders:
            if place.kind == "upload" and "uploads" in self.model_fields_set and place.name not in self.uploads:
                raise faulty(f"{{upload:{place.name}}} is none of its `uploads`", "command")
            if place.kind == "payload":
                self._check_member(place.steps)
        return self

    def _check_member(self, steps: tuple[str, ...]) -> None:
        """Raise an error for a placeholder of what the payload has not, or of what is more than one argument."""
        name, written = steps[0], "{payload." + ".".join(steps) + "}"
        if self.payload is None:
            others = [place.steps for place in self.placeholders if place.kind == "payload"]
            if any(len(each) > len(steps) and each[: len(steps)] == steps for each in others):
                raise faulty(f"{written} would be both a value and a table", "command")
        elif name not in self.payload or len(steps) > 1:
            raise faulty(f"{written} is no parameter of its `payload`", "command")
        elif self.payload[name].type == "array":
            raise faulty(f"{written} is a list, which fills no argument; it stands in payload.json", "command")
