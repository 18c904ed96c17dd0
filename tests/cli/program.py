"""The program as a person starts it: a process with an environment of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from jobrunner.access.tokens import Tokens
from jobrunner.engine.clock import SystemClock
from jobrunner.storage.secret import own_secret
from tests.process import ServerProcess

ROOT = Path(__file__).parents[2]
KEY = re.compile(r"jr_[0-9a-z]{8}_[A-Za-z0-9_-]{43}")
SECURED: dict[str, Any] = {"JOBRUNNER_AUTH__AUDIENCE": "jobrunner"}
ADVICE = "say who you are by JOBRUNNER_TOKEN"


def environment(server: ServerProcess | None = None, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JOBRUNNER_")}
    return kept | ({"JOBRUNNER_URL": server.url} if server else {}) | {"PYTHONPATH": str(ROOT)} | more


def start(server: ServerProcess | None, *argv: str, cwd: Path | None = None, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "jobrunner", *argv],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, cwd=cwd, env=environment(server, **env),
    )  # fmt: skip


def run(
    server: ServerProcess | None, *argv: str, stdin: str = "", cwd: Path | None = None, **env: str
) -> tuple[int, str, str]:
    with start(server, *argv, cwd=cwd, **env) as process:
        out, err = process.communicate(stdin, timeout=60)
        return process.returncode, out, err


def at(data: Path, *argv: str, **env: Any) -> tuple[int, str, str]:
    """Run a command where the data is."""
    return run(None, *argv, "--data-dir", str(data), JOBRUNNER_CONFIG=os.devnull, **env)


def offline_key(data: Path, *scopes: str, name: str = "a key") -> str:
    """Make a key without a server, and return its text."""
    scoped = [word for scope in scopes for word in ("--scope", scope)]
    code, out, err = at(data, "key", "create", name, *scoped)
    assert (code, bool(KEY.fullmatch(out.strip()))) == (0, True), err
    return out.strip()


def key_of(server: ServerProcess, *scopes: str, name: str = "a key") -> str:
    """Have a running server make a key, and return its text."""
    operator = Tokens(SystemClock(), own_secret(server.data_dir), None, None).operator()
    made = asked(server, "keys", {"name": name, "scopes": scopes}, Authorization=f"Bearer {operator}")
    return str(made["key"])


def asked(server: ServerProcess, path: str, content: object, **headers: str) -> dict[str, Any]:
    """Send JSON and return what is answered."""
    body, sent = json.dumps(content).encode(), {"Content-Type": "application/json"} | headers
    request = urllib.request.Request(f"{server.url}/api/v1/{path}", body, sent)
    with urllib.request.urlopen(request) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def id_of(key: str) -> str:
    """Return the part of a key that is no secret."""
    return key.split("_")[1]
