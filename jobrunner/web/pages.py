"""The pages for people: files of the package, as they are, under a policy that lets them run nothing but themselves."""

from __future__ import annotations

from importlib.resources import files
from pathlib import PurePosixPath

from aiohttp import web

from jobrunner.errors import UnknownRoute

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
KINDS = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".svg": "image/svg+xml"}


async def index(_request: web.Request) -> web.Response:
    """Return the page."""
    return _page("index.html")


async def asset(request: web.Request) -> web.Response:
    """Return a module, a style sheet or a picture of the pages."""
    name = request.match_info["name"]
    if name not in _names():
        raise UnknownRoute(f"There is no asset {name[:100]!r}.")
    return _page(name)


def _page(name: str) -> web.Response:
    kind = KINDS[PurePosixPath(name).suffix]
    body = files("jobrunner.browser").joinpath(name).read_bytes()
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)


def _names() -> set[str]:
    """Return what may be asked for; whatever else is asked for, no file is looked at."""
    return {each.name for each in files("jobrunner.browser").iterdir() if PurePosixPath(each.name).suffix in KINDS}
