"""What the dashboard costs a visitor, gzipped, as it is served; client and components have tests of their own."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import jobrunner
from jobrunner.web.pages import slim

ROOM = Path(jobrunner.__file__).with_name("browser")
IMPORT = re.compile(r'(?:import|export)\b[^;"]*?"(\.{1,2}/[a-z/.-]+\.js)"')
PAGES = {ROOM / name for name in ("index.html", "page.css", "dashboard/pages.css", "dashboard/theme.js")}


def graph(*names: str) -> set[Path]:
    """Return modules and all that come with them, also later."""
    found: set[Path] = set()
    waiting = [ROOM / name for name in names]
    while waiting:
        found.add(module := waiting.pop())
        named = {(module.parent / each).resolve() for each in IMPORT.findall(served(module).decode())}
        waiting += named - found
    return found


def served(file: Path) -> bytes:
    return file.read_bytes() if file.suffix == ".html" else slim(file.read_bytes())


def packed(files: set[Path]) -> int:
    """Return the bytes of some files as one."""
    return len(gzip.compress(b"".join(served(file) for file in sorted(files)), 9))


def sent(files: set[Path]) -> int:
    """Return the bytes of some files, each packed by itself, as they go over the wire."""
    return sum(len(gzip.compress(served(file), 9)) for file in files)


LIBRARY = graph("jobrunner.js", "components.js")
DASHBOARD = (graph("dashboard/main.js") | PAGES) - LIBRARY


def test_the_dashboard_itself_has_at_most_48_kb() -> None:
    assert len(DASHBOARD) > 40
    assert packed(DASHBOARD) <= 48_000


def test_what_a_first_visit_brings_grows_no_further() -> None:
    """It is above what it should be, 48 KB with client and components: each of many modules is packed by itself."""
    assert sent(DASHBOARD | LIBRARY) <= 116_000


def test_no_text_of_ours_looks_like_a_comment_so_that_taking_comments_out_changes_nothing() -> None:
    for file in DASHBOARD | LIBRARY:
        if file.suffix != ".js":
            continue
        source = file.read_text(encoding="utf-8")
        for quoted in re.findall(r'"(?:[^"\\\n]|\\.)*"', re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)):
            assert "/*" not in quoted, (file.name, quoted)
            assert not re.search(r"\s// ", quoted), (file.name, quoted)
