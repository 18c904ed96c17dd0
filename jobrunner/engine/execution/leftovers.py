"""What a handler may leave behind in its process, where the next one would find it."""

from __future__ import annotations

import os
import resource
import signal
import threading
from typing import Any

OURS = "handler-"  # threads that are used again


def surroundings() -> tuple[Any, ...]:
    """Return what a handler should leave as it was, for the next one."""
    threads = {each for each in threading.enumerate() if not each.name.startswith(OURS)}
    limit, stop = resource.getrlimit(resource.RLIMIT_AS), signal.getsignal(signal.SIGTERM)
    return os.getcwd(), dict(os.environ), limit, stop, threads  # noqa: PTH109 - compared only


def children_left() -> bool:
    """Tell whether there are processes that nobody waits for any more."""
    if not hasattr(os, "waitid"):
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True
