"""The data story as a service of its own, in another process or on another machine: `python -m` this module.

jobrunner posts a job, which is answered at once, and hears the rest by callback: how far it is, charts as files, and
the story. The service keeps nothing: jobrunner asks now and then whether it is still at work, and gives a job that it
knows nothing of any more another attempt.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import tempfile
from pathlib import Path
from typing import Any, cast

from aiohttp import ClientError, ClientSession, ClientTimeout, web
from pydantic import ValidationError

from jobrunner import Context, JobError

from . import StoryRequest, tell_story
from .callback import Attempt, Order, Over

log = logging.getLogger("data_story.service")

_WORK = web.AppKey("work", dict[str, asyncio.Task[None]])
_SESSION = web.AppKey("session", ClientSession)


def application() -> web.Application:
    """Return the service."""
    app = web.Application()
    app[_WORK] = {}
    app.cleanup_ctx.append(_session)
    app.router.add_post("/stories", begin)
    app.router.add_get("/stories/{key:.+}", look)
    app.router.add_delete("/stories/{key:.+}", stop)
    return app


async def begin(request: web.Request) -> web.Response:
    """Take an attempt, and answer at once; the same one again is the same one."""
    try:
        order = Order.model_validate_json(await request.read())
    except ValidationError as error:
        return web.json_response({"error": str(error)}, status=422)
    work, key = request.app[_WORK], f"{order.job_id}/{order.attempt}"
    if key not in work:
        work[key] = asyncio.create_task(_work(order, request.app[_SESSION]))
        work[key].add_done_callback(lambda _: work.pop(key))
    return web.Response(status=202, headers={"Location": f"/stories/{key}"})


async def look(request: web.Request) -> web.Response:
    """Say whether an attempt is being worked on."""
    known = request.match_info["key"] in request.app[_WORK]
    return web.Response(status=200 if known else 404)


async def stop(request: web.Request) -> web.Response:
    """Stop what works on an attempt, and answer when it has."""
    task = request.app[_WORK].get(request.match_info["key"])
    if task is None:
        return web.Response(status=404)
    task.cancel()
    await asyncio.wait([task])
    return web.Response(status=204)


async def _session(app: web.Application) -> Any:
    async with ClientSession(timeout=ClientTimeout(total=None, sock_connect=10, sock_read=60)) as session:
        app[_SESSION] = session
        yield
        for task in app[_WORK].values():
            task.cancel()
        await asyncio.gather(*app[_WORK].values(), return_exceptions=True)


async def _work(order: Order, session: ClientSession) -> None:
    """Tell one story and report it; what was fetched for it is deleted."""
    with tempfile.TemporaryDirectory(prefix="data-story-") as workdir:
        attempt = Attempt(order, session, Path(workdir))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(attempt.send())
                group.create_task(_tell(attempt))
        except* Over as over:
            log.info("attempt %s of job %s is over: %s", order.attempt, order.job_id, over.exceptions[0])
        finally:
            attempt.cancelled = True  # for the thread that may still be working


async def _tell(attempt: Attempt) -> None:
    """Run the handler as jobrunner would, and say how it ended."""
    try:
        await attempt.fetch()
        request = StoryRequest.model_validate(attempt.order.payload or {})
        story = await tell_story(cast("Context", attempt), request)
        attempt.end({"result": story.model_dump(mode="json")})
    except JobError as error:
        told = {"code": error.code, "message": error.message, "details": error.details, "retryable": error.retryable}
        attempt.end({"error": told})
    except (ClientError, ValidationError) as error:
        attempt.end({"error": {"code": "PROCESSING_ERROR", "message": str(error)}})


def main() -> None:
    """Serve until it is stopped."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO)
    web.run_app(application(), host=given.host, port=given.port, access_log=None)


if __name__ == "__main__":
    main()
