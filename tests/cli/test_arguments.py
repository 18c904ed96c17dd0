"""What is typed wrong is said at once, with what would be right, and ends in 2."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from jobrunner.cli import main
from jobrunner.cli.arguments import parse


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "required: COMMAND"),
        ("brew coffee", "invalid choice: 'brew'"),
        ("submit", "required: TYPE"),
        ("watch", "required: ID"),
        ("submit x --payload {", "it is not JSON"),
        ("submit x --payload NaN", "NaN is no JSON number"),
        ("submit x --payload @/nowhere", "No such file"),
        ("submit x --file sales.csv", "is not name=path, such as file=sales.csv"),
        ("submit x --file file=/nowhere.csv", "there is no file /nowhere.csv"),
        ("submit x --delay soon", "'soon' is no duration; allowed: a number and"),
        ("submit x --delay 1m --run-at 2026-11-22T10:00:00Z", "not allowed with argument"),
        ("submit x --priority high", "invalid int value"),
        ("list --status done", "invalid choice: 'done'"),
        ("list --limit 0", "'0' is no number above 0"),
        ("serve --port http", "invalid int value"),
        ("--url nowhere list", "'nowhere' is no address of a server"),
    ],
)
def test_a_mistake_is_explained_and_ends_in_2(typed: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(typed.split()) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("typed", ["--help", "submit --help", "serve --help"])
def test_help_is_a_result(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(typed.split()) == 0
    assert "usage: jobrunner" in capsys.readouterr().out


@pytest.mark.parametrize("typed", ["--url http://h:1 --json list", "list --url http://h:1 --json"])
def test_options_for_all_commands_stand_before_or_after_the_command(typed: str) -> None:
    arguments = parse(typed.split())

    assert (arguments.url, arguments.json) == ("http://h:1", True)


def test_a_payload_is_typed_read_from_a_file_or_from_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rows.json").write_text('{"rows": "ü"}', encoding="utf-8-sig")
    monkeypatch.setattr("sys.stdin", io.StringIO("[1]"))

    given = ['{"a": null}', f"@{tmp_path}/rows.json", "-"]
    assert [parse(["submit", "x", "--payload", one]).payload for one in given] == [{"a": None}, {"rows": "ü"}, [1]]


def test_the_names_of_files_and_their_paths(tmp_path: Path) -> None:
    (path := tmp_path / "a=b.csv").touch()

    assert parse(["submit", "x", "--file", f"file={path}"]).files == [("file", path)]


def test_a_duration_is_sent_in_seconds() -> None:
    assert json.dumps(parse(["submit", "x", "--delay", "15m"]).delay) == "900.0"
