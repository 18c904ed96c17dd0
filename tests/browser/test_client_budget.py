"""What the client costs a visitor, as it is served: joined, and each file packed by itself."""

from __future__ import annotations

import re

from jobrunner.web.modules import LATER, Module, place
from jobrunner.web.pages import _chunks
from tests.browser.served import cost, graph

CLIENT = graph("jobrunner.js")
WATCHING = graph("chunk-watching.js") - CLIENT
ALL = graph("jobrunner.js", later=True)


def modules(*names: str) -> dict[str, Module]:
    """Return the modules of the client, all that it ever loads."""
    known = _chunks().modules
    found: dict[str, Module] = {}
    waiting = [*names]
    while waiting:
        name = waiting.pop()
        found[name] = module = known[name]
        later = {place(name, each) for each in LATER.findall(module.code)}
        waiting += (module.imports.keys() | later) - found.keys()
    return found


def test_the_client_costs_at_most_8_kb_and_the_first_who_watches_at_most_7_kb_more() -> None:
    assert {"jobrunner.js", "chunk-client.js"} == CLIENT
    assert cost(CLIENT) <= 8_000
    assert {"chunk-watching.js"} == WATCHING
    assert cost(WATCHING) <= 7_000


def test_what_not_every_page_needs_comes_when_it_is_needed() -> None:
    assert {"chunk-upload.js", "log.js"} == ALL - CLIENT - WATCHING


def test_the_client_reads_of_a_page_only_whether_there_is_one_and_whether_it_is_looked_at() -> None:
    texts = {name: module.code for name, module in modules("jobrunner.js").items()}
    assert {"caller.js", "hub.js", "feed.js", "sse.js", "tabs.js", "upload.js", "transfer.js", "log.js"} < texts.keys()
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
