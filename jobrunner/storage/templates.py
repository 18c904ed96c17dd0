"""Saved submissions as they are kept. What is in them is not looked at here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jobrunner.storage.errand import errand_of
from jobrunner.storage.reader import Reader
from jobrunner.storage.writer import Errand

COLUMNS = "id, owner, name, submission, created_at, created_by, updated_at"
INSERT = f"INSERT INTO templates ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"
UPDATE = "UPDATE templates SET name = ?, submission = ?, updated_at = ? WHERE id = ?"
DELETE = "DELETE FROM templates WHERE id = ?"
ONE = f"SELECT {COLUMNS} FROM templates WHERE id = ?1 AND (?2 IS NULL OR owner = ?2)"
SOME = (
    f"SELECT {COLUMNS} FROM templates WHERE (?1 IS NULL OR owner = ?1) AND (?2 IS NULL OR name = ?2) AND id > ?3 "
    "ORDER BY id LIMIT ?4"
)
NOBODY = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A saved submission, as JSON. `owner` is the user whose it is, None for nobody in particular."""

    id: str
    owner: str | None
    name: str
    submission: str
    created_at: int
    created_by: str
    updated_at: int


def insert(template: Template) -> Errand:
    """Return the errand that keeps a new template."""
    return errand_of((INSERT, (
        template.id, template.owner or NOBODY, template.name, template.submission,
        template.created_at, template.created_by, template.updated_at,
    )))  # fmt: skip


def update(template: Template) -> Errand:
    """Return the errand that keeps another name or submission of a template."""
    return errand_of((UPDATE, (template.name, template.submission, template.updated_at, template.id)))


def delete(template_id: str) -> Errand:
    """Return the errand that deletes a template."""
    return errand_of((DELETE, (template_id,)))


async def read_template(reader: Reader, template_id: str, owner: str | None) -> Template | None:
    """Return a template; with an owner, none but this user's."""
    rows = await reader._rows(ONE, template_id, owner)  # noqa: SLF001 - the same room
    return _template(rows[0]) if rows else None


async def read_templates(
    reader: Reader, owner: str | None, *, limit: int, name: str | None = None, after: str = ""
) -> list[Template]:
    """Return templates in the order in which they were made, `after` an id; without an owner those of everybody."""
    return [_template(row) for row in await reader._rows(SOME, owner, name, after, limit)]  # noqa: SLF001 - the same room


async def count_templates(reader: Reader, owner: str | None) -> int:
    """Return how many templates somebody has."""
    rows = await reader._rows("SELECT count(*) FROM templates WHERE owner = ?", owner or NOBODY)  # noqa: SLF001 - the same room
    return int(rows[0][0])


async def named(reader: Reader, owner: str | None, name: str) -> str | None:
    """Return the id of somebody's template of a name."""
    rows = await reader._rows("SELECT id FROM templates WHERE owner = ? AND name = ?", owner or NOBODY, name)  # noqa: SLF001 - the same room
    return str(rows[0][0]) if rows else None


def _template(row: Sequence[Any]) -> Template:
    template_id, owner, *rest = row
    return Template(template_id, owner or None, *rest)
