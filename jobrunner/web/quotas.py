"""What a limit counts a request for, and the asking for room within limits around what is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

from aiohttp import web

from jobrunner.model.subject import Subject
from jobrunner.web.keys import QUOTAS, runner_of, subject_of
from jobrunner.web.rules import check_arriving


def bearer_of(subject: Subject, user_id: str | None = None) -> str | None:
    """Return whose limits count: those of the user that something is for, else of who asks; of an operator none."""
    if user_id is not None:
        return f"user:{user_id}"
    return None if subject.operates else subject.name


def counted_stream(request: web.Request) -> AbstractContextManager[None]:
    """Count a stream while it is open; raise RateLimited when as many are open as may be."""
    bearer = bearer_of(subject_of(request))
    return nullcontext() if bearer is None else runner_of(request).limits.stream(bearer)


@asynccontextmanager
async def admitted(request: web.Request, jobs: Iterable[tuple[str, str | None]]) -> AsyncIterator[None]:
    """Take room for jobs, told as (type, user), and give it back when they are not accepted; raise RateLimited."""
    subject, runner = subject_of(request), runner_of(request)
    if not runner.allowance.span_ms:
        yield  # nobody's submissions are limited
        return
    asked = Counter((bearer_of(subject, user_id), job_type) for job_type, user_id in jobs)
    admission = await runner.limits.admit(
        {(who, job_type): n for (who, job_type), n in asked.items() if who is not None}
    )
    request[QUOTAS] = [*request.get(QUOTAS, ()), *admission.quotas]  # of bytes that came with them, too
    try:
        yield
    except BaseException:
        admission.give_back()
        raise


async def metered(request: web.Request, user_id: str | None, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Count the bytes of a file as they arrive.

    Raises RateLimited, at once for more than there is room for, and Unauthorized when the right is revoked meanwhile.
    """
    bearer, limits = bearer_of(subject_of(request), user_id), runner_of(request).limits
    if bearer is not None and request.content_length and QUOTAS not in request:  # not again for the next file
        (await limits.admit_bytes(bearer, request.content_length)).give_back()
    async for chunk in chunks:
        check_arriving(request)
        if bearer is not None:
            request[QUOTAS] = (await limits.admit_bytes(bearer, len(chunk))).quotas
        yield chunk
