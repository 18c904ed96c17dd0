"""What can go wrong, as one tree; a leaf carries the data that its message is made from.

JobrunnerError
├── ConfigError               a setting is unknown, of the wrong type, or out of range
├── DataDirError              the data directory cannot be used
│   └── DataDirLocked         another process owns it
├── RequestError              the caller asked for something that cannot be; has a `code` and an HTTP status
│   ├── Malformed             the bytes are no request we can read                          400
│   ├── Forbidden             not from here, not this way                                   403
│   ├── UnknownJob            no such job                                                   404
│   ├── UnknownFile           no such upload or artifact of this job                        404
│   ├── UnknownRoute          no such page                                                  404
│   ├── WrongMethod           the page exists, the verb does not                            405
│   ├── NotAcceptable         none of our media types is accepted                           406
│   ├── TooSlow               the body did not arrive in time                               408
│   ├── NotCancellable        the job has already completed or failed                       409
│   ├── NotRetryable          the job did not fail, or may not be retried again             409
│   ├── UploadConflict        the file is there already, or bytes do not follow on          409
│   ├── TooLarge              the body is over its limit                                    413
│   ├── WrongMediaType        not JSON, not multipart, or compressed                        415
│   ├── BadRange              the range lies outside the file                               416
│   ├── Invalid               read, understood and refused: each fault with its pointer     422
│   ├── KeyReused             an Idempotency-Key came back with another request             422
│   └── TryLater              not now                                                       503, has retry_after_s
│       ├── Overloaded        too much is waiting already                                   429
│       ├── StorageUnavailable  the disk does not take it; whether it was kept is unknown
│       └── ShuttingDown      the server is stopping
├── IllegalTransition         a job was to be moved where the table does not lead
├── JobError                  raised by a handler: fails the attempt with a code
└── ClientError               what the Python client raises
    ├── Unreachable           no server answered
    ├── Problem               the server answered with problem+json
    └── StillRunning          the wait ended before the job did; nothing is wrong with the job
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


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


class RequestError(JobrunnerError):
    """Refuse what a caller asked for.

    `pointers` are (JSON Pointer or parameter name, what is wrong) pairs, RFC 9457 section 3.
    """

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "Bad request"

    def __init__(self, detail: str, *, pointers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointers = tuple(pointers)


class Malformed(RequestError):
    """The bytes are no request we can read."""

    code, title = "malformed", "The request cannot be read"


class Forbidden(RequestError):
    """The request comes from where, or in a way that, is not served."""

    status, code, title = 403, "forbidden", "Not served to you"


class UnknownJob(RequestError):
    """There is no such job."""

    status, code, title = 404, "unknown-job", "No such job"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"There is no job {job_id}. It may have been deleted by retention.")
        self.job_id = job_id


class UnknownFile(RequestError):
    """The job has no such upload or artifact."""

    status, code, title = 404, "unknown-file", "No such file"


class UnknownRoute(RequestError):
    """There is no such page."""

    status, code, title = 404, "unknown-route", "No such page"


class WrongMethod(RequestError):
    """The page exists, the verb does not."""

    status, code, title = 405, "wrong-method", "Method not allowed"

    def __init__(self, method: str, allowed: Sequence[str]) -> None:
        super().__init__(f"{method} is not allowed here; allowed: {', '.join(sorted(allowed))}.")
        self.allowed = tuple(sorted(allowed))


class NotAcceptable(RequestError):
    """None of our media types is accepted."""

    status, code, title = 406, "not-acceptable", "Not acceptable"


class TooSlow(RequestError):
    """The body did not arrive in time."""

    status, code, title = 408, "too-slow", "The request took too long to arrive"


class NotCancellable(RequestError):
    """The job has already completed or failed."""

    status, code, title = 409, "not-cancellable", "The job cannot be cancelled"


class NotRetryable(RequestError):
    """The job did not fail, or may not be retried again."""

    status, code, title = 409, "not-retryable", "The job cannot be retried"


class UploadConflict(RequestError):
    """The file is there already, or the bytes do not follow on what is there."""

    status, code, title = 409, "upload-conflict", "The upload does not fit"


class TooLarge(RequestError):
    """The body is over its limit."""

    status, code, title = 413, "too-large", "Too large"


class WrongMediaType(RequestError):
    """The body is not JSON, not multipart, or compressed."""

    status, code, title = 415, "wrong-media-type", "Unsupported media type"


class BadRange(RequestError):
    """The range lies outside the file."""

    status, code, title = 416, "bad-range", "Range not satisfiable"

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size} bytes; the range lies outside of them or cannot be read.")
        self.size = size


class Invalid(RequestError):
    """The request was read and understood, and is refused: each fault has its pointer."""

    status, code, title = 422, "invalid", "The request is not valid"


class KeyReused(RequestError):
    """An Idempotency-Key came back with another request."""

    status, code, title = 422, "idempotency-key-reused", "Idempotency-Key used for another request"


class TryLater(RequestError):
    """Nothing is wrong with the request; it cannot be served now."""

    status, code, title = 503, "unavailable", "Not available now"

    def __init__(self, detail: str, *, retry_after_s: int = 5) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class Overloaded(TryLater):
    """Too much is waiting already."""

    status, code, title = 429, "overloaded", "Too many jobs are waiting"


class StorageUnavailable(TryLater):
    """The disk does not take it. Whether the work was kept is unknown: repeat with the same Idempotency-Key."""

    code, title = "storage-unavailable", "The data directory cannot be written"


class ShuttingDown(TryLater):
    """The server is stopping."""

    code, title = "shutting-down", "The server is stopping"


class IllegalTransition(JobrunnerError):
    """A job was to be moved where the table does not lead; nothing was changed."""

    def __init__(self, status: str, trigger: str) -> None:
        super().__init__(f"a {status} job cannot take {trigger!r}")
        self.status, self.trigger = status, trigger


class JobError(JobrunnerError):
    """Fail the attempt with a code of the handler's own.

    `code` is for programs, `message` for people, `details` is a JSON object for both. `retryable=False` ends the job
    at once.
    """

    def __init__(
        self, code: str, message: str, *, details: Mapping[str, Any] | None = None, retryable: bool = True
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.details, self.retryable = code, message, details, retryable


class ClientError(JobrunnerError):
    """What the Python client raises."""


class Unreachable(ClientError):
    """No server answered."""


class Problem(ClientError):
    """The server answered with problem+json (RFC 9457); `pointers` as in RequestError."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str,
        *,
        pointers: Sequence[tuple[str, str]] = (),
        retry_after_s: float | None = None,
    ) -> None:
        faults = "".join(f"\n  {pointer}: {fault}" for pointer, fault in pointers)
        super().__init__(f"{detail or title}{faults}")
        self.status, self.code, self.title, self.detail = status, code, title, detail
        self.pointers, self.retry_after_s = tuple(pointers), retry_after_s


class StillRunning(ClientError):
    """The wait ended before the job did; nothing is wrong with the job."""

    def __init__(self, job_id: str, waited_s: float) -> None:
        super().__init__(f"job {job_id} is still running after {waited_s:g} s")
        self.job_id, self.waited_s = job_id, waited_s
