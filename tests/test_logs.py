"""What a process writes to stderr: seen from outside, on a real pipe and on a real terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jwt
import pytest

from jobrunner import logs

ROOT = Path(__file__).parents[1]


def program(body: str, configure: str = "") -> list[str]:
    """Make the command of a process that sets up the logs and then does `body`."""
    head = "import logging, sys, structlog\nfrom jobrunner import logs\nlog = structlog.get_logger()\n"
    return [sys.executable, "-c", f"{head}logs.configure({configure})\n{body}"]


def piped(body: str, configure: str = "") -> str:
    done = subprocess.run(program(body, configure), cwd=ROOT, capture_output=True, text=True, check=True)
    assert not done.stdout
    return done.stderr


def lines(body: str, configure: str = "") -> list[dict[str, Any]]:
    return [json.loads(line) for line in piped(body, configure).splitlines()]


def on_terminal(body: str, **environ: str) -> str:
    """Run a program with a terminal for its stderr and return what stood there."""
    seen, given = pty.openpty()
    with subprocess.Popen(
        program(body), cwd=ROOT, stderr=given, env={**os.environ, "TERM": "xterm", **environ}
    ) as process:
        os.close(given)
        text = b""
        while chunk := _read(seen):
            text += chunk
    os.close(seen)
    assert process.returncode == 0
    return text.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # how Linux says that the other side has closed
        return b""


def test_a_pipe_gets_one_json_object_a_line_with_time_level_event_and_values() -> None:
    (line,) = lines("log.info('job.finished', job='0190', seconds=0.5)")
    at = line.pop("timestamp")
    assert line == {"level": "info", "event": "job.finished", "job": "0190", "seconds": 0.5}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", at)
    assert abs((datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds()) < 60


def test_a_terminal_gets_colours_and_no_json() -> None:
    text = on_terminal("log.info('job.finished', job='0190')")
    assert "\x1b[" in text
    assert "job.finished" in text
    assert "{" not in text


def test_a_terminal_gets_no_colours_where_no_color_is_set() -> None:
    text = on_terminal("log.info('job.finished', job='0190')", NO_COLOR="1")
    assert "\x1b" not in text
    assert "job=0190" in text


def test_json_can_be_asked_for_and_refused() -> None:
    assert lines("log.info('a.b')", "json=True")
    assert "a.b" in piped("log.info('a.b')", "json=False")
    with pytest.raises(json.JSONDecodeError):
        lines("log.info('a.b')", "json=False")


def test_lines_below_the_level_are_left_out() -> None:
    body = "log.debug('a'); log.info('b'); log.warning('c'); logging.getLogger('x').info('d')"
    assert [line["event"] for line in lines(body, "level='warning'")] == ["c"]


def test_the_standard_library_logs_the_same_way_with_the_name_of_its_logger() -> None:
    (line,) = lines("logging.getLogger('aiohttp.server').error('broke %s', 'here', exc_info=ValueError('why'))")
    assert line.pop("timestamp").endswith("Z")
    assert line.pop("exception") == "ValueError: why"
    assert line == {"level": "error", "event": "broke here", "logger": "aiohttp.server"}


def test_python_warnings_are_log_lines() -> None:
    (line,) = lines("import warnings; warnings.warn('careful')")
    assert (line["level"], line["logger"]) == ("warning", "py.warnings")
    assert "careful" in line["event"]


def test_libraries_are_never_heard_at_debug_where_they_show_what_passes_through_them() -> None:
    body = "logging.getLogger('aiosqlite').debug('insert hunter2'); log.debug('a.b')"
    assert [line["event"] for line in lines(body, "level='debug'")] == ["a.b"]


BREAKS = "try:\n    hidden = 'hunter' + '2'; 1 / 0\nexcept ZeroDivisionError:\n    log.exception('job.broke')"


def test_an_exception_is_written_with_its_traceback_on_one_line_of_json() -> None:
    (line,) = lines(BREAKS)
    assert line["exception"].startswith("Traceback (most recent call last):\n")
    assert line["exception"].endswith("ZeroDivisionError: division by zero")


def test_a_traceback_on_a_terminal_shows_no_local_variables() -> None:
    text = on_terminal(BREAKS)
    assert "ZeroDivisionError: division by zero" in text
    assert "hunter2" not in text


SECRET_KEYS = [
    "authorization",
    "Authorization",
    "token",
    "Jobrunner-Token",
    "accessToken",
    "client_secret",
    "secrets",
    "password",
    "db_passwd",
    "key",
    "api_key",
    "apiKey",
    "X-Api-Key",
    "APIKey",
    "cookie",
    "Set-Cookie",
    "payload",
    "payload_data",
    "jwt",
    "link",
]


@pytest.mark.parametrize("key", SECRET_KEYS)
def test_values_of_keys_that_sound_like_a_secret_are_hidden_however_deep(key: str) -> None:
    event = {key: "hunter2", "table": {key: 2}, "rows": [{"more": ({key: ["hunter2"]},)}], "event": "a.b"}
    assert logs.redact(None, "info", event) == {
        key: logs.REDACTED,
        "table": {key: logs.REDACTED},
        "rows": [{"more": [{key: logs.REDACTED}]}],
        "event": "a.b",
    }


@pytest.mark.parametrize(
    "key", ["job", "monkey", "keyset", "turkeys", "keyboard", "blinking", "size", "error", "key_id"]
)
def test_values_of_other_keys_are_shown(key: str) -> None:
    assert logs.redact(None, "info", {key: "x", "in": {key: 1}}) == {key: "x", "in": {key: 1}}


@pytest.mark.parametrize("configure", ["json=True", "json=False"])
def test_no_secret_is_written_however_it_is_logged(configure: str) -> None:
    body = "log.info('a.b', token='hunter2', headers={'Cookie': 'hunter2', 'via': 'x'}, payload={'card': 'hunter2'})"
    text = piped(body, configure)
    assert "hunter2" not in text
    assert text.count(logs.REDACTED) == 3


KEY = "jr_4k2m9xyz_" + "aB3_-" * 8 + "xyz"
TOKEN = jwt.encode({"sub": "anna", "exp": 2_000_000_000}, "a secret that is 32 bytes or more", "HS256")
COOKIE = "4k2m9xyz." + "aB3_-" * 8 + "xyz"
LINK = "1763791200000." + "aB3_-" * 8 + "xyz"
SHAPES = {KEY: "jr_4k2m9xyz_[redacted]", TOKEN: "[redacted]", COOKIE: "[redacted]", LINK: "[redacted]"}


@pytest.mark.parametrize(("credential", "left"), SHAPES.items(), ids=["key", "token", "cookie", "link"])
@pytest.mark.parametrize(
    "around", ["{}", "no: {}!", "Bearer {}", "/a/b?inline=1&link={}", "x={}; y", "'{}'", "b\n{}\nc"]
)
def test_what_looks_like_a_credential_of_ours_is_hidden_in_any_text(credential: str, left: str, around: str) -> None:
    text, hidden = around.format(credential), around.format(left)
    event = {
        "event": text,
        "at": {"in": [text, (text,)]},
        "for": {credential: 1},
        "path": Path(text),
    }
    assert logs.redact(None, "info", event) == {
        "event": hidden,
        "at": {"in": [hidden, [hidden]]},
        "for": {left: 1},
        "path": str(Path(hidden)),
    }
    (shown,) = logs.redact(None, "info", {"sent": text.encode()}).values()
    assert credential not in shown
    assert logs.REDACTED in shown


@pytest.mark.parametrize("text", [KEY[:-30], TOKEN.rpartition(".")[0], f"{TOKEN.rpartition('.')[0]}."])
def test_a_credential_that_was_cut_off_is_hidden_too(text: str) -> None:
    (hidden,) = logs.redact(None, "info", {"error": f"this could not be understood by us: {text}"}).values()
    assert text[len("jr_4k2m9xyz_") :] not in hidden


@pytest.mark.parametrize(
    "text",
    [
        "0198a000-0000-7000-8000-000000000001 and 2026-11-22T10:00:00.000000Z, of a length that is looked at",
        '  File "/srv/jobrunner/engine/attempt.py", line 1234567890, in run_the_thing_until_it_has_ended_by_itself',
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 jr_ eyJ link= jobrunner_session=",
    ],
)
def test_other_long_texts_stay_as_they_are(text: str) -> None:
    assert logs.redact(None, "info", {"error": text}) == {"error": text}


@pytest.mark.parametrize("configure", ["json=True", "json=False"])
def test_no_credential_is_written_with_an_exception_nor_by_the_standard_library(configure: str) -> None:
    body = f"""
import warnings
try:
    raise ValueError({KEY!r}) from KeyError({TOKEN!r})
except ValueError:
    log.exception('a.b')
    logging.getLogger('x').exception('of %s', {COOKIE!r})
warnings.warn({LINK!r})
"""
    text = piped(body, configure)
    assert [credential for credential in SHAPES if credential in text] == []
    assert text.count(logs.REDACTED) >= 6


def test_values_that_json_does_not_know_are_written_as_text() -> None:
    body = """
import pathlib, uuid
inner = {}
inner['self'] = inner
log.info('a.b', path=pathlib.Path('/x'), id=uuid.UUID(int=0), table={(1, 2): b'x'}, lone='\\ud800', loop=inner)
"""
    (line,) = lines(body)
    assert line["path"] == "/x"
    assert line["id"] == "00000000-0000-0000-0000-000000000000"
    assert line["table"] == {"(1, 2)": "b'x'"}
    assert line["lone"] == "\ud800"


def test_text_of_others_cannot_steer_a_terminal_nor_look_like_a_line_of_its_own() -> None:
    text = on_terminal(r"log.info('a.b', name='x\x1b[2J\nfaked.event')", NO_COLOR="1")
    assert r"name=x\x1b[2J\nfaked.event" in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize("stderr", ["2>&-", "2>/dev/full", "2> >(exit 0)"])
def test_a_log_that_nobody_can_write_or_read_does_not_fail_the_process(stderr: str) -> None:
    body = "for n in range(2000):\n    log.info('a.b', n=n); logging.getLogger('x').error('c')\nprint('done')"
    command = ["bash", "-c", f'exec "$0" "$@" {stderr}', *program(body)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    assert done.stdout == "done\n"
