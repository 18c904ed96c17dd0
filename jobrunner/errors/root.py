"""The root of the tree, what is wrong with a set-up, and what handlers raise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class JobrunnerError(Exception):
    """Be the root of everything jobrunner raises on purpose."""


class ConfigError(JobrunnerError):
    """Say which setting is wrong, where it stands and what is allowed."""

    def __init__(self, key: str, detail: str, *, source: str | None = None, line: int | None = None) -> None:
        where = source if line is None else f"{source}:{line}"
        super().__init__(f"{where}: {key}: {detail}" if where else f"{key}: {detail}")
        self.key, self.detail, self.source, self.line = key, detail, source, line


class DataDirError(JobrunnerError):
    """Say why the data directory cannot be used."""


class DataDirLocked(DataDirError):
    """Name the process that owns the data directory."""

    def __init__(self, path: str, holder: str) -> None:
        super().__init__(f"{path} is in use by {holder}; stop that process or choose another --data-dir")
        self.path, self.holder = path, holder


class IllegalTransition(JobrunnerError):
    """A job was to be moved where the table does not lead; nothing was changed."""

    def __init__(self, status: str, trigger: str) -> None:
        super().__init__(f"a {status} job cannot take {trigger!r}")
        self.status, self.trigger = status, trigger


class JobError(JobrunnerError):
    """Fail the attempt with a code of the handler's own.

    `code` is for programs, `message` for people, `details` is a JSON object for both. `retryable=False` ends the job
    at once. By itself it is tried again no sooner than after `retry_after_s` seconds, if somebody has set that.
    """

    retry_after_s: float | None = None

    def __init__(
        self, code: str, message: str, *, details: Mapping[str, Any] | None = None, retryable: bool = True
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.details, self.retryable = code, message, details, retryable
