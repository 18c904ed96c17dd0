"""Handlers that are loaded anew when their files change, for `serve --reload`, while developing.

Attempts that run go on with the code they began with. When the new code cannot be loaded, the old one is kept.
"""

from __future__ import annotations

import asyncio
import importlib
import linecache
import sys
import sysconfig
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import structlog

from jobrunner.config import Settings
from jobrunner.engine.registry import DEFAULT, Registry, load_types

log = structlog.get_logger("jobrunner.reload")

LOOK_EVERY_S = 0.5
OWN, EXAMPLES = "jobrunner", "jobrunner.examples"

Stamp = tuple[int, int]


class Reload:
    """Changes: the modules that were loaded, when their files were written, and why the last change is not in force."""

    def __init__(self, settings: Settings, source: Registry = DEFAULT) -> None:
        """Import what the configuration names, to watch it; raise ConfigError."""
        self.error: str | None = None
        self._settings = settings
        self._source = source
        self._before = frozenset(sys.modules)
        sys.dont_write_bytecode = True  # a file that changes twice within a second would be taken from the first
        self.registry = load_types(settings, source)
        self._stamps = _stamps(self._ours())

    async def run(self, reloaded: Callable[[], None]) -> None:
        """Look now and then, until cancelled; `reloaded` is told when new code is in force."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self.look():
                reloaded()

    def look(self) -> bool:
        """Load what has changed; tell whether new code is in force."""
        ours = self._ours()
        stamps = _stamps(ours)
        if stamps == self._stamps:
            return False
        changed = sorted(name for name in ours if stamps.get(name) != self._stamps.get(name))
        loaded = self._load(ours, changed)
        self._stamps = _stamps(self._ours())
        return loaded

    def _load(self, ours: Mapping[str, ModuleType], changed: list[str]) -> bool:
        """Import all of it anew, for what has not changed may hold on to what has; or put everything back."""
        known = list(self._source)
        self._source.drop(ours)
        for name in ours:
            del sys.modules[name]
        importlib.invalidate_caches()
        linecache.checkcache()
        try:
            self.registry.replace(load_types(self._settings, self._source))
        except Exception as error:  # a module may raise anything when it is imported
            for name in self._ours():
                del sys.modules[name]
            sys.modules.update(ours)
            self._source.replace(known)
            self.error = f"{type(error).__name__}: {error}"
            log.exception("reload.failed", changed=changed)
            return False
        self.error = None
        log.info("reload.done", changed=changed, types=[each.name for each in self.registry])
        return True

    def _ours(self) -> dict[str, ModuleType]:
        """Return the modules that came with the handlers and are neither jobrunner's own nor installed packages."""
        return {
            name: module
            for name, module in list(sys.modules.items())
            if name not in self._before and _is_developed(name, module)
        }


def _is_developed(name: str, module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    if file is None or (_within(name, OWN) and not _within(name, EXAMPLES)):
        return False
    path = Path(file)
    installed = not {"site-packages", "dist-packages"}.isdisjoint(path.parts)
    return not installed and not path.is_relative_to(sysconfig.get_paths()["stdlib"])


def _within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _stamps(modules: Mapping[str, ModuleType]) -> dict[str, Stamp]:
    """Return when the file of each module was written, and its size; those that are gone are left out."""
    stamps = {}
    for name, module in modules.items():
        try:
            found = Path(str(module.__file__)).stat()
        except OSError:
            continue
        stamps[name] = found.st_mtime_ns, found.st_size
    return stamps
