"""Where there is no page the modules load and do nothing; and what they cost where there is one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import jobrunner
from tests.browser.served import cost, graph

BROWSER = Path(jobrunner.__file__).with_name("browser")
ELEMENTS = sorted(set(re.findall(r'import\("\./([a-z-]+\.js)"\)', (BROWSER / "components.js").read_text("utf-8"))))
CLIENT = graph("jobrunner.js")


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


@pytest.mark.parametrize("element", ELEMENTS)
def test_an_element_costs_at_most_18_kb_beside_the_client(element: str) -> None:
    """A list has more in it than it should have: rows with parts to be done again, filters, and pages."""
    assert cost(graph(element) - CLIENT) <= (20_800 if element == "job-list.js" else 18_100)


def test_the_script_of_a_page_costs_5_kb_and_a_half_before_it_has_an_element() -> None:
    assert cost(graph("components.js") - CLIENT) <= 5_500


def test_the_form_comes_with_the_form_only() -> None:
    assert "chunk-form.js" not in graph("job-submit.js")
    assert cost(graph("submit-form.js") - CLIENT - graph("job-submit.js")) <= 17_500
    assert len(ELEMENTS) == 13
