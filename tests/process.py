"""`jobrunner serve` as a real process on a port of its own, to be killed and started again on the same directory."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

UP_WITHIN_S = 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class ServerProcess:
    """A server; `url` stays the same over restarts. `base` is the base path that the environment gives it."""

    def __init__(
        self,
        data_dir: Path,
        *imports: str,
        path: Path | None = None,
        base: str = "",
        flags: Sequence[str] = (),
        **environment: str,
    ) -> None:
        self._flags = flags
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}{base}"
        self.lines: list[str] = []
        self.process: subprocess.Popen[str] | None = None
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("JOBRUNNER_")},
            "JOBRUNNER_WORKERS__IMPORTS": ",".join(imports),
            "JOBRUNNER_CONFIG": os.devnull,
            "PYTHONPATH": os.pathsep.join(str(each) for each in (path, Path(__file__).parents[1]) if each),
            **environment,
        }

    def start(self) -> None:
        """Start it, and return when it answers."""
        self.launch()
        deadline = time.monotonic() + UP_WITHIN_S
        while not self.answers():
            if self.exited() is not None or time.monotonic() > deadline:
                raise AssertionError("the server did not come up:\n" + "\n".join(self.lines[-30:]))
            time.sleep(0.02)  # a process tells nobody when it begins to listen

    def launch(self) -> None:
        """Start it without waiting."""
        command = [
            sys.executable,
            "-m",
            "jobrunner",
            "serve",
            "--port",
            str(self.port),
            "--data-dir",
            str(self.data_dir),
            *self._flags,
        ]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=self._environment)
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/livez", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def exited(self) -> int | None:
        """Return the exit code, or None while it runs."""
        return None if self.process is None else self.process.poll()

    def kill(self) -> None:
        """Kill it as `kill -9` does."""
        self.signal(signal.SIGKILL)
        self.wait()

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def wait(self, timeout_s: float = 60) -> int:
        """Return its exit code."""
        return 0 if self.process is None else self.process.wait(timeout_s)

    def stop(self) -> int:
        """Stop it in order."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return what it has logged under a name."""
        found = []
        for line in list(self.lines):
            if line.startswith("{"):
                entry = json.loads(line)
                found += [entry] if entry.get("event") == name else []
        return found

    def _read(self, process: subprocess.Popen[str]) -> None:
        if process.stderr is not None:
            with process.stderr as stream:
                self.lines.extend(line.rstrip("\n") for line in stream)
