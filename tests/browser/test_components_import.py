"""Where there is no page the modules load and do nothing; and what they cost where there is one."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import jobrunner
from jobrunner.web import pages

BROWSER = Path(jobrunner.__file__).with_name("browser")
IMPORT = re.compile(r'^(?:import|export) [^;]*?"\./([a-z-]+\.js)";$', re.MULTILINE)
ELEMENTS = sorted(set(re.findall(r'import\("\./([a-z-]+\.js)"\)', (BROWSER / "components.js").read_text("utf-8"))))


@pytest.mark.parametrize("module", ["components.js", "react.js", "job-submit.js"])
def test_a_module_loads_without_a_window(module: str) -> None:
    node = shutil.which("node")
    if node is None and os.environ.get("JOBRUNNER_REQUIRE_BROWSER") != "1":
        pytest.skip("node is missing")
    program = f"import * as all from {str(BROWSER / module)!r}; console.log(Object.keys(all).length > 0)"
    done = subprocess.run(
        [node or "node", "--input-type=module", "--eval", program],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "true\n", "")


def graph(name: str) -> set[str]:
    """Return a module and all that come with it at once."""
    found, waiting = set(), [name]
    while waiting:
        found.add(module := waiting.pop())
        waiting += set(IMPORT.findall((BROWSER / module).read_text(encoding="utf-8"))) - found
    return found


def zipped(names: set[str]) -> int:
    """Return the size of modules as they are served."""
    return len(gzip.compress(b"".join(pages._file(name).body for name in sorted(names)), 9))


@pytest.mark.parametrize("element", ELEMENTS)
def test_an_element_costs_at_most_18_kb_beside_the_client(element: str) -> None:
    assert zipped(graph(element) - graph("jobrunner.js")) <= 18_000


def test_the_script_of_a_page_costs_5_kb_before_it_has_an_element_and_the_form_comes_with_the_form_only() -> None:
    assert zipped(graph("components.js") - graph("jobrunner.js")) <= 5_000
    assert "submit-form.js" not in graph("job-submit.js")
    assert zipped(graph("submit-form.js") - graph("jobrunner.js") - graph("job-submit.js")) <= 15_500
    assert len(ELEMENTS) == 12
