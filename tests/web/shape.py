"""Whether a JSON value has exactly the shape that a TypedDict of `jobrunner.wire` promises."""

from __future__ import annotations

import types
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict


def faults(value: Any, hint: Any, where: str = "") -> list[str]:
    """Return what is wrong, each with where; members that are not named are as wrong as those that are missing."""
    if hint is Any:
        return []
    if is_typeddict(hint):
        return _of_members(value, hint, where)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        found = [faults(value, each, where) for each in arguments]
        return [] if [] in found else max(found, key=len)
    if origin is Literal:
        return [] if value in arguments else [f"{where}: {value!r} is none of {arguments}"]
    if origin is list:
        return _of_list(value, arguments[0], where)
    return _of_plain(value, origin or hint, where)


def _of_members(value: Any, hint: Any, where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where}: {value!r} is no object"]
    hints = get_type_hints(hint, include_extras=True)
    required = {name for name, each in hints.items() if get_origin(each) is not NotRequired}
    found = [f"{where}/{name}: missing" for name in sorted(required - value.keys())]
    found += [f"{where}/{name}: not named" for name in sorted(value.keys() - hints.keys())]
    for name in hints.keys() & value.keys():
        each = hints[name]
        found += faults(value[name], get_args(each)[0] if get_origin(each) is NotRequired else each, f"{where}/{name}")
    return found


def _of_list(value: Any, hint: Any, where: str) -> list[str]:
    if not isinstance(value, list):
        return [f"{where}: {value!r} is no list"]
    return [fault for place, each in enumerate(value) for fault in faults(each, hint, f"{where}/{place}")]


def _of_plain(value: Any, hint: type, where: str) -> list[str]:
    kinds = (int, float) if hint is float else (hint,)
    fits = isinstance(value, kinds) and (hint is bool or not isinstance(value, bool))
    return [] if fits else [f"{where}: {value!r} is no {hint.__name__}"]
