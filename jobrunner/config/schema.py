"""Which type stands at which key of the settings, and what is near to a key that is none. Reads no value."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from jobrunner.config.document import KeyPath
from jobrunner.config.settings import Settings


def kind_at(key: KeyPath) -> Any:
    """Give the type of a setting, or the model of a table; None where there is neither."""
    kind: Any = Settings
    for part in key:
        kind = _plain(_below(kind, part))
    return kind


def advice(key: KeyPath) -> str:
    """Name the setting nearest to an unknown one, or all that its table knows."""
    table = kind_at(key[:-1])
    known = list(table.model_fields) if _is_model(table) else []
    near = get_close_matches(key[-1], known, n=1)
    return f"did you mean {written((*key[:-1], near[0]))}?" if near else f"known here: {', '.join(known) or 'nothing'}"


def written(key: KeyPath) -> str:
    """Write a key as TOML does."""
    return ".".join(part if re.fullmatch(r"[\w-]+", part) else json.dumps(part) for part in key)


def _below(kind: Any, part: str) -> Any:
    if _is_model(kind):
        return kind.model_fields[part].annotation if part in kind.model_fields else None
    return get_args(kind)[1] if get_origin(kind) is Mapping else None


def _plain(kind: Any) -> Any:
    """Take off `Annotated` and `| None`."""
    if get_origin(kind) is Annotated:
        return _plain(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return _plain(next(part for part in get_args(kind) if part is not type(None)))
    return kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
