"""Where names in the configuration are looked up. Reads nothing by itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from pydantic import ValidationInfo


class Surroundings(NamedTuple):
    """Say where names are looked up: the environment, and the directory that paths start from.

    The context that Settings are validated with; without one there is no variable, and paths start from the current
    directory.
    """

    environ: Mapping[str, str] = MappingProxyType({})
    directory: Path = Path()


def surroundings_of(info: ValidationInfo) -> Surroundings:
    """Return the context of a validation."""
    return info.context if isinstance(info.context, Surroundings) else Surroundings()
