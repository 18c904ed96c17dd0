"""Who can read the data directory of a running server is its operator, by HTTP; others need a key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jobrunner.cli.operated import address_of
from tests.cli.conftest import Serve
from tests.cli.program import ADVICE, SECURED, asked, at, id_of, key_of, run
from tests.process import ServerProcess


def test_keys_are_made_listed_and_revoked_while_a_server_runs(secured: ServerProcess) -> None:
    scopes = ["--scope", "read", "--scope", "submit"]
    code, out, err = at(secured.data_dir, "key", "create", "shop", *scopes, "--expires", "1d", "--json")
    made = json.loads(out)
    assert (code, err, made["scopes"], made["created_by"]) == (0, "", ["read", "submit"], "console")

    assert run(secured, "list", JOBRUNNER_TOKEN=made["key"])[0] == 0
    listed = [json.loads(line) for line in at(secured.data_dir, "key", "list", "--json")[1].splitlines()]
    (kept,) = [key for key in listed if key["id"] == made["id"]]
    assert (kept["name"], kept["expires_at"], kept["last_used_at"] is None) == ("shop", made["expires_at"], False)
    assert at(secured.data_dir, "key", "revoke", made["id"])[:2] == (0, "revoked\n")
    code, _, err = run(secured, "list", JOBRUNNER_TOKEN=made["key"])
    assert (code, ADVICE in err) == (1, True)


def test_with_a_key_everything_goes_over_http(secured: ServerProcess, tmp_path: Path) -> None:
    admin, shop = key_of(secured, "admin"), key_of(secured, "read")
    create = ["key", "create", "x", "--scope", "read", "--json"]
    assert json.loads(run(secured, *create, JOBRUNNER_TOKEN=admin)[1])["created_by"] == f"key:{id_of(admin)}"

    code, _, err = run(secured, "key", "list", cwd=tmp_path, JOBRUNNER_TOKEN=shop)
    assert (code, "operator" in err) == (1, True)
    code, _, err = run(secured, "key", "list", cwd=tmp_path)
    assert (code, ADVICE in err) == (1, True)
    assert not (tmp_path / "data").exists()


def test_the_directory_that_is_named_counts_before_the_server_of_the_environment(secured: ServerProcess) -> None:
    elsewhere = {"JOBRUNNER_URL": "http://127.0.0.1:1", "JOBRUNNER_TOKEN": "of-somebody-else"}

    assert at(secured.data_dir, "key", "list", **elsewhere)[0] == 0


@pytest.mark.slow
def test_a_users_token_shows_the_users_jobs(secured: ServerProcess) -> None:
    key = key_of(secured, "submit")
    ids = {
        user: asked(secured, "jobs", {"type": "echo", "user_id": user}, Authorization=f"Bearer {key}")["job_id"]
        for user in "ab"
    }
    token = at(secured.data_dir, "token", "a", "--allow", "read")[1]
    narrow = at(secured.data_dir, "token", "a", "--job", ids["b"], "--expires", "1m")[1]

    assert run(secured, "list", JOBRUNNER_TOKEN=token)[1].split("\t")[0] == ids["a"]
    assert run(secured, "list", JOBRUNNER_TOKEN=narrow)[1] == ""
    code, _, err = run(secured, "cancel", ids["a"], JOBRUNNER_TOKEN=token)
    assert (code, "cancel" in err) == (1, True)


@pytest.mark.slow
def test_operators_in_browsers_are_listed_and_signed_out(secured: ServerProcess) -> None:
    asked(secured, "session", {"key": key_of(secured, "admin", name="boss")}, **{"X-Requested-With": "jobrunner"})
    (row,) = [line.split("\t") for line in at(secured.data_dir, "session", "list")[1].splitlines()]
    assert (row[2], row[-1]) == ("127.0.0.1", "boss")

    assert at(secured.data_dir, "session", "revoke", row[0])[:2] == (0, "revoked\n")
    assert at(secured.data_dir, "session", "list")[:2] == (0, "")
    assert at(secured.data_dir, "session", "revoke", row[0])[0] == 1


def test_without_the_secret_of_the_directory_nobody_is_its_operator(serve: Serve) -> None:
    server = serve()
    (secret := server.data_dir / "secret").unlink()
    code, out, err = at(server.data_dir, "key", "create", "x", "--scope", "admin")

    assert (code, out, secret.exists()) == (2, "", False)
    assert f"{secret} is missing, though a server runs" in err


@pytest.mark.parametrize(
    ("holder", "address"),
    [
        ("jobrunner at http://127.0.0.1:8080, process 7", "http://127.0.0.1:8080"),
        ("jobrunner at http://0.0.0.0:8080/base, process 7", "http://127.0.0.1:8080/base"),
        ("jobrunner at http://[::]:8080, process 7", "http://[::1]:8080"),
        ("jobrunner at http://10.0.0.7:80, process 7", "http://10.0.0.7"),
        ("process 7", None),
        ("a command, process 7", None),
        ("another process", None),
    ],
)
def test_the_holder_of_a_lock_says_where_it_can_be_reached(holder: str, address: str | None) -> None:
    assert address_of(holder) == address


@pytest.mark.parametrize(
    ("environment", "rights"),
    [
        ({}, "rights: this machine only, which may do everything"),
        (SECURED, "rights: keys and tokens"),
        ({"JOBRUNNER_SERVER__INSECURE": "1"}, "rights: none, insecure: whoever reaches the server may do everything"),
    ],
)
def test_check_says_how_rights_are_set_and_serve_warns_when_there_are_none(
    tmp_path: Path, environment: dict[str, Any], rights: str
) -> None:
    assert at(tmp_path / "data", "check", **environment)[1].splitlines()[-1] == rights
    server = ServerProcess(tmp_path / "data", "tests.cli.handlers", **environment)
    server.start()
    server.stop()

    is_open = "insecure" in rights
    assert any("warning: --insecure: whoever reaches this server" in line for line in server.lines) is is_open
    assert bool(server.events("server.insecure")) is is_open
