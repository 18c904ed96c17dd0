"""The command line as a person uses it: real processes on both sides."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import run, start
from tests.process import ServerProcess


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """One server for all tests that leave it as it is."""
    server = ServerProcess(tmp_path_factory.mktemp("served") / "data", "tests.cli.handlers")
    server.start()
    yield server
    server.kill()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server for a test that stops it."""
    server = ServerProcess(tmp_path / "data", "tests.cli.handlers")
    server.start()
    yield server
    server.kill()


def test_submit_prints_the_id_and_nothing_else(served: ServerProcess) -> None:
    code, out, err = run(served, "submit", "echo", "--payload", "-", stdin='{"rows": 3}')
    assert (code, err) == (0, "")

    job = json.loads(run(served, "show", out.strip(), "--json")[1])
    assert (job["job_id"], job["payload"]) == (out.strip(), {"rows": 3})


def test_what_is_said_about_a_job_arrives(served: ServerProcess, tmp_path: Path) -> None:
    (path := tmp_path / "größe.csv").write_text("a;b\n")
    said = ["--priority", "9", "--user-id", "ü", "--title", "Mine", "--tag", "a", "--tag", "b", "--delay", "1h"]
    _, out, err = run(served, "submit", "upload", "--file", f"file={path}", *said, "--json")
    job = json.loads(out)

    assert err == ""
    assert (job["priority"], job["user_id"], job["title"], job["tags"]) == (9, "ü", "Mine", ["a", "b"])
    assert (job["waiting_for"], job["uploads"][0]["filename"]) == ("time", "größe.csv")


def test_submit_and_watch_ends_as_the_job_does(served: ServerProcess) -> None:
    code, out, _ = run(served, "submit", "echo", "--payload", "1", "--watch")
    job_id, *lines = out.splitlines()
    assert code == 0
    assert "log  as you say" in lines
    assert lines[-2:] == ["completed", f"echo.txt  1 bytes  {served.url}/api/v1/jobs/{job_id}/artifacts/echo.txt"]

    code, out, _ = run(served, "submit", "fail", "--watch")
    assert (code, out.splitlines()[-1]) == (1, "failed  NO_LUCK: It was not to be.")


def test_a_watch_says_reconnecting_and_goes_on_after_the_server_was_killed(own: ServerProcess, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    job_id = run(own, "submit", "gated", "--payload", json.dumps(str(gate)))[1].strip()
    with start(own, "watch", job_id) as watch:
        assert watch.stdout is not None
        assert watch.stderr is not None
        assert "40 %  Waiting: at the gate" in _until(watch.stdout, "at the gate")
        own.kill()
        assert watch.stderr.readline().startswith("reconnecting in ")
        own.start()
        gate.touch()
        out, err = watch.communicate(timeout=60)

    assert watch.returncode == 0
    assert out.splitlines()[-1].startswith("completed")
    assert err.endswith("connected again\n")


def _until(stream: Iterator[str], words: str) -> str:
    return next(line for line in stream if words in line)


def test_a_list_is_narrowed_and_made_for_cut_and_awk(served: ServerProcess) -> None:
    ids = [run(served, "submit", "fail", "--user-id", "list", "--title", "a\tb")[1].strip() for _ in range(2)]
    assert {run(served, "watch", job_id)[0] for job_id in ids} == {1}

    _, out, _ = run(served, "list", "--user-id", "list", "--status", "failed", "--type", "fail")
    rows = [line.split("\t") for line in out.splitlines()]
    assert [row[0] for row in rows] == ids[::-1]
    assert {(row[1], row[3], row[5]) for row in rows} == {("failed", "fail", "a b")}
    assert len(run(served, "list", "--user-id", "list", "--limit", "1", "--json")[1].splitlines()) == 1
    assert run(served, "list", "--user-id", "nobody") == (0, "", "no jobs\n")


def test_show_says_what_went_wrong_before_all_else(served: ServerProcess) -> None:
    job_id = run(served, "submit", "fail", "--title", "Mine")[1].strip()
    run(served, "watch", job_id)

    assert run(served, "show", job_id)[1].splitlines()[:2] == ["Mine", "NO_LUCK: It was not to be."]


def test_logs_are_printed_and_followed(served: ServerProcess) -> None:
    job_id = run(served, "submit", "echo")[1].strip()

    code, out, _ = run(served, "logs", job_id, "-f")
    assert code == 0
    assert out.splitlines()[0].split("  ", 1)[1] == "info     as you say"
    assert run(served, "logs", job_id)[1] == out
    assert json.loads(run(served, "logs", job_id, "--json")[1])["text"] == "as you say"


def test_a_job_is_cancelled_and_tried_again(served: ServerProcess) -> None:
    job_id = run(served, "submit", "echo", "--delay", "1h")[1].strip()
    assert run(served, "cancel", job_id)[:2] == (0, "cancelled\n")
    assert run(served, "watch", job_id)[0] == 1

    assert run(served, "retry", job_id)[:2] == (0, f"{job_id}\n")
    assert run(served, "watch", job_id)[0] == 0
    code, out, err = run(served, "cancel", job_id)
    assert (code, out) == (1, "")
    assert "completed" in err


def test_a_retry_with_another_payload_is_another_job(served: ServerProcess) -> None:
    job_id = run(served, "submit", "fail")[1].strip()
    run(served, "watch", job_id)
    code, out, _ = run(served, "retry", job_id, "--payload", "2", "--priority", "9")

    assert code == 0
    assert json.loads(run(served, "show", out.strip(), "--json")[1])["retried_from"] == job_id


def test_the_server_says_how_it_is_and_what_it_takes(served: ServerProcess) -> None:
    told = json.loads(run(served, "stats", "--json")[1])
    assert told["counts"].keys() >= {"queued", "total"}
    assert told["last_24h"]["totals"].keys() >= {"submitted", "failure_rate"}
    assert "workers.total\t8" in run(served, "stats")[1]

    assert "upload\tdefault\tfile\t\tupload" in run(served, "types")[1].splitlines()
    assert [json.loads(line)["type"] for line in run(served, "types", "--json")[1].splitlines()][:2] == ["echo", "fail"]


def test_serve_says_where_and_ends_in_0_when_told_to_stop(own: ServerProcess) -> None:
    assert any(line.startswith(f"jobrunner serves {own.url} (data in ") for line in own.lines)
    assert own.stop() == 0


def test_a_second_server_on_the_same_data_names_the_first(own: ServerProcess) -> None:
    code, _, err = run(None, "serve", "--port", "0", "--data-dir", str(own.data_dir))

    assert code == 2
    assert f"{own.data_dir} is in use by " in err
    assert own.url in err
    assert "choose another --data-dir" in err


def test_a_port_in_use_is_said_with_what_to_do(own: ServerProcess, tmp_path: Path) -> None:
    code, _, err = run(None, "serve", "--port", str(own.port), "--data-dir", str(tmp_path / "other"))

    assert code == 2
    assert f"127.0.0.1:{own.port} (Address already in use)" in err
    assert "--port" in err


@pytest.mark.parametrize("command", ["serve", "check"])
@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("[server]\nprot = 1\n", "bad.toml:2: server.prot"),
        ('[workers]\nimports = ["no.such.module"]\n', "workers.imports: 'no.such.module' cannot be imported"),
        ("[server\n", "bad.toml:1"),
    ],
)
def test_a_wrong_configuration_is_explained_and_ends_in_2(tmp_path: Path, command: str, config: str, said: str) -> None:
    (path := tmp_path / "bad.toml").write_text(config)
    code, out, err = run(None, command, "--config", str(path), "--data-dir", str(tmp_path / "data"))

    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err


def test_check_says_what_would_be_served(own: ServerProcess, tmp_path: Path) -> None:
    config = '[workers]\nimports = ["handlers_here"]\n'
    (tmp_path / "config.toml").write_text(config)
    (tmp_path / "handlers_here.py").write_text("from tests.cli.handlers import echo\n")

    code, out, _ = run(None, "check", "--data-dir", "elsewhere", cwd=tmp_path)
    assert (code, out.splitlines()[0][:5]) == (0, "echo:")
    assert not (tmp_path / "elsewhere").exists()
    code, _, err = run(None, "check", "--data-dir", str(own.data_dir), cwd=tmp_path)
    assert (code, own.url in err) == (2, True)


def test_the_configuration_is_the_one_that_is_here_unless_another_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[server]\nhere = 1\n")
    (tmp_path / "named.toml").write_text("[server]\nnamed = 1\n")
    (tmp_path / "told.toml").write_text("[server]\ntold = 1\n")

    assert "server.here" in run(None, "check", cwd=tmp_path)[2]
    assert "server.named" in run(None, "check", cwd=tmp_path, JOBRUNNER_CONFIG="named.toml")[2]
    assert "server.told" in run(None, "check", "--config", "told.toml", cwd=tmp_path, JOBRUNNER_CONFIG="named.toml")[2]


def test_an_interrupted_server_stops_in_order(own: ServerProcess) -> None:
    own.signal(signal.SIGINT)

    assert own.wait() == 0
