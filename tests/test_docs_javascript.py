"""The page about the JavaScript says all functions, options, elements and hooks there are, and no others."""

from __future__ import annotations

import re

import pytest

from tests.documents import BROWSER, JAVASCRIPT, code

IMPORTED = re.compile(r'(?:from|import|import\()\s*"\./([a-z-]+\.js)"')
ENDS = ("job-completed", "job-failed", "job-cancelled")


def source(name: str) -> str:
    return (BROWSER / name).read_text(encoding="utf-8")


def exports(name: str) -> set[str]:
    """Return the names that a module exports."""
    text = source(name)
    found = set(re.findall(r"^export (?:async )?(?:function|class|const) (\w+)", text, re.MULTILINE))
    for names in re.findall(r"^export \{ (.*?) \}", text, re.MULTILINE):
        found |= set(names.split(", "))
    return found.union(*(exports(each) for each in re.findall(r'^export \* from "\./(.+)";', text, re.MULTILINE)))


def members(name: str, kind: str) -> set[str]:
    """Return the properties of a type that stands in a comment."""
    text = source(name).partition(f"@typedef {{object}} {kind}")[2].partition("@typedef")[0].partition("*/")[0]
    return set(re.findall(r"@property \{.*?\} \[?(\w+)\]?(?:  |$)", text, re.MULTILINE))


def closure(name: str) -> str:
    """Return the text of a module and of all that it loads, but for the client."""
    found: dict[str, str] = {}
    waiting = {name}
    while waiting:
        found[each] = text = source(each := waiting.pop())
        waiting |= set(IMPORTED.findall(text)) - found.keys() - {"jobrunner.js"}
    return "".join(found.values())


def attributes(text: str) -> set[str]:
    """Return the attributes that are read, watched, or properties, too."""
    lists = re.findall(r"(?:observedAttributes|ATTRIBUTES) = \[(.*?)\]|reflect\(\w+, \[(.*?)\]", text, re.DOTALL)
    streamed = re.findall(r"const (?:STREAMED|ASKED) = \{ (.*) \}", text)
    named = {name for each in lists for part in each for name in re.findall(r'"([a-z-]+)"', part)}
    keys = {name for each in streamed for name in re.findall(r'"?([\w-]+)"?: "', each)}
    asked = set(re.findall(r'(?:this|node|host)\.(?:get|has)Attribute\("([a-z-]+)"\)', text))
    return named | keys | asked


def events(text: str) -> set[str]:
    found = set(re.findall(r'\.tell\("([a-z-]+)"', text)) | set(
        re.findall(r'dispatchEvent\(new Event\("(.+?-.+?)"', text)
    )
    return found | set(ENDS) if "tell(`job-${job.status}`" in text else found


def parts(text: str) -> set[str]:
    return {name for words in re.findall(r'\bpart"?[:,] [^,}"]*"([a-z -]+)"', text) for name in words.split()}


ELEMENTS = {code(row[0])[0]: row for row in JAVASCRIPT.rows("element")}
EVERYTHING = "".join(file.read_text(encoding="utf-8") for file in sorted(BROWSER.glob("*.js")))


@pytest.mark.parametrize(
    ("header", "module"),
    [("function or class", "jobrunner.js"), ("from `components.js`", "components.js"), ("from `react.js`", "react.js")],
)
def test_every_export_is_documented(header: str, module: str) -> None:
    assert JAVASCRIPT.names(header) == exports(module)


def test_every_member_of_the_client_is_documented() -> None:
    body = source("jobrunner.js").partition("export class Client")[2]
    methods = set(re.findall(r"^  (?:async |get )?([a-z]\w*)\(", body, re.MULTILINE))
    assert JAVASCRIPT.names("`Client`") == methods - {"constructor"}


def test_every_option_is_documented() -> None:
    typed = re.search(r"@param \{\{(.*?)\}\} \[options\]", source("jobrunner.js"))
    assert typed
    assert JAVASCRIPT.names("option of `createClient`") == set(re.findall(r"(\w+)\?: ", typed[1]))
    assert JAVASCRIPT.names("option of `useAsyncJob`") == members("react.js", "AsyncJobOptions")
    assert JAVASCRIPT.names("state of a job") == members("react.js", "JobState")
    assert JAVASCRIPT.names("observer") == members("watcher.js", "Observer")


def test_every_state_of_the_connection_is_documented() -> None:
    typed = re.search(r"@typedef \{(.*?)\} LinkState", source("link.js"), re.DOTALL)
    assert typed
    assert JAVASCRIPT.names("state") == set(re.findall(r'"(\w+)"', typed[1]))


def test_every_hook_and_what_the_longest_adds_is_documented() -> None:
    made = source("types/react.d.ts").partition("export declare function createHooks")[2]
    assert JAVASCRIPT.names("of `createHooks`") == set(re.findall(r"^    (\w+)[:(<]", made, re.MULTILINE))
    assert JAVASCRIPT.names("`useAsyncJob` adds") == members("react-async.js", "AsyncJobActions") | {"isPolling"}


def test_every_element_is_documented() -> None:
    loaded = re.findall(r'"([a-z-]+)": \(\) => import', source("components.js"))
    assert ELEMENTS.keys() == {"jobs-client", *loaded}


@pytest.mark.parametrize("tag", ELEMENTS)
def test_what_is_documented_of_an_element_is_there(tag: str) -> None:
    _, _, named, told, marked = ELEMENTS[tag]
    text = closure(f"{tag}.js")
    observed = re.search(r"observedAttributes = (\[.*?\])", source(f"{tag}.js"), re.DOTALL)
    assert set(re.findall(r'"([a-z-]+)"', observed[1] if observed else "")) <= set(code(named)) <= attributes(text)
    assert set(code(told)) <= events(text)
    assert set(code(marked)) - ELEMENTS.keys() <= parts(text)


def test_every_attribute_event_and_part_is_documented() -> None:
    told = {name for row in JAVASCRIPT.rows("attribute") for name in code(row[0])}
    assert told == {name for row in ELEMENTS.values() for name in code(row[2])} == attributes(EVERYTHING)
    told = {name for row in JAVASCRIPT.rows("event") for name in code(row[0])}
    assert told == {name for row in ELEMENTS.values() for name in code(row[3])} == events(EVERYTHING)
    assert {name for row in ELEMENTS.values() for name in code(row[4])} - ELEMENTS.keys() == parts(EVERYTHING)


def test_every_custom_property_is_documented() -> None:
    style = source("style.js")
    tokens, statuses = (
        re.search(rf"const {name} = {{(.*?)^}};", style, re.DOTALL | re.MULTILINE) for name in ("TOKENS", "STATUSES")
    )
    assert tokens
    assert statuses
    colours = {f"--jobs-{name}" for name in re.findall(r'^  "?([a-z-]+)"?:', tokens[1], re.MULTILINE)}
    shades = {
        f"--jobs-{status}-{shade}"
        for status in re.findall(r"^  (\w+):", statuses[1], re.MULTILINE)
        for shade in ("text", "tint", "solid")
    }
    assert JAVASCRIPT.names("custom property") == colours | shades | set(
        re.findall(r"var\((--jobs-[a-z-]*[a-z])[,)]", EVERYTHING)
    )
