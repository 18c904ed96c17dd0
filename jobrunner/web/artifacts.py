"""Files of a job, to take away or to look at. They are never shown with any power.

No script of theirs runs in our origin.
"""

from __future__ import annotations

import os
from urllib.parse import quote

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from jobrunner.errors import BadRange, UnknownFile
from jobrunner.web.keys import runner_of
from jobrunner.web.query import Query, job_id_of

POWERLESS = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self' data:; "
    "font-src data:"
)


async def get_artifact(request: web.Request) -> web.StreamResponse:
    """Return a file that the job made."""
    job = (await runner_of(request).get(job_id_of(request))).job
    name = request.match_info["name"]
    for artifact in job.artifacts:
        if artifact.name == name:
            return await _file(request, artifact.stored, artifact.name, artifact.content_type)
    raise UnknownFile(f"The job has no artifact named {name[:100]!r}.")


async def get_upload(request: web.Request) -> web.StreamResponse:
    """Return a file that the job was given."""
    job = (await runner_of(request).get(job_id_of(request))).job
    name = request.match_info["name"]
    for upload in job.uploads:
        if upload.name == name and upload.stored is not None:
            return await _file(request, upload.stored, upload.filename or upload.name, upload.content_type)
    raise UnknownFile(f"The job has no upload named {name[:100]!r} that has arrived.")


async def _file(request: web.Request, stored: str, filename: str, content_type: str | None) -> web.FileResponse:
    """Answer with a file; validators and conditions are those of aiohttp's FileResponse."""
    files = runner_of(request).files
    path = files.path(stored)
    try:
        known = await files.run(path.stat)
    except FileNotFoundError:
        raise UnknownFile("The file was deleted with its job.") from None
    current = _is_current(request, known)
    if current:
        _check_range(request, known.st_size)
    inline = Query.of(request, "inline").choice("inline", "0", ("0", "1")) == "1"
    kind = content_type if content_type and content_type.isascii() and content_type.isprintable() else None
    disposition = "inline" if inline else "attachment"
    ascii_name = "".join(
        each if each.isascii() and each.isprintable() and each not in '"\\' else "_" for each in filename
    )
    headers = {
        "Content-Type": kind or "application/octet-stream",
        "Content-Disposition": f"{disposition}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(filename, safe='')}",
        "Content-Security-Policy": POWERLESS,
        "Cache-Control": "private, no-cache",
    }
    return web.FileResponse(path, headers=headers) if current else _Whole(path, headers=headers)


class _Whole(web.FileResponse):
    """All of a file, whatever range of an earlier version was asked for."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Begin to answer."""
        headers = [(name, value) for name, value in request.headers.items() if name.lower() != "range"]
        return await super().prepare(request.clone(headers=headers))


def _is_current(request: web.Request, known: os.stat_result) -> bool:
    """Tell whether If-Range allows a range (RFC 9110, section 13.1.5); aiohttp looks only at one with a date."""
    condition = request.headers.get("If-Range", "")
    return '"' not in condition or condition == f'"{known.st_mtime_ns:x}-{known.st_size:x}"'


def _check_range(request: web.Request, size: int) -> None:
    try:
        first = request.http_range.start
    except ValueError:
        first = size
    if first is not None and first >= size:
        raise BadRange(size)
