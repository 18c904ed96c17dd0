"""The working directory of a command: what is laid into it, and what may be taken out.

Its names come from the configuration or are made harmless: no path leads out of it.
"""

from __future__ import annotations

import mimetypes
import os
import re
from collections.abc import Iterable
from pathlib import Path

from jobrunner.engine.context import Upload
from jobrunner.errors import JobError

MOST_BYTES = 150  # of a file's name, its suffix not counted; file systems take 255
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,20}\Z")
READ_ONLY = 0o555
HARMFUL = re.compile(r"^[-.~]|[\x00-\x1f\x7f/\\]|\s+$")


class Workspace:
    """Changes: where the uploads lie, by their names."""

    def __init__(self, path: Path) -> None:
        """Use a directory, which is there."""
        self.path = path
        self.payload = path / "payload.json"
        self.temporary = path / "tmp"
        self.uploads: dict[str, Path] = {}

    def lay_out(self, payload: str, uploads: Iterable[Upload]) -> None:
        """Make what a command finds: the payload, and each upload under its file name. Blocks.

        An upload is a link, for it may be large; nobody but who takes pains can write to it.
        """
        for folder in (self.temporary, self.path / "uploads", self.path / "artifacts"):
            folder.mkdir()
        self.payload.write_text(payload, encoding="utf-8")
        for place, upload in enumerate(uploads):
            folder = self.path / "uploads" / str(place)
            folder.mkdir()
            upload.path.chmod(upload.path.stat().st_mode & READ_ONLY)
            self.uploads[upload.name] = folder / file_name(upload)
            self.uploads[upload.name].hardlink_to(upload.path)

    def artifact(self, name: str) -> Path:
        """Return where a file is to be made."""
        return self.path / "artifacts" / name

    def made(self, path: str | Path) -> Path:
        """Return a file inside the directory, without symbolic links; raise JobError MISSING_ARTIFACT. Blocks."""
        try:
            found = (self.path / path).resolve(strict=True)
            if found.is_relative_to(self.path.resolve()) and found.is_file():
                return found
        except (OSError, RuntimeError, ValueError):  # RuntimeError: a link to itself
            pass
        shown = os.path.relpath(self.path / path, self.path)
        raise JobError("MISSING_ARTIFACT", f"{shown} is no file in the working directory of the command.")


def file_name(upload: Upload) -> str:
    """Return a harmless name for an upload: the suffix is that of its file name, else that of its content type."""
    guessed = mimetypes.guess_extension((upload.content_type or "").partition(";")[0].strip()) or ""
    given = (upload.filename or f"{upload.name}{guessed}").replace("\\", "/").rpartition("/")[2]
    name = HARMFUL.sub("_", given)
    found = SUFFIX.search(name)
    suffix = "" if found is None else found[0]
    stem = name.removesuffix(suffix).encode(errors="replace")[:MOST_BYTES].decode(errors="ignore")
    return f"{stem or 'upload'}{suffix}"
