"""`jobrunner template` as a person uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import run
from tests.process import ServerProcess


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    server = ServerProcess(tmp_path / "data", "tests.cli.handlers")
    server.start()
    yield server
    server.kill()


def test_a_submission_is_saved_run_by_its_name_and_deleted(server: ServerProcess) -> None:
    saved = run(server, "template", "save", "mine", "echo", "--payload", '{"a": 1}', "--tag", "x")[1].strip()
    again = run(server, "template", "save", "mine", "echo", "--payload", '{"a": 2, "b": 3}', "--priority", "9")[
        1
    ].strip()
    assert saved == again
    code, out, _ = run(server, "template", "list")
    assert (code, out.split("\t")[:2], out.strip().split("\t")[-1]) == (0, [saved, "echo"], "mine")
    code, out, _ = run(server, "template", "run", "mine", "--payload", '{"b": 4}', "--json", "--watch")
    first, last = json.loads(out.splitlines()[0]), json.loads(out.splitlines()[-1])
    assert (code, first["payload"], first["priority"], last["status"]) == (0, {"a": 2, "b": 4}, 9, "completed")
    assert run(server, "template", "delete", saved)[0] == 0
    code, out, err = run(server, "template", "run", "mine")
    assert (code, out) == (1, "")
    assert "There is no template mine." in err
    code, _, err = run(server, "template", "save", "wrong", "nothing")
    assert (code, "/submission/type: not served" in err) == (1, True)
