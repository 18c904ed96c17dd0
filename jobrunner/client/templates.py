"""The part of the client that submits in other ways: by saved submissions, and at addresses that types have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack, cast

from jobrunner.client.call import Call, get, new_key, params, path, post, put
from jobrunner.client.file import Source
from jobrunner.client.submission import Envelope, Submission, envelope_of, submit
from jobrunner.client.transport import Transport, was_not_done
from jobrunner.errors import Problem
from jobrunner.wire import JobData
from jobrunner.wire.templates import TemplateData

PAGE = 1_000


class Templates:
    """Ask one server about saved submissions."""

    _transport: Transport

    async def templates(self, *, user_id: str | None = None, name: str | None = None) -> Sequence[TemplateData]:
        """Return saved submissions in the order in which they were made."""
        found: list[TemplateData] = []
        cursor: str | None = None
        while True:
            query = params(user_id=user_id, name=name, limit=PAGE, cursor=cursor)
            page = await self._transport.json(get("/templates", query))
            found += page["templates"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    async def template(self, template_id: str) -> TemplateData:
        """Return a saved submission."""
        return cast("TemplateData", await self._transport.json(get(_path(template_id))))

    async def save_template(
        self, name: str, submission: Submission, *, user_id: str | None = None, template_id: str | None = None
    ) -> TemplateData:
        """Save a submission under a name, or in the place of a template; it has to be one that could be sent now."""
        wish = envelope_of({"name": name, "submission": envelope_of(submission), "user_id": user_id})
        if template_id is not None:
            return cast("TemplateData", await self._transport.json(put(_path(template_id), wish)))
        return cast("TemplateData", await self._transport.json(post("/templates", wish), passing=was_not_done))

    async def delete_template(self, template_id: str) -> None:
        """Delete a saved submission; jobs that were made of it stay."""
        await self._transport.json(Call("DELETE", _path(template_id)))

    async def submit_template(
        self,
        template_id: str,
        payload: object = None,
        *,
        files: Mapping[str, Source] | None = None,
        idempotency_key: str | None = None,
        **envelope: Unpack[Envelope],
    ) -> JobData:
        """Submit what was saved, with these members in the place of its own; payloads are merged."""
        content = envelope_of(envelope) | ({} if payload is None else {"payload": payload})
        call = submit(content, files or {}, idempotency_key or new_key(), _path(template_id, "jobs"))
        return cast("JobData", await self._transport.json(call))

    async def submit_to(
        self,
        route: str,
        body: object = None,
        *,
        files: Mapping[str, Source] | None = None,
        idempotency_key: str | None = None,
        **query: Any,
    ) -> JobData:
        """Submit at an address that a type has for itself, as `types` tells it, with its names filled in.

        `query` may hold `priority`, `user_id`, `title` and `tags`.
        """
        content = {} if body is None else body
        call = submit(content, files or {}, idempotency_key or new_key(), route, params(**query), below="")
        return cast("JobData", await self._transport.json(call))


def _path(template_id: str, *rest: str) -> str:
    """Return the path of a template; raise Problem for an id that cannot name one."""
    if not template_id.strip("./"):
        raise Problem(404, "unknown-template", "No such template", f"{template_id!r} is no id of a template.")
    return path("templates", template_id, *rest)
