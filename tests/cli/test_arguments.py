"""What is typed wrong is said at once, with what would be right, and ends in 2."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest

from jobrunner.cli import main
from jobrunner.cli.arguments import parse
from tests.documents import CONFIGURATION, code


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
        ("key", "required: ACTION"),
        ("key create shop", "required: --scope"),
        ("key create shop --scope root", "'root' is no right; allowed: admin, read, submit, submit:TYPE, cancel"),
        ("key create shop --scope read --expires soon", "'soon' is no duration"),
        ("token anna --expires 0s", "'0s' is no time to be good for"),
        ("key revoke", "required: ID"),
        ("session close x", "invalid choice: 'close'"),
        ("token", "required: USER"),
        ("token anna --allow admin", "'admin' is no right; allowed: read, submit, submit:TYPE, cancel"),
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


@pytest.mark.parametrize("command", ["key", "session"])
def test_every_action_is_documented_with_its_options(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    actions = set(re.findall(r"^    (\w+)  ", capsys.readouterr().out, re.MULTILINE))
    typed = [words.split() for row in CONFIGURATION.rows("command") for words in code(row[2])]
    documented = {words[1]: " ".join(words[2:]) for words in typed if words[0] == command}

    assert set(documented) == actions
    everywhere = {"--url", "--json", "--config", "--data-dir", "--help"}
    for action, options in documented.items():
        assert main([command, action, "--help"]) == 0
        given = set(re.findall(r"^  (?:-\w, )?(--[\w-]+)", capsys.readouterr().out, re.MULTILINE))
        assert set(re.findall(r"--[\w-]+", options)) == given - everywhere, action


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
