"""What was set, merged from everywhere, and where each value comes from. Judges no value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple, get_origin

from jobrunner.config.document import KeyPath, key_paths
from jobrunner.config.schema import kind_at

PREFIX = "JOBRUNNER_"
COMMAND_LINE = "command line"
_FLAGS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


class Origin(NamedTuple):
    """Where a value comes from: a file and a line of it, an environment variable, or the command line."""

    source: str
    line: int | None = None


@dataclass(slots=True)
class Given:
    """Collect values; the later of two wins, inside tables too. Both fields grow with each call."""

    tree: dict[str, Any] = field(default_factory=dict)
    origins: dict[KeyPath, Origin] = field(default_factory=dict)

    def add_document(self, tree: Mapping[str, Any], lines: Mapping[KeyPath, int], source: str) -> None:
        """Add what a file says."""
        self.origins |= {key: Origin(source, line) for key, line in lines.items()}
        _merge(self.tree, tree)

    def add_environment(self, environ: Mapping[str, str]) -> None:
        """Add each `JOBRUNNER_SECTION__KEY`; a name without `__`, such as JOBRUNNER_URL, is no setting."""
        for name in sorted(environ):
            if name.startswith(PREFIX) and "__" in name:
                self._add(self._spelt(name.removeprefix(PREFIX)), environ[name], Origin(name))

    def add_overrides(self, overrides: Mapping[str, object]) -> None:
        """Add each `section.key` that a flag gave; None is a flag that was not given."""
        for name, value in overrides.items():
            if value is not None:
                self._add(tuple(name.split(".")), value, Origin(COMMAND_LINE))

    def origin(self, key: KeyPath) -> Origin | None:
        """Say where a key was set: itself, else the first of what it holds, else the nearest that holds it."""
        inside = (found for found in self.origins if found[: len(key)] == key)
        above = (key[:length] for length in range(len(key) - 1, 0, -1))
        return next((self.origins[found] for found in (key, *inside, *above) if found in self.origins), None)

    def _add(self, key: KeyPath, value: object, origin: Origin) -> None:
        tree: Any = decoded(value, kind_at(key)) if isinstance(value, str) else value
        for part in reversed(key):
            tree = {part: tree}
        self.origins |= {found: origin for found in key_paths(tree) if len(found) >= len(key)}
        _merge(self.tree, tree)

    def _spelt(self, name: str) -> KeyPath:
        """Spell `QUEUES__GPU_2` as the file does, which may say `[queues.gpu-2]`."""
        table, key = self.tree, []
        for part in name.lower().split("__"):
            key.append(next((known for known in table if re.sub(r"\W", "_", known.lower()) == part), part))
            below = table.get(key[-1])
            table = below if isinstance(below, dict) else {}
        return tuple(key)


def decoded(text: str, kind: Any) -> Any:
    """Read text as a setting of this kind; text that cannot be read stays, to be refused with the rest."""
    if kind is bool:
        return _FLAGS.get(text.lower(), text)
    with suppress(ValueError):
        if kind in (int, float):
            return kind(text)
        if text.startswith(("[", "{")):
            return json.loads(text)
        if get_origin(kind) is tuple:
            return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _merge(into: dict[str, Any], tree: Mapping[str, Any]) -> None:
    for key, value in tree.items():
        if isinstance(value, Mapping) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
