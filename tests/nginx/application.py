"""The application of README.md as it stands there: its route under a real node, its page, and who its users are."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.documents import README
from tests.process import free_port

ORIGIN = "http://localhost:3000"  # what README's configuration calls it; Chromium is led to the port that it has
SERVER = "http://127.0.0.1:8080"  # what README's page calls the server

(ROUTE,) = README.blocks("js")
(PAGE,) = README.blocks("html")

USERS = """
export async function signedIn(request) {
  return { id: /user=(\\w+)/.exec(request.headers.get("cookie"))[1] };
}
"""

ADAPTER = """
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { POST } from "./route.js";

const page = readFileSync("page.html");

createServer(async (request, response) => {
  if (request.method === "GET") return response.setHeader("Content-Type", "text/html; charset=utf-8").end(page);
  const { method, url, headers } = request;
  const body = Readable.toWeb(request);
  const answer = await POST(new Request(`http://localhost:3000${url}`, { method, headers, body, duplex: "half" }));
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
}).listen(Number(process.env.PORT), "127.0.0.1", () => console.log("ready"));
"""


def find() -> str | None:
    """Return the program that runs it."""
    return shutil.which("node")


class Application:
    """It calls the server at `server_url` by `key`; its page calls it at `SERVER` and a base path."""

    def __init__(self, program: str, directory: Path, server_url: str, key: str, base_path: str = "") -> None:
        self.port, self._program, self._directory = free_port(), program, directory
        self._environment = {"PORT": str(self.port), "JOBRUNNER_URL": server_url, "JOBRUNNER_TOKEN": key}
        page = PAGE.replace(SERVER, f"{SERVER}{base_path}")
        files = {"route.js": ROUTE, "users.js": USERS, "adapter.js": ADAPTER, "page.html": page}
        for name, text in (files | {"package.json": '{"type": "module"}'}).items():
            (directory / name).write_text(text)
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start it, and return when it listens."""
        environment = {**os.environ, **self._environment}
        self._process = subprocess.Popen(
            [self._program, "adapter.js"], cwd=self._directory, env=environment, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.communicate(timeout=20)
