"""The page about the dashboard says all keys and all qualifiers there are, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import jobrunner
from tests.documents import DASHBOARD, code

ROOM = Path(jobrunner.__file__).parent / "browser" / "dashboard"


def block(file: str, start: str) -> str:
    """Return what stands between a start and the end of its statement."""
    return (ROOM / file).read_text(encoding="utf-8").partition(start)[2].partition("\n}")[0]


def test_every_qualifier_is_documented() -> None:
    known = re.findall(r"^  (\w+): ", block("search.js", "const NAMES"), re.MULTILINE)
    documented = [name.split(":")[0] for row in DASHBOARD.rows("qualifier") for name in code(row[0])]
    assert sorted(documented) == sorted(known)


def test_every_key_is_documented() -> None:
    acts = block("keyboard.js", "const act = {").partition("}[key]")[0]
    known = set(re.findall(r'^      "?([\w?/]+)"?: ', acts, re.MULTILINE)) | set("gojns") | {"Enter"}
    documented = {name for row in DASHBOARD.rows("key") for name in code(row[0])}
    assert documented == {name.replace("Escape", "Esc") for name in known}
