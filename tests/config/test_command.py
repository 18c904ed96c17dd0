"""Commands in the configuration: what is allowed, and that each fault is named by its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobrunner.config import Placeholder
from tests.config.reading import fault, read

PAYLOAD = "[types.a.payload]\nn = {}\nlist = { type = 'array' }\n"


def test_placeholders_are_read_and_braces_written_twice_are_braces(written: Path) -> None:
    command = "['x', '{upload:the file}', 'a{{{payload.b.c}}}', '{artifact:payload.json}{job_id}', '']"
    found = read(written, f"[types.a]\ncommand = {command}").types["a"].command
    assert [argument.pieces for argument in found or ()] == [
        ("x",), (Placeholder("upload", "the file"),), ("a", "{", Placeholder("payload", "b.c"), "}"),
        (Placeholder("artifact", "payload.json"), Placeholder("job_id", "job_id")), (),
    ]  # fmt: skip


def test_a_program_beside_the_configuration_and_its_directory_are_found(written: Path) -> None:
    (program, script) = read(written, "[types.a]\ncommand = ['./run.sh', '{config_dir}/b']").types["a"].command or ()
    assert program.pieces == (str(written.parent.absolute() / "run.sh"),)
    assert "".join(map(str, script.pieces)) == f"{written.parent.absolute()}/b"


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("command", "command = 'ls -l'"),
        ("command", "command = []"),
        ("command", "command = ['']"),
        ("command", "command = ['ls', 7]"),
        ("command", "command = ['{job_id}']"),
        ("command", "command = ['ls', '{']"),
        ("command", "command = ['ls', 'a}']"),
        ("command", "command = ['ls', '{nonsense}']"),
        ("command", "command = ['ls', '{payload}']"),
        ("command", "command = ['ls', '{payload.a-b}']"),
        ("command", "command = ['ls', '{payload.a}', '{payload.a.b}']"),
        ("command", "command = ['ls', '{upload:a/b}']"),
        ("command", "command = ['ls', '{upload:b}']\nuploads = ['a']"),
        ("command", "command = ['ls', '{artifact:..}']"),
        ("command", "command = ['ls', '{artifact:a/b}']"),
        ("command", f"command = ['ls', '{{payload.m}}']\n{PAYLOAD}"),
        ("command", f"command = ['ls', '{{payload.n.m}}']\n{PAYLOAD}"),
        ("command", f"command = ['ls', '{{payload.list}}']\n{PAYLOAD}"),
        ("command", "command = ['ls']\nurl = 'http://127.0.0.1/'"),
        ("env", "command = ['ls']\nenv = ['A=B']"),
        ("set_env.JOBRUNNER_X", "command = ['ls']\nset_env = { JOBRUNNER_X = 'a' }"),
        ("set_env.X", "command = ['ls']\nset_env = { X = 'env:NOT_SET' }"),
        ("exit_codes.0", "command = ['ls']\nexit_codes = { '0' = 'A' }"),
        ("exit_codes.256", "command = ['ls']\nexit_codes = { '256' = 'A' }"),
        ("exit_codes.3", "command = ['ls']\nexit_codes = { '3' = 'a b' }"),
        ("exit_codes.3", "command = ['ls']\nexit_codes = { '3' = { retryable = true } }"),
        ("exit_codes.3", "command = ['ls']\nexit_codes = { '3' = { code = 'A', message = 'B' } }"),
        ("progress", "command = ['ls']\nprogress = 'bar'"),
        ("progress", "command = ['ls']\nprogress = '('"),
        ("progress", "command = ['ls']\nprogress = '(?P<done>.)'"),
        ("progress", "command = ['ls']\nprogress = '(?P<percentage>.)(?P<other>.)'"),
        ("progress", "command = ['ls']\nprogress = 5"),
        ("progress_stream", "command = ['ls']\nprogress_stream = 'all'"),
        ("leading_dash", "leading_dash = true"),
        ("exit_codes", "url = 'http://127.0.0.1/'\nexit_codes = { '3' = 'A' }"),
    ],
)
def test_what_makes_no_sense_is_refused_and_named(written: Path, key: str, text: str) -> None:
    found = fault(written, f"[types.a]\n{text}")
    assert (found.key, found.line is not None) == (f"types.a.{key}", True)


def test_a_variable_is_text_or_what_is_held_elsewhere_and_never_shown(written: Path) -> None:
    text = "[types.a]\ncommand = ['ls']\nset_env = { A = 'text', B = 'env:HELD' }"
    found = read(written, text, {"HELD": "a secret"}).types["a"]
    assert {name: each.get_secret_value() for name, each in found.set_env.items()} == {"A": b"text", "B": b"a secret"}
    assert "text" not in repr(found.set_env)
    assert "a secret" not in str(fault(written, "[types.a]\ncommand = ['ls']\nset_env = 'a secret'"))
    assert "a secret" not in str(fault(written, "[types.a]\ncommand = ['ls']\nset_env = { A = ['a secret'] }"))
