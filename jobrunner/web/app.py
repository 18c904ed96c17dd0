"""The application: assembled, served, and stopped in order.

Streams are closed first, for they would never end by themselves.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from aiohttp import web

from jobrunner.access.authority import Authority
from jobrunner.config import Settings
from jobrunner.engine.execution.coroutine import contain_exits
from jobrunner.engine.registry import Registry, load_types
from jobrunner.engine.reload import Reload
from jobrunner.engine.runner import Runner
from jobrunner.errors import JobrunnerError
from jobrunner.storage.lock import Lock
from jobrunner.web.connection import PunctualRunner
from jobrunner.web.guard import guard
from jobrunner.web.headers import add_headers
from jobrunner.web.keys import AUTHORITY, RUNNER
from jobrunner.web.own_pages import add_own_pages, check_own_pages
from jobrunner.web.problems import answer_problems
from jobrunner.web.routes import add_routes, routes_for

log = structlog.get_logger("jobrunner.web")

LAST_ANSWERS_S = 1.0  # for answers under way, after the streams were closed
SWITCH_INTERVAL_S = 0.0002  # of the interpreter's lock: with 5 ms the writer's thread waited 957 ms at p95


def make_app(runner: Runner) -> web.Application:
    """Return the application that serves an engine."""
    app = web.Application(middlewares=[answer_problems, guard], client_max_size=0)
    authority = Authority(runner)
    app[RUNNER], app[AUTHORITY] = runner, authority
    runner.site.expect()
    add_routes(app, runner.settings.server.base_path, runner.registry)
    add_own_pages(app, runner.settings)
    app.on_startup.append(lambda _app: authority.load())
    app.on_cleanup.append(lambda _app: authority.close())
    app.on_response_prepare.append(add_headers)
    return app


async def serve(
    settings: Settings, *, ready: Callable[[str], None], registry: Registry | None = None, reload: bool = False
) -> None:
    """Serve until SIGTERM or SIGINT, then stop in order; a second signal stops at once.

    With `reload` the modules of handlers are loaded anew when their files change.

    `ready` is told the address. Raises ConfigError, DataDirLocked, DataDirError, or OSError for a port that is in use.
    """
    reloading = Reload(settings) if reload else None
    registry = registry or (load_types(settings) if reloading is None else reloading.registry)
    check_own_pages(settings, routes_for(registry))
    runner = await Runner.open(settings, registry)
    _tune()
    stop = _signals()
    http = _http(make_app(runner), settings)
    try:
        address = await _listen(http, settings)
        runner.database.lock.describe(f"jobrunner at {address}, process {os.getpid()}")
        runner.site.found(_within(address))
        ready(address)
        async with watched(reloading, runner):
            await _until(stop, runner)
    except BaseException:
        await runner.stop(0)
        raise
    await _stop(runner, http, stop)
    if runner.died.done():
        raise JobrunnerError(f"the writer died: {runner.died.result()!r}")


def check(settings: Settings) -> list[str]:
    """Return what would be served.

    Raise ConfigError, DataDirLocked or DataDirError for what would keep it from starting.
    """
    registry = load_types(settings)
    check_own_pages(settings, routes_for(registry))
    lines = [f"{job_type.name}: queue {job_type.queue}, {job_type.max_attempts} attempts" for job_type in registry]
    directory = settings.storage.data_dir
    if directory.is_dir():
        Lock(directory / "lock").release()
    return [*lines, f"data directory: {directory} ({'exists' if directory.is_dir() else 'will be made'})"]


@asynccontextmanager
async def watched(reloading: Reload | None, runner: Runner) -> AsyncIterator[None]:
    """Watch the files of handlers, if they are to be reloaded, in the meantime."""
    if reloading is None:
        yield
        return
    runner.reloading = reloading
    watching = asyncio.create_task(reloading.run(runner.reloaded))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _stop(runner: Runner, http: web.AppRunner, stop: asyncio.Event) -> None:
    """Take nothing in, close streams, drain; a second signal ends the draining."""
    stop.clear()
    runner.close_intake()
    draining = asyncio.create_task(runner.drain())
    hurry = asyncio.create_task(stop.wait())
    await asyncio.wait({draining, hurry}, return_when=asyncio.FIRST_COMPLETED)
    draining.cancel()
    hurry.cancel()
    await asyncio.gather(draining, hurry, return_exceptions=True)
    await http.cleanup()
    await runner.stop(0)


async def _until(stop: asyncio.Event, runner: Runner) -> None:
    """Wait for a signal, or for the end of the writer, without which nothing can be done."""
    runner.died.add_done_callback(lambda _died: stop.set())
    await stop.wait()


def _http(app: web.Application, settings: Settings) -> PunctualRunner:
    head_timeout_s = settings.server.header_timeout.total_seconds()
    return PunctualRunner(
        app,
        head_timeout_s=head_timeout_s,
        handler_cancellation=True,
        access_log=None,
        shutdown_timeout=LAST_ANSWERS_S,
    )


async def _listen(http: web.AppRunner, settings: Settings) -> str:
    await http.setup()
    site = web.TCPSite(http, settings.server.host, settings.server.port, backlog=1024)
    await site.start()
    host, port = http.addresses[0][:2]
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}{settings.server.base_path}"


def _within(address: str) -> str:
    """Return an address by which this machine reaches itself: nothing can be sent to the one that means all."""
    return address.replace("http://0.0.0.0:", "http://127.0.0.1:", 1).replace("http://[::]:", "http://[::1]:", 1)


def _signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _tune() -> None:
    """Set the process up for many small objects, two busy threads, and handlers that call sys.exit()."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    contain_exits(asyncio.get_running_loop())
