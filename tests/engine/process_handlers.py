"""Handlers for worker processes, which import this module; some of them also run within, to be compared."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from jobrunner import Context, JobError, Registry, Stage, SyncContext, job

F = TypeVar("F", bound=Callable[..., Any])

REGISTRY = Registry()
SLEEP = ["sleep", "1000"]


class Order(BaseModel):
    n: int
    names: list[str] = []


def both(name: str, **options: Any) -> Callable[[F], F]:
    """Serve a type in a process, and the same one within as `<name>-within`."""

    def register(handler: F) -> F:
        job(name, registry=REGISTRY, execution="process", **options)(handler)
        job(f"{name}-within", registry=REGISTRY, **options)(handler)
        return handler

    return register


def parts(order: Order) -> list[str]:
    return order.names


def told(context: SyncContext) -> list[Any]:
    return [context.attempt, context.user_id, context.parts, context.traceparent, context.cancelled]


@both("talk", stages=["first", "second"], parts=parts, uploads=["file"])
def talk(context: SyncContext, order: Order) -> Any:
    with context.stage("first"):
        context.progress(25, "begun", remaining_s=7)
        context.progress(50)
        context.log("one", "warning")
        context.log("two")
    (context.workdir / "made").write_text("file")
    context.artifact("text", "words", "text/x-words")
    context.artifact("made.csv", context.workdir / "made")
    for name in context.parts:
        with context.part(name) as part:
            part.progress(10, "going", stage="cutting")
            if name == "bad":
                raise JobError("BAD", "no good", details={"name": name}, retryable=False)
            part.artifact(f"{name}.bin", name.encode())
            part.complete({"of": name})
    with context.stage("second"):
        context.progress(75, "nearly")
    return {"n": order.n, "upload": context.upload("file").path.read_text(), "told": told(context)}


@both("talk-async", stages=["first", "second"], parts=parts, uploads=["file"])
async def talk_async(context: Context, order: Order) -> Any:
    async with context.stage("first"):
        context.progress(25, "begun", remaining_s=7)
        context.log("one", "warning")
    await context.artifact("text", "words", "text/x-words")
    for name in context.parts:
        async with context.part(name) as part:
            part.progress(10, "going", stage="cutting")
            await part.artifact(f"{name}.bin", await context.in_thread(name.encode))
    return {"n": order.n, "upload": context.upload("file").path.read_text(), "told": told(context)}


@both("fault", stages=[Stage("cutting", default_error_code="CUT")], max_result=1_000, default_error_code="OTHER")
def fault(context: SyncContext, what: str) -> Any:
    """Go wrong in one of many ways."""
    match what:
        case "told":
            raise JobError("OWN", "words", details={"a": [1]}, retryable=False)
        case "raised":
            raise LookupError("nothing there")
        case "in a stage":
            with context.stage("cutting"):
                raise ValueError
        case "exit":
            sys.exit(3)
        case "interrupt":
            raise KeyboardInterrupt
        case "no json":
            return object()
        case "nan":
            return float("nan")
        case "large":
            return "x" * 2_000
        case "wrong details":
            raise JobError("OWN", "words", details={"a": object()})
    return what


@both("count")
def count(_context: SyncContext, _payload: Any) -> int:
    """Return what is none of the numbers that the annotation promises."""
    return "many"  # type: ignore[return-value]


@job("die", registry=REGISTRY, execution="process")
def die(_context: SyncContext, how: str) -> None:
    sys.stderr.write("last words\n")
    if how == "exit":
        os._exit(4)
    if how == "nonsense":
        os.write(int(sys.argv[1]), b"nonsense\n")
        signal.pause()
    os.kill(os.getpid(), signal.Signals[how])


@job("pid", registry=REGISTRY, execution="process")
def pid(_context: SyncContext, _payload: Any) -> int:
    return os.getpid()


@job("pid-async", registry=REGISTRY, execution="process")
async def pid_async(_context: Context, _payload: Any) -> int:
    return os.getpid()


@job("untidy", registry=REGISTRY, execution="process")
def untidy(context: SyncContext, what: str) -> list[int]:
    """Leave something behind."""
    left = os.getpid()
    match what:
        case "process":
            left = subprocess.Popen(SLEEP).pid
        case "daemon":
            left = int(subprocess.check_output("setsid sleep 1000 >&- 2>&- & echo $!", shell=True))
        case "thread":
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        case "directory":
            os.chdir(context.workdir)
        case "environment":
            os.environ["LEFT"] = "behind"
    return [os.getpid(), left]


@job("wait", registry=REGISTRY, execution="process", timeout="60s")
def wait(context: SyncContext, how: dict[str, Any]) -> Any:
    """Wait for a word through a FIFO; say before who waits: this process, a child, and one in a session of its own."""
    children = [subprocess.Popen(SLEEP), subprocess.Popen(["setsid", *SLEEP])]
    try:
        context.progress(10, " ".join(str(each) for each in (os.getpid(), *(child.pid for child in children))))
        return hear(how)
    except BaseException as error:
        context.log(f"{type(error).__name__} {context.cancelled}")
        if how.get("stubborn"):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            return hear(how)
        raise
    finally:
        context.log("finally")
        for child in children:
            child.kill()
            child.wait()


def hear(how: dict[str, Any]) -> str:
    with Path(how["fifo"]).open() as fifo:
        return fifo.read()


@job("wait-async", registry=REGISTRY, execution="process")
async def wait_async(context: Context, how: dict[str, Any]) -> Any:
    context.progress(10, str(os.getpid()))
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        context.log(f"cancelled {context.cancelled}")
        if how.get("late"):
            return "late"
        raise
    finally:
        context.log("finally")


@job("meet", registry=REGISTRY, execution="process")
def meet(_context: SyncContext, how: dict[str, str]) -> int:
    """Return when the other one is there too."""
    mine, other = how["mine"], how["other"]
    if how["first"]:
        Path(mine).open("w").close()
        Path(other).open().close()
    else:
        Path(other).open().close()
        Path(mine).open("w").close()
    return os.getpid()


@job("memory", registry=REGISTRY, execution="process", memory="700MB")
def memory(_context: SyncContext, size: int) -> int:
    return len(bytearray(size))


@job("busy", registry=REGISTRY, execution="process", cpu_time="1s")
def busy(_context: SyncContext, seconds: float) -> float:
    began = time.process_time()
    while time.process_time() < began + seconds:
        pass
    return time.process_time()


@job("chatter", registry=REGISTRY, execution="process")
def chatter(context: SyncContext, words: int) -> None:
    for n in range(1, words + 1):
        context.progress(100 * n / words)
        context.log(str(n))


@job("flood", registry=REGISTRY, execution="process")
def flood(_context: SyncContext, megabytes: int) -> None:
    subprocess.run(f"yes {'x' * 99} | head -c {megabytes}000000", shell=True, check=True)
    sys.stdout.write("the end\n")


@job("print", registry=REGISTRY, execution="process")
def print_(_context: SyncContext, _payload: Any) -> str:
    sys.stdout.write("out\rof\r\nbounds: " + "x" * 5_000 + "\n")
    os.write(2, "kein Ende: ö".encode())
    return sys.stdin.read()


@job("parent", registry=REGISTRY, execution="process")
def parent(context: SyncContext, _payload: Any) -> Any:
    child = context.spawn("pid", key="one", tags=["small"])
    try:
        context.spawn("nothing")
    except JobError as error:
        refused = error.code
    again = context.spawn("pid", key="one", tags=["small"])
    return [child == again, refused, result_code(context, "unknown")]


def result_code(context: SyncContext, job_id: str) -> Any:
    try:
        return context.result_of(job_id)
    except JobError as error:
        return error.code


@job("heir", registry=REGISTRY, execution="process")
async def heir(context: Context, of: str) -> Any:
    return [await context.result_of(of), await context.spawn("pid")]


@job("modules", registry=REGISTRY, execution="process")
def modules(_context: SyncContext, names: list[str]) -> list[str]:
    return sorted(sys.modules.keys() & set(names))


@job("limits", registry=REGISTRY, execution="process")
@job("locally", registry=REGISTRY)
def locally(_context: SyncContext, _payload: Any) -> list[int]:
    limits = (resource.getrlimit(kind)[0] for kind in (resource.RLIMIT_AS, resource.RLIMIT_CPU))
    return [os.getpid(), *limits]
