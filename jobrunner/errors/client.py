"""What the Python client raises."""

from __future__ import annotations

from collections.abc import Sequence

from jobrunner.errors.root import JobrunnerError


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
