"""JOBRUNNER_TOKEN: what commands show to a server, and to nobody else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jobrunner.access.tokens import Tokens
from jobrunner.storage.secret import own_secret
from tests.cli.conftest import Serve
from tests.cli.program import ADVICE, at, id_of, key_of, offline_key, run, start
from tests.clock import ManualClock
from tests.process import ServerProcess


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ("garbage", 1, ADVICE),
        ("jr_00000000_" + "A" * 43, 1, ADVICE),
        ("two words", 2, "it holds no key and no token"),
        ("file:/nowhere", 2, "/nowhere: No such file or directory"),
    ],
)
def test_what_is_no_credential_is_said_and_not_repeated(
    secured: ServerProcess, given: str, code: int, said: str
) -> None:
    found, out, err = run(secured, "list", JOBRUNNER_TOKEN=given)

    assert (found, out) == (code, "")
    assert said in err
    assert given not in err


def test_a_token_that_has_expired_is_refused(secured: ServerProcess) -> None:
    tokens = Tokens(ManualClock(), own_secret(secured.data_dir), None, None)
    expired, _ = tokens.issue(user_id="anna", allow=["read"], job_ids=None, expires_in_s=1)
    code, _, err = run(secured, "list", JOBRUNNER_TOKEN=expired)

    assert (code, ADVICE in err, "expired" in err) == (1, True, True)


@pytest.mark.slow
def test_a_file_is_read_again_when_its_key_was_revoked(secured: ServerProcess, tmp_path: Path) -> None:
    old, new = (key_of(secured, "read", "submit") for _ in range(2))
    (file := tmp_path / "key").write_text(f"{old}\n")
    gated = ["submit", "gated", "--watch", "--payload", json.dumps(str(tmp_path / "gate"))]
    with start(secured, *gated, JOBRUNNER_TOKEN=f"file:{file}") as watch:
        assert watch.stdout is not None
        assert any("at the gate" in line for line in watch.stdout)
        file.write_text(new)
        at(secured.data_dir, "key", "revoke", id_of(old))
        (tmp_path / "gate").touch()
        out, _ = watch.communicate(timeout=60)

    assert (watch.returncode, out.splitlines()[-1]) == (0, "completed")


@pytest.mark.slow
def test_a_watch_ends_when_its_key_is_revoked(secured: ServerProcess, tmp_path: Path) -> None:
    key, gate = key_of(secured, "read", "submit"), json.dumps(str(tmp_path / "gate"))
    with start(secured, "submit", "gated", "--watch", "--payload", gate, JOBRUNNER_TOKEN=key) as watch:
        assert watch.stdout is not None
        assert any("at the gate" in line for line in watch.stdout)
        at(secured.data_dir, "key", "revoke", id_of(key))
        _, err = watch.communicate(timeout=60)
    (tmp_path / "gate").touch()

    assert (watch.returncode, ADVICE in err) == (1, True)


@pytest.mark.slow
def test_a_key_is_shown_once_and_stands_nowhere_else(tmp_path: Path, serve: Serve) -> None:
    data = tmp_path / "data"
    key = offline_key(data, "admin")
    server = serve()
    errors = [run(server, "stats", JOBRUNNER_TOKEN=key)[2]]
    _, listed, said = at(data, "key", "list", "--json")
    at(data, "key", "revoke", id_of(key))
    errors.append(run(server, "stats", JOBRUNNER_TOKEN=key)[2])
    server.stop()

    held = [file.read_bytes() for file in data.rglob("*") if file.is_file()]
    told = "".join([*errors, listed, said, *server.lines]).encode()
    assert (len(held) > 3, id_of(key).encode() in told) == (True, True)
    assert all(key.split("_", 2)[2].encode() not in text for text in (told, *held))
