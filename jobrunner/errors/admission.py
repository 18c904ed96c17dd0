"""What is answered when an application does not want a job, or cannot be asked whether it does."""

from __future__ import annotations

import re

from jobrunner.errors.requests import RequestError, TryLater

REFUSED_WITH = frozenset({402, 403, 409, 429})
REFUSED_CODE = r"[a-z0-9][a-z0-9_-]{0,63}"


class Refused(RequestError):
    """The application does not want the job; `status` and `code` are its own words, `retry_after` is in seconds."""

    status, code, title = 403, "refused", "The job is not wanted"

    def __init__(self, status: int, detail: str, *, code: str = code, retry_after: int | None = None) -> None:
        if status not in REFUSED_WITH or not re.fullmatch(REFUSED_CODE, code):
            raise ValueError(f"a refusal has one of {sorted(REFUSED_WITH)} and a code such as no-credits")
        super().__init__(detail)
        self.status, self.code, self.retry_after_s = status, code, retry_after


class AdmissionUnavailable(TryLater):
    """The application that has to admit a job could not be asked; the job was not accepted."""

    code, title = "admission-unavailable", "Whether the job may be accepted is unknown"
