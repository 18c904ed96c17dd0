"""The kind of value that names a directory with pages, or a package of Python with pages. Opens no file in it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import BeforeValidator, ValidationInfo

from jobrunner.config.surroundings import surroundings_of
from jobrunner.config.values import faulty, is_module, refused

_PACKAGE = "package:"
_ALLOWED = 'the path of a directory, or "package:NAME", a package of Python with pages'


def folder() -> BeforeValidator:
    """Allow the path of a directory that is there, or `package:NAME`, and give the directory without symbolic links.

    A relative path starts from the directory of the file, without one from the current directory.
    """

    def check(value: Any, info: ValidationInfo) -> Path:
        if not isinstance(value, str | Path) or not str(value).strip() or "\0" in str(value):
            raise refused(value, _ALLOWED)
        package = str(value).removeprefix(_PACKAGE)
        found = surroundings_of(info).directory / value if package == str(value) else _package(package)
        if not found.is_dir():
            raise faulty(f"there is no directory {found}")
        return found.resolve()

    return BeforeValidator(check)


def _package(name: str) -> Path:
    if not is_module(name):
        raise refused(f"{_PACKAGE}{name}", _ALLOWED)
    try:
        found = find_spec(name)
    except (ImportError, ValueError) as error:
        raise faulty(f"the package {name} cannot be imported: {error}") from None
    if found is None or not found.submodule_search_locations:
        raise faulty(f"there is no package {name}")
    return Path(next(iter(found.submodule_search_locations)))
