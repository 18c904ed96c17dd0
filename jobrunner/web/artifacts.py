"""Files of a job, to take away or to look at. They are never shown with any power.

No script of theirs runs in our origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from jobrunner.errors import Forbidden, UnknownFile
from jobrunner.web.auth import LINK
from jobrunner.web.file_reply import file_reply
from jobrunner.web.keys import ATTEMPT, authority_of, runner_of
from jobrunner.web.moment import certain
from jobrunner.web.query import Query, job_id_of
from jobrunner.web.reply import reply
from jobrunner.wire import LinkData

POWERLESS = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self' data:; "
    "font-src data:"
)
CODE = frozenset({"script", "style", "worker", "sharedworker", "serviceworker", "audioworklet", "paintworklet", "xslt"})


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a file lies, and what it is called outside."""

    stored: str
    filename: str
    content_type: str | None


async def get_artifact(request: web.Request) -> web.StreamResponse:
    """Return a file that the job made."""
    return await _file(request, await _artifact(request))


async def get_upload(request: web.Request) -> web.StreamResponse:
    """Return a file that the job was given; to whoever works on it, while the attempt runs."""
    if ATTEMPT in request:
        await runner_of(request).callbacks.check(job_id_of(request), request[ATTEMPT])
    return await _file(request, await _upload(request))


async def link_artifact(request: web.Request) -> web.Response:
    """Return a link to a file that the job made, for `<a>` and `<video>`, which cannot send a header."""
    await _artifact(request)
    return _link(request)


async def link_upload(request: web.Request) -> web.Response:
    """Return a link to a file that the job was given."""
    await _upload(request)
    return _link(request)


async def _artifact(request: web.Request) -> Kept:
    job = (await runner_of(request).get(job_id_of(request))).job
    name = request.match_info["name"]
    for artifact in job.artifacts:
        if artifact.name == name:
            return Kept(artifact.stored, artifact.name, artifact.content_type)
    raise UnknownFile(f"The job has no artifact named {name[:100]!r}.")


async def _upload(request: web.Request) -> Kept:
    job = (await runner_of(request).get(job_id_of(request))).job
    name = request.match_info["name"]
    for upload in job.uploads:
        if upload.name == name and upload.stored is not None:
            return Kept(upload.stored, upload.filename or upload.name, upload.content_type)
    raise UnknownFile(f"The job has no upload named {name[:100]!r} that has arrived.")


def _link(request: web.Request) -> web.Response:
    Query.of(request)
    path = request.path.rstrip("/").removesuffix("/link")
    signed, expires_at = authority_of(request).sign_link(path)
    url = f"{request.rel_url.raw_path.rstrip('/').removesuffix('/link')}?{LINK}={signed}"
    answer: LinkData = {"url": url, "expires_at": certain(expires_at)}
    return reply(answer, 201)


async def _file(request: web.Request, kept: Kept) -> web.FileResponse:
    """Answer with a file, which no page may run."""
    if request.headers.get("Sec-Fetch-Dest") in CODE:
        raise Forbidden("A file of a job is no code: no page may run it from here.")
    files = runner_of(request).files
    path = files.path(kept.stored)
    try:
        known = await files.run(path.stat)
    except FileNotFoundError:
        raise UnknownFile("The file was deleted with its job.") from None
    return file_reply(request, path, known, _headers(kept, Query.of(request, "inline", "filename", LINK)))


def _headers(kept: Kept, query: Query) -> dict[str, str]:
    """Return how a file is to be taken; one that was reached by a link may be a part of another site's page."""
    kind, filename = kept.content_type, query.one("filename") or kept.filename
    disposition = "inline" if query.choice("inline", "0", ("0", "1")) == "1" else "attachment"
    ascii_name = "".join(
        each if each.isascii() and each.isprintable() and each not in '"\\' else "_" for each in filename
    )
    return {
        "Content-Type": kind if kind and kind.isascii() and kind.isprintable() else "application/octet-stream",
        "Content-Disposition": f"{disposition}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(filename, safe='')}",
        "Content-Security-Policy": POWERLESS,
        "Cross-Origin-Resource-Policy": "cross-origin" if LINK in query else "same-origin",
        "Cache-Control": "private, no-cache",
    }
