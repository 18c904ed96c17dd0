"""Pages of one's own: files of the directories that the configuration names, as free and as bound as the dashboard's.

Only files are there whose suffix a page may be made of, whatever else lies beside them. Nothing is listed, nothing that
begins with a dot is served, and no symbolic link leads out of its directory. Everybody may read them: rights are asked
for where a page asks for jobs.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from aiohttp import web
from aiohttp.typedefs import Handler

from jobrunner.config import Settings
from jobrunner.errors import ConfigError, UnknownRoute
from jobrunner.web import pages
from jobrunner.web.file_reply import file_reply
from jobrunner.web.keys import runner_of
from jobrunner.web.routes import ROUTES
from jobrunner.web.rules import Route

INDEX = "index.html"
STEP = re.compile(r"[^./\\\0][^/\\\0]*")
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
}
HEADERS = {**pages.HEADERS, "Content-Security-Policy": f"{pages.POLICY}; font-src 'self'"}


class Found(NamedTuple):
    """A file that may be served, as it was when it was looked for."""

    path: Path
    kind: str
    known: os.stat_result


def add_own_pages(app: web.Application, settings: Settings) -> None:
    """Serve the directories that the configuration names; what they hold is looked at with each request."""
    for mount, directory in settings.pages.items():
        for path in (mount, f"{mount}/{{path:.*}}"):
            app.router.add_get(f"{settings.server.base_path}{path}", _served(directory))


def check_own_pages(settings: Settings, routes: Iterable[Route] = ROUTES) -> None:
    """Raise ConfigError for pages at an address where something of the server is."""
    taken = {route.path.split("/")[1] for route in routes} - {""}
    for mount in settings.pages:
        if mount.split("/")[1] in taken:
            words = ", ".join(f"/{name}" for name in sorted(taken))
            raise ConfigError(f'pages."{mount}"', f"the server has addresses there itself; these are taken: {words}")


def find(directory: Path, path: str) -> Found | None:
    """Find the file for a path below a directory; a path that ends with a slash names the index. Blocks."""
    steps = path.split("/")
    steps[-1] = steps[-1] or INDEX
    if not all(map(STEP.fullmatch, steps)):
        return None
    try:
        file = directory.joinpath(*steps).resolve(strict=True)
        known = file.stat()
    except (OSError, ValueError):  # a name that no file can have
        return None
    kind = KINDS.get(file.suffix.lower())
    return Found(file, kind, known) if kind and file.is_file() and _is_inside(directory, file) else None


def _is_inside(directory: Path, file: Path) -> bool:
    """Tell whether a file that links may have led to lies in a directory, behind no name with a dot."""
    return file.is_relative_to(directory) and not any(
        step.startswith(".") for step in file.relative_to(directory).parts
    )


def _served(directory: Path) -> Handler:
    """Return what answers for a directory; one that is named without a slash is led to its index."""

    async def answer(request: web.Request) -> web.StreamResponse:
        path, run = request.match_info.get("path"), runner_of(request).files.run
        found = None if path is None else await run(find, directory, path)
        if found is not None:
            return file_reply(request, found.path, found.known, {**HEADERS, "Content-Type": found.kind})
        if await run(find, directory, f"{path}/" if path else "") is None:
            raise UnknownRoute("There is no such page.")
        raise web.HTTPTemporaryRedirect(_with_slash(request), headers=HEADERS)

    return answer


def _with_slash(request: web.Request) -> str:
    """Return the address from which the relative links of an index lead where they are meant to."""
    return f"{request.rel_url.raw_path}/" + (f"?{request.rel_url.raw_query_string}" if request.query_string else "")
