"""The program of a worker process: one attempt after another, as `workers.py` assigns them.

Its standard input and the pipe whose number is its argument belong to the server; handlers see an empty input, and
what they print goes to the log of the job. When the server is gone, the process ends itself and its group.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import faulthandler
import importlib
import inspect
import os
import resource
import signal
import sys
import traceback
from collections.abc import Coroutine
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from pydantic import TypeAdapter

from jobrunner.engine.conclusion import Conclusion
from jobrunner.engine.context import Context, SyncContext
from jobrunner.engine.declaration import adapters
from jobrunner.engine.execution.channel import Channel
from jobrunner.engine.execution.inbox import Inbox, Questions
from jobrunner.engine.execution.interruption import Interruption
from jobrunner.engine.execution.leftovers import children_left, surroundings
from jobrunner.engine.execution.thread import ThreadExit, Threads
from jobrunner.engine.execution.voice import DistantKin, Voice, driven
from jobrunner.engine.job_type import Handler
from jobrunner.engine.outcome import Completed, Failed
from jobrunner.engine.registry import DEFAULT
from jobrunner.errors import JobError
from jobrunner.model.job import Job, Part, Upload
from jobrunner.storage.files import Files
from jobrunner.storage.workdirs import Workdir

SEARCH_PATH = "PYTHONPATH"
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


class AttemptStopped(BaseException):
    """The attempt is to stop; raised in a handler that is no coroutine, wherever it is."""


@dataclass(frozen=True, slots=True)
class Served:
    """A handler, and what its annotations say."""

    handler: Handler
    payload: TypeAdapter[Any]
    result: TypeAdapter[Any]


class Worker:
    """Changes: the handlers that are known, the attempt that runs, and whether it waits for one."""

    def __init__(self, channel: Channel, interruption: Interruption, inbox: Inbox) -> None:
        """Serve what comes in."""
        self._channel = channel
        self._interruption = interruption
        self._inbox = inbox
        self._served: dict[str, Served] = {}
        self._threads = Threads()
        self._voice: Voice | None = None
        self._task: asyncio.Task[Any] | None = None
        self._idle = False
        signal.signal(signal.SIGTERM, self._asked)

    def serve(self) -> None:
        """Run attempts until somebody asks to stop."""
        while not self._interruption.asked:
            self._idle = True
            assignment = self._inbox.assignments.get()
            self._idle = False
            before = surroundings()
            self._voice = voice = Voice(self._channel)
            outcome = self._outcome(assignment, voice)
            voice.over, self._voice = True, None
            with contextlib.suppress(ValueError, OSError):  # a handler may have closed them
                sys.stdout.flush()
                sys.stderr.flush()
            unchanged = before == surroundings() and not children_left()
            self._channel.say("ended", _told(outcome), unchanged)

    def _outcome(self, assignment: dict[str, Any], voice: Voice) -> Completed | Failed | None:
        """Return what came of an attempt; None when it has stopped."""
        conclusion = _conclusion(TypeAdapter(Any), assignment, voice)
        try:
            served = self._handler(assignment["type"], assignment["handler"])
            conclusion = _conclusion(served.result, assignment, voice)
            return conclusion.returned(self._run(served, assignment, voice))
        except JobError as error:
            return conclusion.told(error)
        except ThreadExit as error:
            return conclusion.raised(error.raised)
        except (AttemptStopped, asyncio.CancelledError) as error:
            return None if self._interruption.asked else conclusion.raised(error)
        except MemoryError as error:
            return conclusion.raised(error) if assignment["memory"] is None else conclusion.told(_too_large(error))
        except BaseException as error:  # noqa: BLE001 - sys.exit() too fails just the attempt
            return conclusion.raised(error)

    def _run(self, served: Served, assignment: dict[str, Any], voice: Voice) -> Any:
        payload = served.payload.validate_json(assignment["payload"])
        workdir = Workdir(assignment["workdir"])
        files = Files(Path(assignment["data_dir"]), incoming=Path(assignment["workdir"]) / ".incoming")
        job, questions = _job(assignment), self._inbox.questions
        try:
            if inspect.iscoroutinefunction(served.handler):
                kin = DistantKin(questions, blocks=False)
                context = Context(job, voice, files, workdir, kin, self._threads)
                return asyncio.run(self._coroutine(context, served.handler(context, payload)))
            kin = DistantKin(questions, blocks=True)
            return self._interruptible(served.handler, SyncContext(job, voice, files, workdir, kin, driven), payload)
        finally:
            files.close()

    def _interruptible(self, handler: Handler, context: SyncContext, payload: Any) -> Any:
        self._interruption.arm()
        try:
            return handler(context, payload)
        finally:
            self._interruption.disarm()

    async def _coroutine(self, context: Context, work: Coroutine[Any, Any, Any]) -> Any:
        self._task = asyncio.current_task()
        if self._interruption.asked and self._task is not None:
            self._task.cancel()
        try:
            return await work
        finally:
            self._task = None
            if (returned := context.threads_returned()) is not None:
                await returned

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        """Hear that the attempt, or the whole process, is to stop."""
        if self._idle:
            raise SystemExit
        if self._voice is not None:
            self._voice.stopping = True
        if self._task is not None:
            self._task.get_loop().call_soon_threadsafe(self._task.cancel)
        self._interruption.ask()

    def _handler(self, name: str, where: str) -> Served:
        if where not in self._served:
            module, _, path = where.partition(":")
            found: Any = importlib.import_module(module)
            known = DEFAULT.get(name)
            if known is not None and known.origin == f"{module}.{path}" and known.handler is not None:
                found = known.handler
            else:
                for step in path.split("."):
                    found = getattr(found, step)
            self._served[where] = Served(found, *adapters(name, found))
        return self._served[where]


def main() -> None:
    """Be a worker."""
    descriptor = int(sys.argv[1])
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - the parameter has no other name
    words = os.dup(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    if sys.platform == "linux":  # what a handler's children leave behind is found among our own
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
    faulthandler.enable(all_threads=False)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    interruption = Interruption(AttemptStopped)
    channel = Channel(descriptor, interruption.guard)
    inbox = Inbox(words, Questions(channel))
    _begin(inbox.assignments.get())
    channel.say("ready")
    Worker(channel, interruption, inbox).serve()


def _begin(greeting: dict[str, Any]) -> None:
    """Find modules where the server finds them, and import those that will be needed."""
    sys.path[:] = greeting["path"]
    if greeting["pythonpath"] is None:
        os.environ.pop(SEARCH_PATH, None)
    else:
        os.environ[SEARCH_PATH] = greeting["pythonpath"]
    for module in greeting["modules"]:
        try:
            importlib.import_module(module)
        except Exception:  # noqa: BLE001 - the attempt that needs it will say so
            traceback.print_exc()


def _job(assignment: dict[str, Any]) -> Job:
    """Return what a context needs to know of a job."""
    said = assignment["job"]
    uploads = tuple(Upload(**each) for each in said.pop("uploads"))
    parts = tuple(Part(key, key) for key in said.pop("parts"))
    return Job(**said, type=assignment["type"], title="", queue="", created_at=0, uploads=uploads, parts=parts)


def _conclusion(result: TypeAdapter[Any], assignment: dict[str, Any], voice: Voice) -> Conclusion:
    """Return how an attempt is judged; the server knows which code an exception has that says none."""
    return Conclusion(result, assignment["max_result"], lambda: "", voice.now)


def _too_large(error: MemoryError) -> JobError:
    """Return what to say of a handler that reached its limit, with memory enough to say it."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    failed = JobError(
        "MEMORY_LIMIT", f"The handler needs more memory than its type allows. {error}".strip(), retryable=False
    )
    failed.__cause__, failed.__traceback__ = error, error.__traceback__
    return failed


def _told(outcome: Completed | Failed | None) -> dict[str, Any]:
    match outcome:
        case Completed(result):
            return {"completed": result}
        case Failed(failure, trace):
            return {"failed": asdict(failure), "traceback": trace}
    return {}


if __name__ == "__main__":
    main()
