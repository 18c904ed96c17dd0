"""Arguments as they are typed -> values; what cannot be read is a usage error that says what can."""

from __future__ import annotations

import json
import math
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any, NoReturn


def payload(given: str) -> Any:
    """Read JSON that stands there, in a file (`@path`) or on stdin (`-`)."""
    try:
        return json.loads(_text(given), parse_constant=_refuse)
    except OSError as error:
        raise ArgumentTypeError(f"{given}: {error.strerror}") from None
    except ValueError as error:
        raise ArgumentTypeError(f"it is not JSON: {error}") from None


def named_file(given: str) -> tuple[str, Path]:
    """Read `name=path`; the file has to be there."""
    name, separator, path = given.partition("=")
    if not (name and separator and path):
        raise ArgumentTypeError(f"{given!r} is not name=path, such as file=sales.csv")
    if not Path(path).is_file():
        raise ArgumentTypeError(f"there is no file {path}")
    return name, Path(path)


def seconds(given: str) -> float:
    """Read a duration such as `90s` or `2h`."""
    from jobrunner.config.units import parse_duration  # noqa: PLC0415 - it takes time and is seldom asked for

    try:
        return parse_duration(given).total_seconds()
    except ValueError as error:
        raise ArgumentTypeError(f"{given!r} is no duration; allowed: {error}") from None


def lifetime(given: str) -> float:
    """Read a duration for something to be good; in whole seconds, rounded up."""
    if (found := seconds(given)) == 0:
        raise ArgumentTypeError(f"{given!r} is no time to be good for; allowed: 1s or more")
    return float(math.ceil(found))


def count(given: str) -> int:
    """Read a number above 0."""
    if not given.isdecimal() or int(given) == 0:
        raise ArgumentTypeError(f"{given!r} is no number above 0")
    return int(given)


def right(given: str, *besides: str) -> str:
    """Read a word that allows something, of a token."""
    from jobrunner.access.scopes import ALLOWED, known  # noqa: PLC0415 - as above

    if given not in besides and not known([given]):
        raise ArgumentTypeError(f"{given!r} is no right; allowed: {', '.join((*besides, ALLOWED))}")
    return given


def scope(given: str) -> str:
    """Read a word that allows something, of a key."""
    return right(given, "admin")


def _text(given: str) -> str:
    if given == "-":
        return sys.stdin.read()
    return Path(given[1:]).read_text(encoding="utf-8-sig") if given.startswith("@") else given


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
