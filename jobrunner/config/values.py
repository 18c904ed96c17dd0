"""The kinds of value a setting may have; a wrong one is answered with what is allowed. Holds no setting, no default.

Each kind goes into an annotation: `port: Annotated[int, whole(0, 65_535)]`.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

from jobrunner.config.units import DURATIONS, SIZES_ALLOWED, parse_duration, parse_size

UNSEEN = "what is given here (not shown)"
_LONGEST_SHOWN = 60
ROUTES_ALLOWED = (
    'paths such as "/api/v1/ads/{ad_id}/remix", without a slash at the end; no {name} stands first, or twice'
)
_STEP = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,99}|\{[a-z_][a-z0-9_]{0,63}\}")


def whole(low: int, high: int) -> BeforeValidator:
    """Allow the whole numbers from `low` to `high`."""
    return _kind(lambda value: type(value) is int and low <= value <= high, f"a whole number from {low} to {high}")


def number(low: float, high: float) -> BeforeValidator:
    """Allow the numbers from `low` to `high`."""
    return _kind(lambda value: type(value) in (int, float) and low <= value <= high, f"a number from {low} to {high}")


def flag() -> BeforeValidator:
    """Allow true and false."""
    return _kind(lambda value: isinstance(value, bool), "true or false")


def one_of(*words: str) -> BeforeValidator:
    """Allow these words and nothing else."""
    return _kind(lambda value: value in words, " or ".join(f'"{word}"' for word in words))


def text(pattern: str, what: str) -> BeforeValidator:
    """Allow text of this pattern, which `what` puts in words."""
    return _kind(lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None, what)


def some_of(pattern: str, what: str, *, least: int = 0) -> BeforeValidator:
    """Allow a list of `least` texts or more, each of this pattern; `what` puts all of it in words."""
    return _kind(
        lambda value: (
            isinstance(value, list | tuple)
            and len(value) >= least
            and all(isinstance(one, str) and re.fullmatch(pattern, one) for one in value)
        ),
        what,
    )


def path() -> BeforeValidator:
    """Allow the path of a directory; a relative one stays as it is."""
    return _kind(lambda value: isinstance(value, str | Path) and str(value) not in ("", "."), "the path of a directory")


def modules() -> BeforeValidator:
    """Allow a list of the names of Python modules."""
    return _kind(
        lambda value: isinstance(value, list | tuple) and all(map(is_module, value)),
        'a list of module names, such as ["shop.jobs"]',
    )


def own_routes() -> BeforeValidator:
    """Allow a list of paths with names in braces that stand for any step."""
    return _kind(
        lambda value: isinstance(value, list | tuple) and all(map(is_route, value)), f"a list of {ROUTES_ALLOWED}"
    )


def duration(*, zero: bool = False, never: bool = False, most: str = "36500d") -> BeforeValidator:
    """Allow a duration, a `timedelta` in the settings, of zero only if `zero`; and "never", None there, if `never`."""
    allowed = f'{DURATIONS}, at most "{most}"'
    allowed += ("" if zero else ", above zero") + (', or "never"' if never else "")
    parsed = _parsed(parse_duration, timedelta, timedelta(microseconds=0 if zero else 1), allowed, parse_duration(most))
    return BeforeValidator(lambda value: None if never and value in ("never", None) else parsed(value))


def size(least: int = 1) -> BeforeValidator:
    """Allow a size, a number of bytes in the settings, of `least` bytes or more."""
    return BeforeValidator(_parsed(parse_size, int, least, f"{SIZES_ALLOWED}, at least {least}B"))


def is_loopback(host: str) -> bool:
    """Say whether a listener on `host` can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def is_module(name: object) -> bool:
    """Say whether something is the name of a Python module."""
    return isinstance(name, str) and all(part.isidentifier() for part in name.split("."))


def is_route(path: object) -> bool:
    """Say whether something is a path with names in braces that stand for any step."""
    if not isinstance(path, str) or not path.startswith("/"):
        return False
    steps = path.split("/")[1:]
    names = [step for step in steps if step.startswith("{")]
    return all(map(_STEP.fullmatch, steps)) and len(set(names)) == len(names) and steps[0] not in names


def refused(value: object, what: str, *key: str) -> PydanticCustomError:
    """Make the error for a wrong value; `key` leads on from the section that was looked at to the setting meant."""
    return PydanticCustomError(
        "refused", "{given} is not allowed; allowed: {what}", {"given": shown(value), "what": what, "key": key}
    )


def refused_unseen(what: str, *key: str) -> PydanticCustomError:
    """Make the error for a wrong value that may be a secret: as `refused`, and nothing of it is shown."""
    return PydanticCustomError(
        "refused", "{given} is not allowed; allowed: {what}", {"given": UNSEEN, "what": what, "key": key}
    )


def faulty(words: str, *key: str) -> PydanticCustomError:
    """Make the error for a value that is allowed but leads nowhere, in words of their own."""
    return PydanticCustomError("refused", "{what}", {"what": words, "key": key})


def shown(value: object) -> str:
    """Write a value on one line, much as TOML would; all of it up to 60 characters."""
    words = json.dumps(value, ensure_ascii=False, default=str)
    return words if len(words) <= _LONGEST_SHOWN else f"{words[:_LONGEST_SHOWN]}..."


def _kind(is_good: Callable[[Any], bool], what: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if not is_good(value):
            raise refused(value, what)
        return value

    return BeforeValidator(check)


def _parsed(parse: Callable[[str], Any], kind: type, least: Any, what: str, most: Any = None) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        try:
            parsed = parse(value) if isinstance(value, str) else value
        except ValueError:
            raise refused(value, what) from None
        if type(parsed) is not kind or parsed < least or (most is not None and parsed > most):
            raise refused(value, what)
        return parsed

    return check
