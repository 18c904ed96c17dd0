"""A file on the disk as an answer: validators, conditions, ranges. Knows neither jobs nor pages."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from jobrunner.errors import BadRange


def file_reply(request: web.Request, path: Path, known: os.stat_result, headers: Mapping[str, str]) -> web.FileResponse:
    """Answer with a file or a range of it; validators and conditions are those of aiohttp's FileResponse.

    Raises BadRange for a range that begins beyond its end.
    """
    if not _is_current(request, known):
        return _Whole(path, headers=headers)
    _check_range(request, known.st_size)
    return web.FileResponse(path, headers=headers)


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
