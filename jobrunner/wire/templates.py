"""The shape of a saved submission as it goes over HTTP."""

from __future__ import annotations

from typing import Any, TypedDict


class TemplateData(TypedDict):
    """A submission under a name; `user_id` is whose it is, null for nobody in particular."""

    id: str
    name: str
    user_id: str | None
    submission: dict[str, Any]
    created_at: str
    created_by: str
    updated_at: str


class TemplatePage(TypedDict):
    """Templates in the order in which they were made; the cursor of the next page is null on the last."""

    templates: list[TemplateData]
    next_cursor: str | None
