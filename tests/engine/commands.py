"""What tests of commands do: write a program, serve it as a type, and look at what became of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from jobrunner import Jobrunner
from jobrunner.model.job import Job, Upload
from tests.conftest import OpenRunner
from tests.engine.engines import result, run

# Keeps its arguments as they are, each followed by NUL.
ARGUMENTS = '#!/bin/sh\nfile=$1; shift\nprintf \'%s\\0\' "$@" > "$file"\n'


class Programs:
    """Engines that serve a program as the type `work`."""

    def __init__(self, directory: Path, open_runner: OpenRunner) -> None:
        self.directory = directory
        self._open = open_runner

    def write(self, text: str, name: str = "program") -> str:
        """Write a program and return its path."""
        path = self.directory / name
        path.write_text(text.replace("#!python", f"#!{sys.executable} -I"))
        path.chmod(0o755)
        return str(path)

    async def serve(self, text: str, *arguments: str, **settings: object) -> Jobrunner:
        """Open an engine; settings are those of the type, or dotted keys."""
        given = {name if "." in name else f"types.work.{name}": value for name, value in settings.items()}
        command = [self.write(text if text.startswith("#!") else f"#!/bin/sh\n{text}\n"), *arguments]
        return await self._open(**{"types.work.command": command, **given})


def said(words: Any) -> str:
    """Return the line of a shell script that says something."""
    return f"cat <<'END'\n::job {json.dumps(words)}\nEND\n"


async def lines(runner: Jobrunner, job_id: str) -> list[tuple[str, str, str]]:
    return [(line.stream, line.level, line.text) for line in await runner.reader.lines(job_id, 0, 20_000)]


async def value(runner: Jobrunner, payload: Any = None, **more: Any) -> Any:
    """Run a job and return its result."""
    done = await run(runner, payload=payload or {}, **more)
    assert done.error is None, done.error
    return json.loads(await result(runner, done.id) or "null")


async def arguments(runner: Jobrunner, payload: Any, **more: Any) -> list[str]:
    """Return the arguments with which ARGUMENTS was called."""
    done = await run(runner, payload=payload, **more)
    assert done.error is None, done.error
    *found, rest = file(runner, done, "arguments").decode().split("\0")
    assert rest == ""
    return found


def file(runner: Jobrunner, done: Job, name: str) -> bytes:
    """Return a file that a job made."""
    (stored,) = (artifact.stored for artifact in done.artifacts if artifact.name == name)
    return runner.files.path(stored).read_bytes()


def left(runner: Jobrunner) -> list[Path]:
    """Return what has been left of working directories."""
    return list((runner.database.path / "work").glob("**/*"))


async def uploaded(
    runner: Jobrunner, job_id: str, name: str, filename: str | None, content_type: str | None, data: bytes = b"given"
) -> Upload:
    """Return a file that a job was given."""

    async def chunks() -> Any:
        yield data

    stored = await runner.files.receive(job_id, chunks(), limit=1_000_000)
    return Upload(name, filename, content_type, stored.size, stored.size, stored.path)
