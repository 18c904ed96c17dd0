"""Secrets that the configuration only names: `env:NAME` or `file:PATH`. Never shows a value, nor a part of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BeforeValidator, SecretBytes, ValidationInfo

from jobrunner.config.surroundings import Surroundings, surroundings_of
from jobrunner.config.values import faulty, refused, refused_unseen

LEAST_BYTES = 32  # RFC 7518, section 3.2: a key for HS256 is at least as long as its hash
_MOST_BYTES = 65_536  # so that `file:/dev/zero` ends
_ALLOWED = (
    'a list that names where each secret is, ["env:NAME"] for a variable of the environment or ["file:PATH"] for a '
    "file, and never the secret itself"
)
_HEADER_ALLOWED = '"env:NAME" for a variable of the environment or "file:PATH" for a file, and never the secret itself'
_PATH = re.compile(r"[^\x00-\x1f\x7f]{1,4096}")
_REFERENCE = re.compile(rf"env:(?P<name>[A-Za-z_][A-Za-z0-9_]{{0,127}})|file:(?P<path>{_PATH.pattern})")


def secrets() -> BeforeValidator:
    """Allow a list of `env:NAME` and `file:PATH`, and give what they hold, each as SecretBytes of 32 bytes or more.

    Of a file one newline at its end is left out. SecretBytes are taken as they are: no file can spell them.
    """

    def check(value: Any, info: ValidationInfo) -> tuple[SecretBytes, ...]:
        if not isinstance(value, list | tuple):
            raise refused_unseen(_ALLOWED)
        return tuple(_found(one, surroundings_of(info)) for one in value)

    return BeforeValidator(check)


def secret() -> BeforeValidator:
    """Allow one `env:NAME` or `file:PATH`, and give what it holds, as `secrets` does."""
    return BeforeValidator(lambda value, info: _found(value, surroundings_of(info)))


def header() -> BeforeValidator:
    """Allow one `env:NAME` or `file:PATH`, and give what it holds as SecretBytes: the value of a header, not empty."""

    def check(value: Any, info: ValidationInfo) -> SecretBytes:
        if isinstance(value, SecretBytes):
            return value
        held, where = _looked_up(value, surroundings_of(info), _HEADER_ALLOWED)
        if not re.fullmatch(rb"[\x20-\x7e]{1,8192}", held):
            raise faulty(f"{where} is empty, or holds what cannot stand in a header")
        return SecretBytes(held)

    return BeforeValidator(check)


def variable() -> BeforeValidator:
    """Allow text, `env:NAME` or `file:PATH`, and give the text, or what is held there, as SecretBytes."""

    def check(value: Any, info: ValidationInfo) -> SecretBytes:
        if isinstance(value, SecretBytes):
            return value
        if isinstance(value, str) and not value.startswith(("env:", "file:")):
            held, where = value.encode(errors="surrogatepass"), "it"
        else:
            held, where = _looked_up(value, surroundings_of(info), f"text, or {_HEADER_ALLOWED}")
        if b"\0" in held:
            raise faulty(f"{where} holds NUL, which no variable can")
        return SecretBytes(held)

    return BeforeValidator(check)


def key_file() -> BeforeValidator:
    """Allow the path of a file that can be read; a relative one starts where those of secrets do."""

    def check(value: Any, info: ValidationInfo) -> Path:
        if not isinstance(value, str | Path) or not _PATH.fullmatch(str(value)):
            raise refused(value, "the path of a file with public keys")
        file = surroundings_of(info).directory / value
        _read(file, 0)
        return file

    return BeforeValidator(check)


def _found(value: object, around: Surroundings) -> SecretBytes:
    if isinstance(value, SecretBytes):
        return _long_enough(value.get_secret_value(), "a secret")
    return _long_enough(*_looked_up(value, around, _ALLOWED))


def _looked_up(value: object, around: Surroundings, allowed: str) -> tuple[bytes, str]:
    """Return what stands where a value says, and where that is."""
    found = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise refused_unseen(allowed)
    if name := found["name"]:
        return _of_variable(name, around.environ), f"the variable {name} of the environment"
    file = around.directory / found["path"]
    return _of_file(file), f"the file {file}"


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
