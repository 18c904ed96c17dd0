"""What the configuration says of a program that does the work of a type: how it is called, and how it is heard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, SecretBytes, ValidationInfo, model_validator

from jobrunner.config.secret import variable
from jobrunner.config.section import Section
from jobrunner.config.surroundings import surroundings_of
from jobrunner.config.values import faulty, flag, one_of, refused, refused_unseen, shown, some_of, text

USUAL_VARIABLES = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ")
MEMBER = r"[A-Za-z_][A-Za-z0-9_]{0,63}"
FILE = r"[^\0/{}]{1,100}"
PLACEHOLDERS = (
    "{payload.NAME}, {upload:NAME}, {artifact:NAME}, {job_id}, {workdir} and {config_dir}; a brace is written twice"
)
WAYS = ("ffmpeg", "percent")
GROUPS = frozenset({"percentage", "done", "total", "step"})

Kind = Literal["payload", "upload", "artifact", "job_id", "workdir"]

_TOKEN = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_PLACEHOLDER = re.compile(
    rf"(?P<payload>payload(?:\.{MEMBER}){{1,8}})|upload:(?P<upload>{FILE})|artifact:(?!\.\.?$)(?P<artifact>{FILE})"
    r"|(?P<job_id>job_id)|(?P<workdir>workdir)"
)
_VARIABLE = r"[A-Za-z_][A-Za-z0-9_]{0,127}"
_OWN = rf"(?!JOBRUNNER_){_VARIABLE}"
_ENV = some_of(_VARIABLE, 'a list of names of variables, such as ["PATH", "HOME"]')
_NAME = text(_OWN, "the name of a variable that does not begin with JOBRUNNER_")
_EXIT_CODE = text(r"[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5]", 'an exit code from "1" to "255"')
_ERROR_CODE = r"[A-Za-z][A-Za-z0-9_.-]{0,99}"
_COMMAND = 'a list of texts, such as ["ffmpeg", "-i", "{upload:input}"], the program first'
_PROGRESS = (
    '"ffmpeg", "percent", or a regular expression with named groups: `percentage`, or `done` and `total`, and perhaps '
    "`step`, which may stand alone"
)
_EXIT = 'the code of an error, such as "BAD_INPUT", or a table such as { code = "BUSY", retryable = true }'
_SET_ENV = 'a table of variables, such as { MODEL = "small", TOKEN = "env:MODEL_TOKEN" }'


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A place in an argument. Of a payload its name is the way to a member, with dots."""

    kind: Kind
    name: str

    @property
    def steps(self) -> tuple[str, ...]:
        """Return the way to a member of a payload."""
        return tuple(self.name.split("."))


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument, of text and of places that are filled."""

    pieces: tuple[str | Placeholder, ...]

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """Return the places that are filled."""
        return tuple(piece for piece in self.pieces if isinstance(piece, Placeholder))


@dataclass(frozen=True, slots=True)
class ExitMeaning:
    """What an exit code means: the code of an error, and whether the same again could succeed."""

    code: str
    retryable: bool


def _command(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, list | tuple) or not value or not all(isinstance(each, str) for each in value):
        raise refused(value, _COMMAND)
    directory = surroundings_of(info).directory.absolute()
    arguments = tuple(_argument(each, str(directory)) for each in value)
    if arguments[0].placeholders or not value[0]:
        raise faulty("begins with the program, which no placeholder can choose")
    program = "".join(map(str, arguments[0].pieces))
    found = str(directory / program) if "/" in program else program
    return (Argument((found,)), *arguments[1:])


def _argument(given: str, directory: str) -> Argument:
    pieces: list[str | Placeholder] = []
    end = 0
    for token in _TOKEN.finditer(given):
        pieces += [given[end : token.start()], _piece(token, given, directory)]
        end = token.end()
    pieces.append(given[end:])
    if "\0" in given:
        raise faulty(f"{shown(given)} holds NUL, which no argument can")
    return Argument(tuple(piece for piece in pieces if piece != ""))


def _piece(token: re.Match[str], given: str, directory: str) -> str | Placeholder:
    if token[0] in {"{{", "}}"}:
        return token[0][0]
    if token[1] == "config_dir":
        return directory
    found = _PLACEHOLDER.fullmatch(token[1] or "")
    if found is None or found.lastgroup is None:
        raise faulty(f"in {shown(given)} {token[0]} is no placeholder; known are {PLACEHOLDERS}")
    kind: Any = found.lastgroup
    return Placeholder(kind, found[kind].removeprefix("payload.") if kind == "payload" else found[kind])


def _progress(value: Any) -> Any:
    if value in WAYS or isinstance(value, re.Pattern):
        return value
    try:
        found = re.compile(value)
    except (re.error, TypeError, OverflowError, RecursionError) as error:
        raise faulty(f"{shown(value)} is no regular expression: {error}") from None
    groups = set(found.groupindex)
    if not groups <= GROUPS or not ("percentage" in groups or {"done", "total"} <= groups or groups == {"step"}):
        raise refused(value, _PROGRESS)
    return found


def _exit(value: Any) -> Any:
    said = {"code": value} if isinstance(value, str) else value
    if not isinstance(said, Mapping) or not said.keys() <= {"code", "retryable"}:
        raise refused(value, _EXIT)
    code, retryable = said.get("code"), said.get("retryable", False)
    if not isinstance(code, str) or not re.fullmatch(_ERROR_CODE, code) or not isinstance(retryable, bool):
        raise refused(value, _EXIT)
    return ExitMeaning(code, retryable)


def _variables(value: Any) -> Any:
    if not isinstance(value, Mapping):
        raise refused_unseen(_SET_ENV)  # somebody may have written a secret here
    return value


class CommandSettings(Section):
    """Let a program do the work of a type."""

    command: Annotated[tuple[Argument, ...], BeforeValidator(_command)] | None = None
    leading_dash: Annotated[bool, flag()] = False
    env: Annotated[tuple[str, ...], _ENV] = USUAL_VARIABLES
    set_env: Annotated[
        Mapping[Annotated[str, _NAME], Annotated[SecretBytes, variable()]], BeforeValidator(_variables)
    ] = {}
    progress: Annotated[Literal["ffmpeg", "percent"] | re.Pattern[str], BeforeValidator(_progress)] | None = None
    progress_stream: Annotated[Literal["stdout", "stderr", "both"], one_of("stdout", "stderr", "both")] = "both"
    exit_codes: Mapping[Annotated[str, _EXIT_CODE], Annotated[ExitMeaning, BeforeValidator(_exit)]] = {}

    @property
    def placeholders(self) -> tuple[Placeholder, ...]:
        """Return the places of all arguments."""
        return tuple(place for argument in self.command or () for place in argument.placeholders)

    @model_validator(mode="after")
    def _of_a_command(self) -> Self:
        fields = CommandSettings.model_fields
        for name in fields.keys() & self.model_fields_set:
            if self.command is None and getattr(self, name) != fields[name].default:
                raise faulty("is for a type that has a `command`", name)
        return self
