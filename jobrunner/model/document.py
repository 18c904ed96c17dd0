"""A JSON document that every reader can take: what is allowed in it beyond what JSON allows.

Numbers are finite and integers fit into 64 bits, text has neither NUL nor lone
surrogates, and nothing is nested deeper than 64 levels.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

DEEPEST = 64
LARGEST = 2**63


def dumps(value: Any) -> str:
    """Return compact JSON of ASCII.

    Raise ValueError, with a JSON Pointer, for a document that not every reader can take.
    """
    fault = first_fault(value)
    if fault is not None:
        raise ValueError(f"{fault[0] or 'the document'}: {fault[1]}")
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


def first_fault(value: Any, pointer: str = "", depth: int = 0) -> tuple[str, str] | None:
    """Return the JSON Pointer (RFC 6901) of the first fault and what it is, or None when there is none."""
    if isinstance(value, str):
        fault = _text_fault(value)
        return (pointer, fault) if fault else None
    if isinstance(value, dict | list | tuple):
        if depth >= DEEPEST:
            return pointer, f"nested deeper than {DEEPEST} levels"
        return _first_inside(value, pointer, depth)
    if isinstance(value, int) and not -LARGEST <= value < LARGEST:
        return pointer, "an integer that does not fit into 64 bits"
    if isinstance(value, float) and not math.isfinite(value):
        return pointer, "a number that is not finite"
    return None


def _first_inside(value: dict[str, Any] | Sequence[Any], pointer: str, depth: int) -> tuple[str, str] | None:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in pairs:
        if isinstance(key, str) and (fault := _text_fault(key)):
            return pointer, f"a name with {fault}"
        found = first_fault(each, f"{pointer}/{escape(key)}", depth + 1)
        if found is not None:
            return found
    return None


def escape(key: object) -> str:
    """Return a step of a JSON Pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


def _text_fault(text: str) -> str | None:
    if text.isascii():
        return "NUL" if "\0" in text else None
    if "\0" in text:
        return "NUL"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "a lone surrogate"
    return None
