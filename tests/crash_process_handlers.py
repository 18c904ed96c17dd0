"""A handler in a worker process of a server that tests kill."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from jobrunner import Backoff, SyncContext, job


@job("walled", execution="process", backoff=Backoff(first_ms=50, factor=1.0))
def walled(context: SyncContext, payload: dict[str, Any]) -> str:
    """Go on until a file appears, deaf to SIGTERM, with a child in the same session and one in its own."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    children = [subprocess.Popen([*before, "sleep", "1000"]) for before in ([], ["setsid"])]
    context.progress(10, " ".join(str(pid) for pid in (os.getpid(), *(child.pid for child in children))))
    while not Path(payload["until"]).exists():
        time.sleep(0.02)
    for child in children:
        child.kill()
        child.wait()
    return "done"
