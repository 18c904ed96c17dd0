"""A TOML file as a tree, and the line on which each of its keys stands. Knows no setting."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jobrunner.errors import ConfigError

KeyPath = tuple[str, ...]


def read_document(file: Path) -> tuple[dict[str, Any], dict[KeyPath, int]]:
    """Read a file; raise ConfigError when it cannot be read or is no TOML."""
    try:
        text = file.read_text(encoding="utf-8-sig")
        return tomllib.loads(text), key_lines(text)
    except OSError as error:
        raise ConfigError("file", f"cannot be read: {error.strerror}", source=str(file)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("file", f"is not UTF-8 text: {error.reason}", source=str(file)) from error
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else len(text.splitlines())
        raise ConfigError("file", f"is not TOML: {error}", source=str(file), line=line) from error


def key_lines(text: str) -> dict[KeyPath, int]:
    """Give the line, from 1, of each table and each key of valid TOML; a key inside a value has the line of that value.

    tomllib keeps no lines. But a statement is the fewest whole lines that are valid by themselves, and each is either
    a table's header or belongs to the header before it.
    """
    known: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for line, statement, tree in _statements(text):
        keys = [table + key for key in key_paths(tree)]
        if statement.lstrip().startswith("["):
            keys = list(key_paths(tree))
            table = keys[-1]
        for key in keys:
            known.setdefault(key, line)
    return known


def key_paths(tree: Mapping[str, Any], above: KeyPath = ()) -> Iterator[KeyPath]:
    """Go through the keys of a tree, tables before what they hold."""
    for key, value in tree.items():
        yield (*above, key)
        if isinstance(value, Mapping):
            yield from key_paths(value, (*above, key))


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    begun, pending = 1, ""
    for line, words in enumerate(text.split("\n"), start=1):
        pending += words + "\n"
        try:
            tree = tomllib.loads(pending)
        except tomllib.TOMLDecodeError:
            continue
        yield begun, pending, tree
        begun, pending = line + 1, ""
