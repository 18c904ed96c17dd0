"""Servers with rights behind a real nginx. Without nginx or node a test is skipped, or fails where it must not be."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.browser.conftest import chromium as chromium  # noqa: PLC0414 - a fixture of theirs that is one of ours, too
from tests.documents import README, RIGHTS
from tests.nginx import application, nginx
from tests.process import ServerProcess

BASE_PATH = "/jobrunner"

Serve = Callable[..., ServerProcess]


def required(program: str | None, name: str) -> str:
    """Return a program of the machine."""
    if program is not None:
        return program
    if os.environ.get("JOBRUNNER_REQUIRE_BROWSER") == "1":
        pytest.fail(f"no {name}: `apt-get install {name}`")
    pytest.skip(f"no {name}: `apt-get install {name}`")


@pytest.fixture(scope="session")
def nginx_program() -> str:
    return required(nginx.find(), "nginx-light")


@pytest.fixture(scope="session")
def node_program() -> str:
    return required(application.find(), "nodejs")


@pytest.fixture(scope="module")
def running() -> Iterator[ExitStack]:
    """What is to be ended after the tests of a module."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory, running: ExitStack) -> Serve:
    """Start servers of README's handler and ours, set up by a file and more settings."""

    def serve_one(config: str, base: str = "", **settings: str) -> ServerProcess:
        directory = tmp_path_factory.mktemp("server")
        (directory / "config.toml").write_text(config)
        (directory / "from_readme.py").write_text("\n\n".join(README.blocks("python")))
        environment = {"JOBRUNNER_CONFIG": str(directory / "config.toml"), "JOBRUNNER_WORKERS__CONCURRENCY": "1"}
        imports = ("from_readme", "tests.nginx.handlers")
        server = ServerProcess(directory / "data", *imports, path=directory, base=base, **environment, **settings)
        running.callback(server.kill)
        server.start()
        return server

    return serve_one


@pytest.fixture(scope="module")
def behind(serve: Serve) -> ServerProcess:
    """A server as the documentation sets it up for nginx."""
    (config,) = (block for block in RIGHTS.blocks("toml") if "trusted_proxies" in block)
    return serve(config, BASE_PATH, JOBRUNNER_SERVER__CORS_ORIGINS=application.ORIGIN)


@pytest.fixture(scope="module")
def proxy(
    nginx_program: str, behind: ServerProcess, tmp_path_factory: pytest.TempPathFactory, running: ExitStack
) -> nginx.Nginx:
    """The nginx before it."""
    started = nginx.Nginx(nginx_program, tmp_path_factory.mktemp("nginx"), behind.port)
    running.callback(started.stop)
    started.start()
    return started
