"""How our ES modules are written: what a module imports, what it exports, and what is left when both are taken away.

It knows the few forms that our modules use and refuses every other one, so that nothing is ever joined wrongly in
silence. It reads modules without comments; a text of theirs with a line that begins with `import` is refused, too.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

LIST = r"\{\s*(?:[\w$]+(?:,\s*|\s*(?=\})))*\}"  # `a as b` is none
TARGET = r'"(\.{1,2}/[\w./-]+\.js)"'
FROM = re.compile(rf"^(import|export) (?:(\*|{LIST}) from )?{TARGET};\n", re.MULTILINE)
LISTED = re.compile(rf"^export ({LIST});\n", re.MULTILINE)
DECLARED = re.compile(r"^export (?=(?:(?:async )?function\*?|class|const) ([\w$]+)\b)", re.MULTILINE)
LATER = re.compile(rf"\bimport\({TARGET}\)")
OTHER = re.compile(r'^(?:import|export)\b(?!\().*|\bimport\((?!"\.).*', re.MULTILINE)
WORD = re.compile(r"[\w$]+")


@dataclass(frozen=True, slots=True)
class Module:
    """A module taken apart; modules are named by their path in the folder."""

    name: str
    imports: dict[str, list[str]]  # names by module; of a module that is only to run: none
    exports: list[str]
    code: str  # without import and export


def take_apart(sources: Mapping[str, str]) -> dict[str, Module]:
    """Take modules apart; each comes after those that it imports.

    Raises `ValueError` where one is not written as ours are, and where modules import each other.
    """
    needs = {name: {place(name, each[2]) for each in FROM.findall(source)} for name, source in sources.items()}
    modules: dict[str, Module] = {}
    for name in TopologicalSorter(needs).static_order():
        modules[name] = _module(name, sources[name], modules)
    return modules


def place(name: str, target: str) -> str:
    """Return the name of what a module calls by a relative address."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), target))


def address(name: str, target: str) -> str:
    """Return what a module calls another one."""
    path = posixpath.relpath(target, posixpath.dirname(name) or ".")
    return path if path.startswith("../") else f"./{path}"


def _module(name: str, source: str, known: Mapping[str, Module]) -> Module:
    imports: dict[str, list[str]] = {}
    exports = [*DECLARED.findall(source), *WORD.findall(" ".join(LISTED.findall(source)))]
    for kind, listed, target in FROM.findall(source):
        other = place(name, target)
        names = known[other].exports if listed == "*" else WORD.findall(listed)
        imports.setdefault(other, []).extend(names)
        exports += names if kind == "export" else []
    code = DECLARED.sub("", LISTED.sub("", FROM.sub("", source)))
    if unknown := OTHER.search(code):
        raise ValueError(f"{name} is not written as modules here are: {unknown[0]}")
    return Module(name, imports, exports, code)
