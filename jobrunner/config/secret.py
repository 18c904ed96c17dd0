"""Secrets that the configuration only names: `env:NAME` or `file:PATH`. Never shows a value, nor a part of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import BeforeValidator, SecretBytes, ValidationInfo

from jobrunner.config.values import faulty, refused, refused_unseen

LEAST_BYTES = 32  # RFC 7518, section 3.2: a key for HS256 is at least as long as its hash
_MOST_BYTES = 65_536  # so that `file:/dev/zero` ends
_ALLOWED = (
    'a list that names where each secret is, ["env:NAME"] for a variable of the environment or ["file:PATH"] for a '
    "file, and never the secret itself"
)
_PATH = re.compile(r"[^\x00-\x1f\x7f]{1,4096}")
_REFERENCE = re.compile(rf"env:(?P<name>[A-Za-z_][A-Za-z0-9_]{{0,127}})|file:(?P<path>{_PATH.pattern})")


class Surroundings(NamedTuple):
    """Say where names are looked up: the environment, and the directory that paths start from.

    The context that Settings are validated with; without one there is no variable, and paths start from the current
    directory.
    """

    environ: Mapping[str, str] = MappingProxyType({})
    directory: Path = Path()


def secrets() -> BeforeValidator:
    """Allow a list of `env:NAME` and `file:PATH`, and give what they hold, each as SecretBytes of 32 bytes or more.

    Of a file one newline at its end is left out. SecretBytes are taken as they are: no file can spell them.
    """

    def check(value: Any, info: ValidationInfo) -> tuple[SecretBytes, ...]:
        if not isinstance(value, list | tuple):
            raise refused_unseen(_ALLOWED)
        return tuple(_found(one, _surroundings(info)) for one in value)

    return BeforeValidator(check)


def key_file() -> BeforeValidator:
    """Allow the path of a file that can be read; a relative one starts where those of secrets do."""

    def check(value: Any, info: ValidationInfo) -> Path:
        if not isinstance(value, str | Path) or not _PATH.fullmatch(str(value)):
            raise refused(value, "the path of a file with public keys")
        file = _surroundings(info).directory / value
        _read(file, 0)
        return file

    return BeforeValidator(check)


def _surroundings(info: ValidationInfo) -> Surroundings:
    return info.context if isinstance(info.context, Surroundings) else Surroundings()


def _found(value: object, around: Surroundings) -> SecretBytes:
    if isinstance(value, SecretBytes):
        return _long_enough(value.get_secret_value(), "a secret")
    found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise refused_unseen(_ALLOWED)
    if name := found["name"]:
        return _long_enough(_of_variable(name, around.environ), f"the variable {name} of the environment")
    file = around.directory / found["path"]
    return _long_enough(_of_file(file), f"the file {file}")


def _of_variable(name: str, environ: Mapping[str, str]) -> bytes:
    if name not in environ:
        raise faulty(f"the variable {name} of the environment is not set")
    return environ[name].encode(errors="surrogateescape")


def _of_file(file: Path) -> bytes:
    held = _read(file, _MOST_BYTES + 1)
    if len(held) > _MOST_BYTES:
        raise faulty(f"the file {file} holds more than {_MOST_BYTES} bytes: that is no secret")
    return re.sub(rb"\r?\n\Z", b"", held)


def _read(file: Path, most: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(most)
    except OSError as error:
        raise faulty(f"the file {file} cannot be read: {error.strerror}") from None


def _long_enough(held: bytes, where: str) -> SecretBytes:
    if not held:
        raise faulty(f"{where} is empty")
    if len(held) < LEAST_BYTES:
        raise faulty(f"{where} is shorter than {LEAST_BYTES} bytes; make one by `openssl rand -hex 32`")
    return SecretBytes(held)
