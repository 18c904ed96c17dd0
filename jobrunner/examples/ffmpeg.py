"""ffmpeg, which a wheel carries, run with its own word on how far it is. Knows no stages, leaves nothing running."""

from __future__ import annotations

import re
import subprocess
from collections import deque
from collections.abc import Callable, Sequence

from jobrunner import JobError

_PROGRESS = re.compile(r"(\w+)=\s*(\S*)\s*")
_LAST_LINES = 5


def run(arguments: Sequence[str], seconds: float, told: Callable[[float], None]) -> None:
    """Run ffmpeg for an output of so many seconds; `told` hears how much of it is there, 0 to 1.

    Raises JobError ENCODING_FAILED with its last words.
    """
    import imageio_ffmpeg  # noqa: PLC0415 - an extra

    command = [
        imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-nostdin", "-y", "-loglevel", "error",
        "-progress", "pipe:1", *arguments,
    ]  # fmt: skip
    words: deque[str] = deque(maxlen=_LAST_LINES)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:  # noqa: S603 - a list of our own
        try:
            for line in process.stdout or ():
                _take(line, seconds, told, words)
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise JobError("ENCODING_FAILED", "\n".join(words) or f"ffmpeg has ended with {process.returncode}.")


def _take(line: str, seconds: float, told: Callable[[float], None], words: deque[str]) -> None:
    """Read a line: of the progress, or of what went wrong."""
    found = _PROGRESS.fullmatch(line)
    if found is None:
        words.append(line.rstrip("\n"))
    elif found[1] == "out_time_us" and found[2].isdigit():
        told(min(int(found[2]) / 1_000_000 / seconds, 1.0))
