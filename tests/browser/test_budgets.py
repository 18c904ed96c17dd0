"""What the dashboard costs a visitor, gzipped, as it is served; client and components have tests of their own."""

from __future__ import annotations

import re
from pathlib import Path

import jobrunner
from tests.browser.served import body, cost, graph

ROOM = Path(jobrunner.__file__).with_name("browser")
FILES = {"index.html", "page.css", "dashboard/pages.css", "dashboard/theme.js"}
LIBRARY = graph("jobrunner.js", "components.js", later=True)
DASHBOARD = graph("dashboard/main.js") | FILES
OVERVIEW = graph("dashboard/main.js", "watching.js", "job-status.js", "job-list.js", "queue-stats.js") | FILES


def test_the_dashboard_itself_has_at_most_48_kb() -> None:
    assert "dashboard/chunk-dashboard.js" in DASHBOARD
    assert cost(DASHBOARD - LIBRARY) <= 48_000


def test_what_a_first_visit_brings_grows_no_further() -> None:
    """It is above what it should be, 48 KB with client and components."""
    assert cost(OVERVIEW) <= 78_000
    assert cost(DASHBOARD) <= 60_000


def test_the_document_names_all_that_its_script_imports_so_that_nothing_is_found_late() -> None:
    named = set(re.findall(r'(?:modulepreload" href|module" src)="\./assets/([^"]+)"', body("index.html").decode()))
    assert named == graph("dashboard/main.js") | {"chunk-watching.js"}


def test_no_text_of_ours_looks_like_a_comment_so_that_taking_comments_out_changes_nothing() -> None:
    for file in ROOM.rglob("*.js"):
        source = file.read_text(encoding="utf-8")
        for quoted in re.findall(r'"(?:[^"\\\n]|\\.)*"', re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)):
            assert "/*" not in quoted, (file.name, quoted)
            assert not re.search(r"\s// ", quoted), (file.name, quoted)
