"""A table of the configuration: what it does not know it refuses, what it has read stays."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Be a table of the file: what it does not know it refuses, what it has read stays."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
