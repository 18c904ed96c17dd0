"""What is allowed in a document."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given

from jobrunner.model.document import dumps, escape, first_fault
from tests.model.jobs import DOCUMENTS


def nested(levels: int, inner: Any = 1) -> Any:
    for _ in range(levels):
        inner = [inner]
    return inner


@given(DOCUMENTS)
def test_a_sound_document_comes_back_as_it_was(value: Any) -> None:
    assert first_fault(value) is None
    text = dumps(value)
    assert text.isascii()
    assert json.loads(text) == value


@pytest.mark.parametrize("value", [nested(64), 2**63 - 1, -(2**63), 1e308, "\U0001f600é", {"": {"~/": [True, None]}}])
def test_what_is_just_allowed_is_written(value: Any) -> None:
    assert json.loads(dumps(value)) == value


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (math.nan, "a number that is not finite"),
        (math.inf, "a number that is not finite"),
        (-math.inf, "a number that is not finite"),
        (2**63, "an integer that does not fit into 64 bits"),
        (-(2**63) - 1, "an integer that does not fit into 64 bits"),
        ("a\0b", "NUL"),
        ("é\0", "NUL"),
        ("\ud800", "a lone surrogate"),
        ("\udfff\ud800", "a lone surrogate"),
        ({"a\0": 1}, "a name with NUL"),
        ({"\udc80": 1}, "a name with a lone surrogate"),
        ((math.nan,), "a number that is not finite"),
        ((2**63,), "an integer that does not fit into 64 bits"),
    ],
)
def test_what_not_every_reader_can_take_is_refused_with_its_place(value: Any, fault: str) -> None:
    place = "/0" if isinstance(value, tuple) else ""
    assert first_fault(value) == (place, fault)
    assert first_fault({"a": [0, value]}) == (f"/a/1{place}", fault)
    with pytest.raises(ValueError, match=fault):
        dumps([value])


@pytest.mark.parametrize("levels", [65, 66, 10_000])
def test_65_levels_are_refused(levels: int) -> None:
    pointer, fault = first_fault(nested(levels)) or ("", "")
    assert (pointer, fault) == ("/0" * 64, "nested deeper than 64 levels")


def test_a_document_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append({"again": endless})
    with pytest.raises(ValueError, match="deeper than 64"):
        dumps(endless)


@pytest.mark.parametrize(
    ("key", "step"), [("a/b", "a~1b"), ("m~n", "m~0n"), ("~1", "~01"), ("", ""), ("c%d", "c%d"), (0, "0")]
)
def test_a_pointer_escapes_as_rfc_6901_says(key: object, step: str) -> None:
    assert escape(key) == step
    assert first_fault({key: math.nan}) == (f"/{step}", "a number that is not finite")


def test_the_first_fault_is_told_and_the_document_itself_has_a_name() -> None:
    assert first_fault({"ok": 1, "b": [math.nan], "c": 2**64}) == ("/b/0", "a number that is not finite")
    with pytest.raises(ValueError, match=r"^the document: "):
        dumps(math.inf)


def test_what_is_no_json_at_all_raises_type_error() -> None:
    with pytest.raises(TypeError):
        dumps({"a": object()})
