"""The pages for people: files of the package under a policy that lets them run nothing but themselves.

Modules are served without their comments and their indentation, which weigh as much as the code, and joined to a few
chunks; nothing is renamed. One document serves every page of the dashboard: its script reads what its address says.
Nothing is looked for on the disk by a name that came from outside: only what is listed is served.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath

from aiohttp import ETag, hdrs, web

from jobrunner.errors import UnknownRoute
from jobrunner.web.chunks import CHUNKS, Chunks
from jobrunner.web.keys import runner_of

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
ROOM = files("jobrunner").joinpath("browser")
KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}
BLOCK = re.compile(rb"^[ ]*/\*(?:(?!\*/).)*\*/\n", re.MULTILINE | re.DOTALL)
CAST = re.compile(rb"/\*\* ?@.*?\*/ ?", re.DOTALL)
LINE = re.compile(rb"(?:^|(?<=\s))//[ ].*$", re.MULTILINE)
SPACE = re.compile(rb"^\s+|[ ]+$", re.MULTILINE)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",  # our modules are there for pages of other origins, too
    "Cache-Control": "no-cache",
}


async def login(request: web.Request) -> web.Response:
    """Return the page on which an operator signs in."""
    return _page(request, "login.html")


async def index(request: web.Request) -> web.Response:
    """Return the document of every page of the dashboard."""
    return _page(request, "index.html")


async def asset(request: web.Request) -> web.Response:
    """Return a module, a style sheet or a picture of the pages."""
    name = "/".join(request.match_info.values())
    if name not in _names():
        raise UnknownRoute("There is no such asset.")
    return _answer(request, _file(name))


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent."""

    kind: str
    body: bytes

    def raised(self, levels: int) -> File:
        """Return the file for an address so many levels below the root."""
        return File(self.kind, self.body.replace(b'="./', b'="' + (b"../" * levels or b"./")))


def _page(request: web.Request, name: str) -> web.Response:
    """Return a document, whatever its depth below the root: its links are relative."""
    base = runner_of(request).settings.server.base_path
    return _answer(request, _file(name).raised(request.path.removeprefix(base).count("/") - 1))


def _answer(request: web.Request, file: File) -> web.Response:
    tag, zipped = _sent(file)
    if any(each.value == tag for each in request.if_none_match or ()):
        response = web.Response(status=304, headers=HEADERS)
    else:
        packed = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        body = zipped if packed else file.body
        response = web.Response(body=body, content_type=file.kind, charset="utf-8", headers=HEADERS)
        if packed:
            response.headers[hdrs.CONTENT_ENCODING] = "gzip"
    response.headers[hdrs.VARY] = hdrs.ACCEPT_ENCODING
    response.etag = ETag(tag, is_weak=True)  # the same bytes after unpacking
    return response


@cache
def _sent(file: File) -> tuple[str, bytes]:
    """Return the validator of a file, and the file packed."""
    return hashlib.sha256(file.body).hexdigest()[:32], gzip.compress(file.body, 9, mtime=0)


def _file(name: str) -> File:
    suffix = PurePosixPath(name).suffix
    if suffix == ".js":
        return File(KINDS[suffix], _module(name))
    body = ROOM.joinpath(name).read_bytes()
    return File(KINDS[suffix], slim(body) if suffix == ".css" else body)


@cache
def _module(name: str) -> bytes:
    return _chunks()[name].encode()


@cache
def _chunks() -> Chunks:
    """Join the modules at the first request: what is changed on the disk is served after a restart."""
    names = [name for name in _walk(ROOM, "") if name.endswith(".js")]
    return Chunks({name: slim(ROOM.joinpath(name).read_bytes()).decode() for name in names})


@cache
def slim(source: bytes) -> bytes:
    """Return a module or a style sheet without what only people read.

    It knows how ours are written and no more: a comment stands on lines of its own, is a cast such as
    `/** @type {string} */`, or ends a line after a space. Tests run the pages as they are served.
    """
    for pattern in (BLOCK, CAST, LINE, SPACE):
        source = pattern.sub(b"", source)
    return source


@cache
def _names() -> set[str]:
    """Return what may be asked for; whatever else is asked for, no file is looked at."""
    return {name for name in _walk(ROOM, "") if PurePosixPath(name).suffix in KINDS} | {*CHUNKS}


def _walk(folder: Traversable, path: str) -> Iterator[str]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _walk(each, f"{path}{each.name}/")
        else:
            yield f"{path}{each.name}"
