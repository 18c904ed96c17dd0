"""What the client costs a visitor, as it is served: each module slim, and packed by itself."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import jobrunner
from jobrunner.web.pages import slim

ROOM = Path(jobrunner.__file__).with_name("browser")
STATIC = re.compile(r'^(?:import|export)\b[^"]*?"\./([^"]+\.js)";', re.MULTILINE)
DYNAMIC = re.compile(r'\bimport\("\./([^"]+\.js)"\)')


def served(name: str) -> bytes:
    return slim((ROOM / name).read_bytes())


def graph(name: str, *, later: bool = False) -> set[str]:
    """Return a module and all that come with it; with `later` also what is loaded when it is needed."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        found.add(module := waiting.pop())
        text = served(module).decode()
        waiting += set(STATIC.findall(text) + (DYNAMIC.findall(text) if later else [])) - found
    return found


def cost(names: set[str]) -> int:
    return sum(len(gzip.compress(served(name), 9)) for name in names)


CLIENT = graph("jobrunner.js")
WATCHING = graph("watching.js") - CLIENT
ALL = graph("jobrunner.js", later=True)


def test_the_client_costs_at_most_8_kb_and_the_first_who_watches_at_most_7_kb_more() -> None:
    assert {"caller.js", "hub.js", "store.js"} < CLIENT
    assert {"feed.js", "sse.js"} < WATCHING
    assert cost(CLIENT) <= 8_000
    assert cost(WATCHING) <= 7_000


def test_what_not_every_page_needs_comes_when_it_is_needed() -> None:
    assert {"tabs.js", "upload.js", "transfer.js", "log.js"} == ALL - CLIENT - WATCHING
    assert cost({"tabs.js"}) <= 1_600


def test_the_client_reads_of_a_page_only_whether_there_is_one_and_whether_it_is_looked_at() -> None:
    texts = {name: served(name).decode() for name in ALL}
    assert {name for name, text in texts.items() if re.search(r"\bdocument\b", text)} == {"presence.js", "feed.js"}
    for word in (
        "querySelector",
        "createElement",
        "innerHTML",
        "localStorage",
        "sessionStorage",
        "indexedDB",
        "cookie",
    ):
        assert not [name for name, text in texts.items() if word in text], word
