"""Saved submissions: a name for what is submitted again and again. Whether one can be submitted is decided elsewhere.

A template belongs to one user, or to nobody in particular; of one owner no two have the same name.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any, TypeVar

from jobrunner.engine.clock import Clock
from jobrunner.errors import TemplateConflict, UnknownTemplate
from jobrunner.model.document import dumps
from jobrunner.model.identity import Ids
from jobrunner.storage import templates as kept
from jobrunner.storage.errand import keep
from jobrunner.storage.reader import Reader
from jobrunner.storage.templates import Template
from jobrunner.storage.writer import Writer

MOST = 1_000  # of one owner
T = TypeVar("T")


class Templates:
    """Changes: the ids that were given. One change at a time, so that what was looked up still holds."""

    def __init__(self, clock: Clock, reader: Reader, writer: Writer) -> None:
        """Keep templates by `writer`."""
        self._clock = clock
        self._reader = reader
        self._writer = writer
        self._ids = Ids()
        self._turn = asyncio.Lock()

    async def get(self, template_id: str, owner: str | None = None) -> Template:
        """Return a template; with an owner one of somebody else is as unknown as one that nobody has."""
        template = await kept.read_template(self._reader, template_id, owner)
        if template is None:
            raise UnknownTemplate(template_id)
        return template

    async def page(
        self, owner: str | None, *, limit: int, name: str | None = None, after: str | None = None
    ) -> list[Template]:
        """Return templates in the order in which they were made; without an owner those of everybody."""
        return await kept.read_templates(self._reader, owner, limit=limit, name=name, after=after or "")

    async def create(self, owner: str | None, name: str, submission: Any, by: str) -> Template:
        """Keep a template; raise TemplateConflict for a name that is taken, or one template too many."""
        return await _to_the_end(self._create(owner, name, submission, by))

    async def replace(self, template: Template, name: str, submission: Any) -> Template:
        """Give a template another name and submission; raise UnknownTemplate or TemplateConflict."""
        return await _to_the_end(self._replace(template, name, submission))

    async def delete(self, template: Template) -> None:
        """Delete a template; one that is gone already is no error."""
        await keep(self._writer, kept.delete(template.id))

    async def _create(self, owner: str | None, name: str, submission: Any, by: str) -> Template:
        async with self._turn:
            if await kept.count_templates(self._reader, owner) >= MOST:
                raise TemplateConflict(f"{MOST:,} templates are kept of one owner, and as many there are.")
            await self._check_name(owner, name, None)
            now = self._clock.now()
            template = Template(self._ids.make(now), owner, name, dumps(submission), now, by, now)
            await keep(self._writer, kept.insert(template))
            return template

    async def _replace(self, template: Template, name: str, submission: Any) -> Template:
        async with self._turn:
            await self.get(template.id)
            await self._check_name(template.owner, name, template.id)
            changed = replace(template, name=name, submission=dumps(submission), updated_at=self._clock.now())
            await keep(self._writer, kept.update(changed))
            return changed

    async def _check_name(self, owner: str | None, name: str, own: str | None) -> None:
        if await kept.named(self._reader, owner, name) not in {None, own}:
            raise TemplateConflict(f"There is a template named {json.dumps(name, ensure_ascii=False)} already.")


async def _to_the_end(change: Coroutine[Any, Any, T]) -> T:
    """Go on also when the caller goes away: the next one looks up what this one has kept."""
    return await asyncio.shield(asyncio.create_task(change))
