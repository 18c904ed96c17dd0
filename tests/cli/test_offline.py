"""Keys and tokens of a data directory that no server has: real processes, and the next server knows them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from jobrunner.storage.lock import Lock
from tests.cli.conftest import Serve
from tests.cli.program import ADVICE, KEY, at, id_of, key_of, offline_key, run, start


def test_the_first_key_is_made_before_the_first_start(tmp_path: Path, serve: Serve) -> None:
    code, out, err = at(tmp_path / "data", "key", "create", "first", "--scope", "admin", "--expires", "90d")
    assert (code, out.count("\n"), bool(KEY.fullmatch(out.strip()))) == (0, 1, True)
    assert err.startswith(f"key {id_of(out)} was made in {tmp_path / 'data'}; it is shown this once")

    assert run(serve(), "list", JOBRUNNER_TOKEN=out)[0] == 0


@pytest.mark.slow
def test_keys_are_listed_and_revoked(tmp_path: Path, serve: Serve) -> None:
    data = tmp_path / "data"
    good, bad = offline_key(data, "admin", name="good"), offline_key(data, "submit:echo", "read", name="b ad")
    assert at(data, "key", "revoke", id_of(bad))[:2] == (0, "revoked\n")
    code, out, _ = at(data, "key", "list")
    rows = [line.split("\t") for line in out.splitlines()]

    assert code == 0
    assert [[*row[:3], *row[4:]] for row in rows] == [
        [id_of(good), "active", "admin", "console", "", "", "good"],
        [id_of(bad), "revoked", "submit:echo read", "console", "", "", "b ad"],
    ]
    code, _, err = run(serve(), "list", JOBRUNNER_TOKEN=bad)
    assert (code, ADVICE in err) == (1, True)


@pytest.mark.slow
def test_what_cannot_be_is_refused_as_by_a_server(tmp_path: Path) -> None:
    data = tmp_path / "data"
    offline_key(data, "read")

    code, _, err = at(data, "key", "create", "", "--scope", "read")
    assert (code, err.splitlines()[1][:9]) == (1, "  /name: ")
    assert at(data, "key", "revoke", "nokey")[::2] == (1, "jobrunner: There is no API key of this id.\n")
    code, _, err = at(data, "token", "anna", "--expires", "25h")
    assert (code, "/expires_in" in err) == (1, True)


def test_only_a_key_makes_a_data_directory(tmp_path: Path) -> None:
    for command in (["key", "list"], ["token", "anna"]):
        code, out, err = at(tmp_path / "data", *command)
        assert (code, out) == (2, "")
        assert f"there is no {tmp_path / 'data'}" in err
    assert not (tmp_path / "data").exists()


def test_a_token_is_good_for_the_next_server(tmp_path: Path, serve: Serve) -> None:
    offline_key(tmp_path / "data", "read")
    code, token, err = at(tmp_path / "data", "token", "anna", "--allow", "submit:echo", "--allow", "read")
    assert (code, err) == (0, "")
    server = serve()

    job = json.loads(run(server, "submit", "echo", "--json", JOBRUNNER_TOKEN=token)[1])
    assert job["user_id"] == "anna"
    assert run(server, "submit", "fail", JOBRUNNER_TOKEN=token)[0] == 1


@pytest.mark.slow
def test_sessions_need_a_server(tmp_path: Path) -> None:
    offline_key(tmp_path / "data", "read")
    code, _, err = at(tmp_path / "data", "session", "list")

    assert (code, err.splitlines()[0]) == (3, f"jobrunner: no server runs on {tmp_path / 'data'}")


def test_a_directory_that_somebody_else_holds_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    with Lock(tmp_path / "data" / "lock"):
        code, out, err = at(tmp_path / "data", "key", "create", "x", "--scope", "admin")

    assert (code, out) == (2, "")
    assert re.search(r"in use by process \d+, which does not serve", err)
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["lock"]


@pytest.mark.slow
def test_the_next_server_still_knows_that_the_last_one_was_killed(tmp_path: Path, serve: Serve) -> None:
    server, gate = serve(), json.dumps(str(tmp_path / "gate"))
    key = key_of(server, "submit", "read")
    with start(server, "submit", "gated", "--payload", gate, "--watch", JOBRUNNER_TOKEN=key) as watch:
        assert watch.stdout is not None
        assert any("at the gate" in line for line in watch.stdout)
        watch.kill()
    server.kill()
    offline_key(server.data_dir, "read")
    server.start()

    assert [entry["crashed"] for entry in server.events("recovery.interrupted")] == [True]
