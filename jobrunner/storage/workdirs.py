"""Directories in which attempts work: one for each attempt that asks for it, gone when the attempt is over."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


class Workdir:
    """The directory of one attempt. Changes: whether it was asked for."""

    __slots__ = ("made", "path")

    def __init__(self, path: Path | str) -> None:
        """Name it; nothing is made yet."""
        self.path = path
        self.made = False

    def make(self) -> Path:
        """Return the directory, made if it is not there."""
        self.made = True
        path = Path(self.path)
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    def look(self) -> None:
        """Take note that another process may have made it."""
        self.made = self.made or os.path.exists(self.path)  # noqa: PTH110 - half the time, once for each attempt

    def remove(self) -> None:
        """Delete it with all that is in it, also what was closed to its owner. Blocks."""
        shutil.rmtree(self.path, ignore_errors=True)
        path = Path(self.path)
        if path.is_dir():
            _open_up(path)
            shutil.rmtree(path, ignore_errors=True)


class Workdirs:
    """Own the folder of working directories."""

    def __init__(self, directory: Path) -> None:
        """Use a folder of the data directory."""
        self._root = str((directory / "work").absolute())

    def sweep(self) -> None:
        """Delete what dead processes left behind; nothing of theirs may run any more."""
        shutil.rmtree(self._root, ignore_errors=True)

    def of(self, job_id: str, attempt: int) -> Workdir:
        """Return the directory of an attempt."""
        return Workdir(f"{self._root}/{job_id}-{attempt}")


def _open_up(folder: Path) -> None:
    """Let the owner change a directory, and all below it."""
    folder.chmod(0o700)
    for each in folder.iterdir():
        if each.is_dir() and not each.is_symlink():
            _open_up(each)
