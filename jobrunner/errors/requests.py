"""What is answered to a caller who asks for what cannot be: each leaf has its code and its status in HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jobrunner.errors.root import JobrunnerError


class RequestError(JobrunnerError):
    """Refuse what a caller asked for.

    `pointers` are (JSON Pointer or parameter name, what is wrong) pairs, RFC 9457 section 3.
    """

    status: int = 400
    code: str = "bad-request"
    title: str = "Bad request"

    def __init__(self, detail: str, *, pointers: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.pointers = tuple(pointers)


class Malformed(RequestError):
    """The bytes are no request we can read."""

    code, title = "malformed", "The request cannot be read"


class Unauthorized(RequestError):
    """Nobody we know: there is no credential, or one that is not valid any more (RFC 9110, section 15.5.2)."""

    status, code, title = 401, "unauthorized", "Who are you?"


class Forbidden(RequestError):
    """The request comes from where, or in a way that, is not served, or its rights do not reach that far."""

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


class UnknownPart(RequestError):
    """The job has no such part."""

    status, code, title = 404, "unknown-part", "No such part"


class UnknownKey(RequestError):
    """There is no such API key."""

    status, code, title = 404, "unknown-key", "No such API key"


class UnknownQueue(RequestError):
    """There is no such queue: it is not configured, no type names it, and nothing waits in it."""

    status, code, title = 404, "unknown-queue", "No such queue"


class UnknownSession(RequestError):
    """Nobody is signed in by that name."""

    status, code, title = 404, "unknown-session", "No such session"


class UnknownTemplate(RequestError):
    """There is no such template."""

    status, code, title = 404, "unknown-template", "No such template"

    def __init__(self, template_id: str) -> None:
        super().__init__(f"There is no template {template_id[:100]}.")


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


class LateReport(RequestError):
    """The attempt that somebody speaks of is over."""

    status, code, title = 409, "late-report", "The attempt is over"


class NotRetryable(RequestError):
    """The job did not fail, or may not be retried again."""

    status, code, title = 409, "not-retryable", "The job cannot be retried"


class TemplateConflict(RequestError):
    """The name of a template is taken, or there are as many as may be."""

    status, code, title = 409, "template-conflict", "The template cannot be kept"


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


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of something may be had in a time, and what of it is left.

    `unit` is "requests" or "content-bytes"; `window_s` is None for what is given back when it is no longer used.
    """

    name: str
    quota: int
    remaining: int
    window_s: int | None = None
    reset_s: int | None = None
    unit: str = "requests"


class RateLimited(TryLater):
    """More than a limit allows; `quotas` say how much that is, and when there is more."""

    status, code, title = 429, "rate-limited", "A limit is reached"

    def __init__(self, detail: str, *, retry_after_s: int, quotas: Sequence[Quota] = ()) -> None:
        super().__init__(detail, retry_after_s=retry_after_s)
        self.quotas = tuple(quotas)


class StorageUnavailable(TryLater):
    """The disk does not take it. Whether the work was kept is unknown: repeat with the same Idempotency-Key."""

    code, title = "storage-unavailable", "The data directory cannot be written"


class ShuttingDown(TryLater):
    """The server is stopping."""

    code, title = "shutting-down", "The server is stopping"
