"""What a page gets with a module: all that it imports, as it is served."""

from __future__ import annotations

import gzip
import posixpath
import re

from jobrunner.web import pages

NOW = re.compile(r'^import [^"]*?"(\.{1,2}/[^"]+\.js)";$', re.MULTILINE)
LATER = re.compile(r'\bimport\("(\.{1,2}/[^"]+\.js)"\)')


def body(name: str) -> bytes:
    """Return a file as it is sent, unpacked."""
    return pages._file(name).body


def graph(*names: str, later: bool = False) -> set[str]:
    """Return files and all that come with them; with `later` also what is loaded when it is needed."""
    found: set[str] = set()
    waiting = [*names]
    while waiting:
        found.add(name := waiting.pop())
        text = body(name).decode()
        targets = NOW.findall(text) + (LATER.findall(text) if later else [])
        waiting += {posixpath.normpath(posixpath.join(posixpath.dirname(name), each)) for each in targets} - found
    return found


def cost(names: set[str]) -> int:
    """Return the bytes of files, each packed by itself, as they go over the wire."""
    return sum(len(gzip.compress(body(name), 9, mtime=0)) for name in names)
