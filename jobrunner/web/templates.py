"""Saved submissions over HTTP: kept under a name, looked at, and submitted with changes.

They are for those who may submit; a user has the user's own. What is saved could have been submitted at that moment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace as but
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from jobrunner.errors import Invalid, RequestError
from jobrunner.model.identity import is_id
from jobrunner.model.job import Upload
from jobrunner.storage.templates import Template
from jobrunner.web import jobs
from jobrunner.web.body import checked, read_json
from jobrunner.web.keys import runner_of, subject_of
from jobrunner.web.moment import certain
from jobrunner.web.query import Query
from jobrunner.web.reply import reply
from jobrunner.web.submission import submission_of
from jobrunner.wire.templates import TemplateData, TemplatePage

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Wish(BaseModel):
    """What is to be saved; the submission is looked at as any is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Text
    user_id: Text | None = None
    submission: dict[str, Any] = Field(repr=False)


async def list_templates(request: web.Request) -> web.Response:
    """Return a page of templates."""
    query = Query.of(request, "user_id", "name", "limit", "cursor")
    limit, after = query.whole("limit", 100, 1, 1_000), query.one("cursor")
    if after is not None and not is_id(after):
        raise Invalid("Bad query parameter.", pointers=[("cursor", "not one that this list has given out")])
    owner, asked = subject_of(request).user_id, query.one("user_id")
    if None not in {owner, asked} and owner != asked:
        return reply(TemplatePage(templates=[], next_cursor=None))
    found = await runner_of(request).templates.page(
        owner or asked, limit=limit + 1, name=query.one("name"), after=after
    )
    views = [template_view(template) for template in found[:limit]]
    return reply(TemplatePage(templates=views, next_cursor=views[-1]["id"] if len(found) > limit else None))


async def create(request: web.Request) -> web.Response:
    """Save a submission."""
    Query.of(request)
    wish, subject = await _wish(request), subject_of(request)
    made = await runner_of(request).templates.create(wish.user_id, wish.name, wish.submission, subject.name)
    return reply(template_view(made), 201, {"Location": _place(request, made.id)})


async def get(request: web.Request) -> web.Response:
    """Return a template."""
    Query.of(request)
    return reply(template_view(await _template(request)))


async def replace(request: web.Request) -> web.Response:
    """Save another name and submission in the place of a template's; whose it is stays as it was."""
    Query.of(request)
    template = await _template(request)
    wish = await _wish(request)
    if wish.user_id not in {None, template.owner}:
        raise Invalid("The request is not valid.", pointers=[("/user_id", "stays as it was")])
    return reply(template_view(await runner_of(request).templates.replace(template, wish.name, wish.submission)))


async def delete(request: web.Request) -> web.Response:
    """Delete a template."""
    Query.of(request)
    await runner_of(request).templates.delete(await _template(request))
    return web.Response(status=204)


async def submit(request: web.Request) -> web.Response:
    """Submit what was saved, with the members that are sent in the place of its own; payloads are merged."""
    Query.of(request)
    template = await _template(request)
    saved = json.loads(template.submission)
    if template.owner is not None:
        saved.setdefault("user_id", template.owner)
    return await jobs.submit_as(request, lambda told: merged(saved, told), empty={})


def merged(saved: Mapping[str, Any], told: Any) -> dict[str, Any]:
    """Return a submission with some of its members replaced, and of its payload those that are told."""
    if not isinstance(told, dict):
        raise Invalid("The request is not valid.", pointers=[("", "an object, or nothing")])
    known, other = saved.get("payload"), told.get("payload")
    if isinstance(known, dict) and isinstance(other, dict):
        return {**saved, **told, "payload": {**known, **other}}
    return {**saved, **told}


def template_view(template: Template) -> TemplateData:
    """Return a template as it goes over the wire."""
    return {
        "id": template.id,
        "name": template.name,
        "user_id": template.owner,
        "submission": json.loads(template.submission),
        "created_at": certain(template.created_at),
        "created_by": template.created_by,
        "updated_at": certain(template.updated_at),
    }


async def _template(request: web.Request) -> Template:
    return await runner_of(request).templates.get(request.match_info["id"], subject_of(request).user_id)


async def _wish(request: web.Request) -> Wish:
    """Return what is to be saved; raise Invalid or Forbidden, with pointers, for what could not be submitted."""
    runner, subject = runner_of(request), subject_of(request)
    wish = checked(Wish, await read_json(request, runner.settings.server.max_body), "The template is not valid.")
    wish.user_id = subject.user_id or wish.user_id
    now = runner.clock.now()
    submission = submission_of(wish.submission, now, subject, "/submission")
    try:
        awaited = {*(upload.name for upload in submission.uploads), *runner.intake.type_of(submission).uploads}
        runner.intake.prepare(but(submission, uploads=tuple(Upload(name) for name in sorted(awaited))), now)
    except RequestError as error:
        error.pointers = tuple((f"/submission{where}", fault) for where, fault in error.pointers)
        raise
    return wish


def _place(request: web.Request, template_id: str) -> str:
    return f"{runner_of(request).settings.server.base_path}/api/v1/templates/{template_id}"
