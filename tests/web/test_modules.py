"""Modules are served joined: under each address what it exports, each module run once, and nothing joined by guess."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from graphlib import CycleError
from pathlib import Path

import pytest

import jobrunner
from jobrunner.web.chunks import CHUNKS, Chunks
from jobrunner.web.modules import take_apart
from jobrunner.web.pages import slim

ROOM = Path(jobrunner.__file__).with_name("browser")
SOURCES = {file.relative_to(ROOM).as_posix(): slim(file.read_bytes()).decode() for file in ROOM.rglob("*.js")}
PAGES = {"login.js", "dashboard/main.js", "dashboard/theme.js"}  # run on their page only

NAMES = """
    const [names, source, served] = JSON.parse(process.argv[1]);
    for (const name of names) {
      const [written, sent] = [await import(`${source}/${name}`), await import(`${served}/${name}`)];
      console.log(JSON.stringify([name, Object.keys(written), Object.keys(sent)]));
    }
"""
SHARED = """
    const [served] = JSON.parse(process.argv[1]);
    const of = (name) => import(`${served}/${name}`);
    const [client, store, words, element, badge] = await Promise.all(
      ["jobrunner.js", "store.js", "components.js", "jobs-element.js", "jobs-client.js"].map(of));
    await Promise.all(["react.js", "job-status.js", "job-list.js", "watching.js", "dashboard/history.js"].map(of));
    console.log(JSON.stringify([
      client.JobStore === store.JobStore,
      client.createClient().jobs === words.defaultClient().jobs,
      words.defaultClient() instanceof client.Client,
      words.defaultClient === badge.defaultClient && element.define === badge.define,
      client.createClient().url("jobs").href,
    ]));
"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Be a folder of what is served."""
    folder = tmp_path_factory.mktemp("root") / "assets"
    chunks = Chunks(SOURCES)
    for name in chunks:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(chunks[name], encoding="utf-8")
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def run(program: str, *given: object) -> list[list[object]]:
    """Run a program in node; return what it says, line by line."""
    node = shutil.which("node")
    if node is None and os.environ.get("JOBRUNNER_REQUIRE_BROWSER") != "1":
        pytest.skip("node is missing")
    done = subprocess.run(
        [node or "node", "--input-type=module", "--eval", program, "--", json.dumps(given)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_under_each_address_is_what_the_module_exports(served: Path) -> None:
    names = sorted(SOURCES.keys() - PAGES)
    told = run(NAMES, names, str(ROOM), str(served))
    assert [name for name, _, _ in told] == names
    assert [(name, sent) for name, written, sent in told if written != sent] == []
    assert {name: sent for name, _, sent in told}["jobs-element.js"] == ["JobsElement", "define", "reflect"]


def test_what_is_imported_by_several_addresses_is_there_once(served: Path) -> None:
    root = served.parent.resolve().as_uri()
    assert run(SHARED, str(served)) == [[True, True, True, True, f"{root}/api/v1/jobs"]]


def test_each_module_of_a_chunk_stands_in_one_only_and_its_address_only_leads_there() -> None:
    chunks = Chunks(SOURCES)
    text = "".join(chunks[name] for name in CHUNKS)
    for name in ("store.js", "words.js", "job-view.js", "submit-form.js", "tabs.js", "dashboard/search.js"):
        variable = "$" + name.removesuffix(".js").replace("-", "_").replace("/", "_")
        assert text.count(f"export const {variable} = ") == 1
        assert chunks[name].count("\n") == 2


def test_no_file_of_the_folder_has_the_name_of_a_chunk() -> None:
    assert not CHUNKS.keys() & SOURCES.keys()
    assert set(Chunks(SOURCES)) == CHUNKS.keys() | SOURCES.keys()


@pytest.mark.parametrize(
    "source",
    [
        "export default 1;\n",
        "export let a = 1;\n",
        "export var a = 1;\n",
        "export const { a } = b;\n",
        "export const [a] = b;\n",
        'import a from "./b.js";\n',
        'import * as a from "./b.js";\n',
        'import { a as c } from "./b.js";\n',
        "export { a as c };\n",
        'export { a as c } from "./b.js";\n',
        'export * as c from "./b.js";\n',
        'import { a } from "react";\n',
        "const a = import(name);\n",
        'const a = import("react");\n',
        'const a = `\nimport { b } from "c";\n`;\n',
    ],
)
def test_a_module_that_is_not_written_as_ours_are_is_refused_by_name(source: str) -> None:
    with pytest.raises(ValueError, match=r"^odd\.js is not written as modules here are: "):
        take_apart({"odd.js": source, "b.js": "export const a = 1;\n"})


def test_modules_that_import_each_other_are_refused() -> None:
    with pytest.raises(CycleError):
        take_apart({"a.js": 'import "./b.js";\n', "b.js": 'export * from "./a.js";\n'})


def test_a_module_that_asks_for_its_address_is_not_joined_in_another_folder() -> None:
    main = 'import "../session.js";\n' + SOURCES["dashboard/main.js"]
    session = SOURCES["session.js"] + "export const HOME = import.meta.url;\n"
    chunks = Chunks(SOURCES | {"dashboard/main.js": main, "session.js": session})
    with pytest.raises(ValueError, match=r"^session\.js asks for its address"):
        chunks["dashboard/chunk-dashboard.js"]


def test_each_form_of_import_and_export_is_understood() -> None:
    source = (
        'import { x, y } from "../b.js";\nimport "./c.js";\nexport * from "./c.js";\nexport { z } from "../b.js";\n'
        "export { x };\nexport const k = 1;\nexport async function f() {}\nexport function* g() {}\nexport class K {}\n"
        'const later = () => import("../d.js");\n'
    )
    others = {"b.js": "export const x = 1, y = 2;\n", "in/c.js": "export {\nc,\nd,\n};\n", "d.js": ""}
    module = take_apart({"in/a.js": source, **others})["in/a.js"]
    assert module.imports == {"b.js": ["x", "y", "z"], "in/c.js": ["c", "d"]}
    assert module.exports == ["k", "f", "g", "K", "x", "c", "d", "z"]
    code = 'const k = 1;\nasync function f() {}\nfunction* g() {}\nclass K {}\nconst later = () => import("../d.js");\n'
    assert module.code == code
