"""Imports go down, typing included, and no module imports itself by a detour.

    errors <- wire <- model <- storage <- engine <- access <- web <- cli
    config, logs <- engine, web, cli
    errors, wire <- client <- cli
    the public names <- examples

The check reads the source with `ast`: an import counts wherever it stands, in a function or under TYPE_CHECKING.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[1] / "jobrunner"
ROOT = PACKAGE.name

# Room -> the rooms that it may import besides itself. `jobrunner` is the package's own `__init__`: the public names.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "wire": {"errors"},
    "logs": set(),
    "version": set(),
    "config": {"errors"},
    "model": {"errors", "wire"},
    "storage": {"errors", "wire", "model"},
    "engine": {"errors", "wire", "model", "storage", "config", "logs"},
    "access": {"errors", "model", "storage", "config", "logs", "engine"},
    "web": {"errors", "version", "wire", "model", "storage", "config", "logs", "engine", "access"},
    "client": {"errors", "wire"},
    "cli": {"errors", "version", "wire", "model", "storage", "config", "logs", "engine", "access", "web", "client"},
    "testing": {"errors", "wire", "model", "storage", "config", "engine"},
    "browser": set(),
    "examples": {ROOT},
    ROOT: {"errors", "version", "model", "engine"},
    "__main__": {"cli"},
}
# What the engine calls elsewhere: services, and applications that admit jobs.
CALLING = {"jobrunner.engine.execution.calls", "jobrunner.engine.remote_admission"}
# Package of others -> the only rooms, and single modules of other rooms, that may import it.
ONLY_IN: dict[str, set[str]] = {
    "aiohttp": {"access", "web", "client", "cli", "examples", *CALLING},  # access: for the keys of identity providers
    "jwt": {"access"},
    "aiosqlite": {"storage"},
    "sqlite3": {"storage"},
}
NO_IO = {"asyncio", "concurrent", "multiprocessing", "select", "socket", "subprocess", "threading", "time"}
CLOCKS = {"now", "today", "utcnow"}


class Import(NamedTuple):
    """One imported module, by its full name, and the line."""

    line: int
    name: str


@dataclass(frozen=True)
class Module:
    """One file of the package."""

    name: str
    file: Path

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.file.read_text(encoding="utf-8"))

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        """All imports; `from a import b` is `a.b`, which may be a module or a name in `a`."""
        found = (node for node in ast.walk(self.tree) if isinstance(node, ast.Import | ast.ImportFrom))
        return tuple(Import(node.lineno, name) for node in found for name in self._names(node))

    def _names(self, node: ast.Import | ast.ImportFrom) -> list[str]:
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names]
        here = self.name.split(".") if self.file.stem == "__init__" else self.name.split(".")[:-1]
        above = here[: len(here) - node.level + 1] if node.level else []
        return [".".join([*above, *filter(None, [node.module]), alias.name]) for alias in node.names]


def modules_of(package: Path) -> dict[str, Module]:
    found = {}
    for file in sorted(package.rglob("*.py")):
        parts = [ROOT, *file.relative_to(package).with_suffix("").parts]
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, file)
    return found


def room_of(name: str) -> str:
    return name.split(".")[1] if "." in name else name


def violations(package: Path) -> list[str]:
    """Name every import that goes where it may not, every detour, and all I/O in the model."""
    modules = modules_of(package)
    return [
        *(fault for module in modules.values() for fault in wrong_imports(module, modules)),
        *(fault for module in modules.values() if room_of(module.name) == "model" for fault in impurities(module)),
        *cycles({name: {near for _, near in inner_imports(module, modules)} for name, module in modules.items()}),
    ]


def inner_imports(module: Module, modules: dict[str, Module]) -> Iterator[Import]:
    """Go through the imports of modules of the package, each by the longest name that is a module."""
    for line, name in module.imports:
        parts = name.split(".")
        above = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
        nearest = next((known for known in above if known in modules), None)
        if nearest:
            yield Import(line, nearest)


def wrong_imports(module: Module, modules: dict[str, Module]) -> Iterator[str]:
    room = room_of(module.name)
    if room not in MAY_IMPORT:
        yield f"{module.name} stands in a room without a rule"
        return
    for line, name in inner_imports(module, modules):
        if room_of(name) not in MAY_IMPORT[room] | {room}:
            yield f"{module.name}:{line} imports {name}"
    for line, name in module.imports:
        if not {room, module.name} & ONLY_IN.get(name.split(".")[0], {room}):
            yield f"{module.name}:{line} imports {name}"


def impurities(module: Module) -> Iterator[str]:
    """Find in a module of the model what does or awaits I/O, or reads a clock."""
    for line, name in module.imports:
        if name.split(".")[0] in NO_IO:
            yield f"{module.name}:{line} imports {name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            yield f"{module.name}:{node.lineno} awaits"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS:
            yield f"{module.name}:{node.lineno} reads a clock by {node.func.attr}()"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open":
            yield f"{module.name}:{node.lineno} opens a file"


def cycles(graph: dict[str, set[str]]) -> Iterator[str]:
    """Name each way from a module to itself; cut each where it closes, to find the next."""
    graph = {name: set(near) for name, near in graph.items()}
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            way = error.args[1][::-1]
            graph[way[0]].discard(way[1])
            yield " -> ".join(way)
        else:
            return


def test_imports_go_down_without_detours_and_the_model_does_no_io() -> None:
    assert modules_of(PACKAGE)
    found = violations(PACKAGE)
    assert not found, "\n" + "\n".join(found)


CLEAN = {
    "__init__": "from jobrunner.errors import JobError\nfrom jobrunner.engine.runner import Jobrunner\n",
    "__main__": "from jobrunner.cli import main\n",
    "errors": "class JobError(Exception): ...\n",
    "wire": "from typing import TypedDict\n",
    "config": "from jobrunner import errors\n",
    "logs": "import structlog\n",
    "model/job": "from jobrunner.errors import JobError\nfrom datetime import datetime, timedelta\n",
    "model/state": "from . import job\n",
    "storage/writer": "import aiosqlite, sqlite3, asyncio, time\nfrom jobrunner.model.job import Job\n",
    "engine/__init__": "",
    "engine/execution/calls": "import aiohttp\n",
    "engine/runner": "import time\nfrom jobrunner.storage import writer\nfrom jobrunner import config, logs\n",
    "web/app": "from aiohttp import web\nfrom ..engine.runner import Jobrunner\n",
    "client/__init__": "import aiohttp\nfrom jobrunner import errors, wire\n",
    "cli/__init__": "import aiohttp\nfrom jobrunner import client, config, logs\nfrom jobrunner.web import app\n",
    "examples/story/__init__": "from jobrunner import JobError\nimport openpyxl\nfrom .charts import draw\n",
    "examples/story/charts": "import pydantic\n",
}
WRONG = [
    ("errors", "import jobrunner.wire", "jobrunner.errors:1 imports jobrunner.wire"),
    ("wire", "from jobrunner.model import job", "jobrunner.wire:1 imports jobrunner.model.job"),
    ("config", "from jobrunner.model.job import Job", "jobrunner.config:1 imports jobrunner.model.job"),
    ("logs", "from jobrunner.errors import JobError", "jobrunner.logs:1 imports jobrunner.errors"),
    ("model/rank", "from jobrunner.storage.writer import W", "jobrunner.model.rank:1 imports jobrunner.storage.writer"),
    ("model/rank", "from ..storage import writer", "jobrunner.model.rank:1 imports jobrunner.storage.writer"),
    ("model/rank", "def f():\n    import jobrunner.logs", "jobrunner.model.rank:2 imports jobrunner.logs"),
    ("storage/rows", "import jobrunner.config", "jobrunner.storage.rows:1 imports jobrunner.config"),
    ("storage/rows", "import jobrunner.engine.runner", "jobrunner.storage.rows:1 imports jobrunner.engine.runner"),
    (
        "engine/pool",
        "if TYPE_CHECKING:\n    import jobrunner.web.app",
        "jobrunner.engine.pool:2 imports jobrunner.web.app",
    ),
    ("engine/pool", "from jobrunner import JobError", "jobrunner.engine.pool:1 imports jobrunner"),
    ("web/jobs", "from jobrunner.cli import main", "jobrunner.web.jobs:1 imports jobrunner.cli"),
    ("client/watch", "from jobrunner.model import job", "jobrunner.client.watch:1 imports jobrunner.model.job"),
    ("examples/story/read", "from jobrunner import engine", "jobrunner.examples.story.read:1 imports jobrunner.engine"),
    ("examples/story/read", "import jobrunner.errors", "jobrunner.examples.story.read:1 imports jobrunner.errors"),
    ("__init__", "from jobrunner.web import app", "jobrunner:1 imports jobrunner.web.app"),
    ("util/things", "", "jobrunner.util.things stands in a room without a rule"),
    ("storage/files", "import aiohttp.web", "jobrunner.storage.files:1 imports aiohttp.web"),
    ("engine/execution/service", "import aiohttp", "jobrunner.engine.execution.service:1 imports aiohttp"),
    ("web/jobs", "import sqlite3", "jobrunner.web.jobs:1 imports sqlite3"),
    ("engine/pool", "from aiosqlite import connect", "jobrunner.engine.pool:1 imports aiosqlite.connect"),
    ("model/rank", "import asyncio", "jobrunner.model.rank:1 imports asyncio"),
    ("model/rank", "from time import monotonic", "jobrunner.model.rank:1 imports time.monotonic"),
    ("model/rank", "n = datetime.datetime.now(UTC)", "jobrunner.model.rank:1 reads a clock by now()"),
    ("model/rank", "async def f(): ...", "jobrunner.model.rank:1 awaits"),
    ("model/rank", "open('x')", "jobrunner.model.rank:1 opens a file"),
    (
        "model/job",
        "from jobrunner.model import state",
        "jobrunner.model.job -> jobrunner.model.state -> jobrunner.model.job",
    ),
]


def made_up(package: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = package / f"{name}.py"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return package


def test_a_clean_tree_has_no_violation(tmp_path: Path) -> None:
    assert violations(made_up(tmp_path, CLEAN)) == []


@pytest.mark.parametrize(("name", "text", "violation"), WRONG)
def test_each_kind_of_violation_is_found_and_nothing_else(tmp_path: Path, name: str, text: str, violation: str) -> None:
    assert violations(made_up(tmp_path, CLEAN | {name: text})) == [violation]


def test_all_violations_are_named_at_once(tmp_path: Path) -> None:
    wrong = {"logs": "import jobrunner.wire\nimport sqlite3\n", "model/job": "import time\nopen('x')\n"}
    assert len(violations(made_up(tmp_path, CLEAN | wrong))) == 4
