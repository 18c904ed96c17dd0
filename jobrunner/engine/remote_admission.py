"""Asking an application over HTTP whether it wants a job. What it answers is taken for its word, and bounded."""

from __future__ import annotations

import asyncio
import json
import re
from http import HTTPStatus
from typing import Any

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from jobrunner.engine.admission import Admittance
from jobrunner.engine.clock import Clock
from jobrunner.engine.report import clean
from jobrunner.engine.webhook import signature_headers
from jobrunner.errors import REFUSED_CODE, REFUSED_WITH, JobrunnerError, Refused

MOST_BYTES = 65_536  # read of an answer
LONGEST_DETAIL = 1_000
TRY_S = 10.0
PAUSES_S = (1.0, 3.0, 9.0)  # between tries to tell that a job is withdrawn


class AdmissionFailed(JobrunnerError):
    """The application gave no answer that can be understood."""


class RemoteAdmission:
    """An admission at a URL. Changes: its connections."""

    def __init__(self, url: str, secret: bytes | None, clock: Clock) -> None:
        """Ask at `url`; what is sent is signed if there is a secret."""
        self._url = url
        self._secret = secret
        self._clock = clock
        self._session: ClientSession | None = None

    async def admit(self, request: Admittance) -> None:
        """Ask; raise Refused for an answer that refuses, AdmissionFailed for any other that does not accept."""
        status, headers, answer = await self._post("admit", _body("admit", request))
        if status in REFUSED_WITH:
            raise _refused(status, headers, answer)
        if not _is_good(status):
            raise AdmissionFailed(f"{self._url} answered {status}")

    async def withdrawn(self, request: Admittance, error: Exception) -> None:
        """Tell it, again a few times if need be; raise what was wrong the last time."""
        body = _body("withdrawn", request, error=type(error).__name__)
        for pause_s in PAUSES_S:
            try:
                return await self._tell(body)
            except (AdmissionFailed, ClientError, TimeoutError, OSError):
                await asyncio.sleep(pause_s)
        return await self._tell(body)

    async def close(self) -> None:
        """Close its connections."""
        if self._session is not None:
            await self._session.close()

    async def _tell(self, body: dict[str, Any]) -> None:
        async with asyncio.timeout(TRY_S):
            status, _headers, _answer = await self._post("withdrawn", body)
        if not _is_good(status):
            raise AdmissionFailed(f"{self._url} answered {status}")

    async def _post(self, event: str, content: dict[str, Any]) -> tuple[int, Any, bytes]:
        body = json.dumps(content).encode()
        headers = {"Content-Type": "application/json", "Accept": "application/json, application/problem+json"}
        if self._secret is not None:
            message_id = f"{event}_{content['job_id']}"
            headers |= signature_headers(body, message_id, self._clock.now() // 1000, self._secret)
        if self._session is None:
            self._session = ClientSession(timeout=ClientTimeout(total=None))
        async with self._session.post(self._url, data=body, headers=headers, allow_redirects=False) as response:
            return response.status, response.headers, await _read(response)


async def _read(response: ClientResponse) -> bytes:
    answer = b""
    async for chunk in response.content.iter_chunked(MOST_BYTES):
        answer += chunk
        if len(answer) > MOST_BYTES:
            raise AdmissionFailed(f"{response.url} answered more than {MOST_BYTES} bytes")
    return answer


def _body(event: str, request: Admittance, **more: str) -> dict[str, Any]:
    return {
        "event": event, "job_id": request.job_id, "type": request.type, "payload": json.loads(request.raw),
        "user_id": request.user_id, "title": request.title, "tags": list(request.tags),
        "idempotency_key": request.idempotency_key, "submitted_by": request.submitted_by, **more,
    }  # fmt: skip


def _refused(status: int, headers: Any, answer: bytes) -> Refused:
    """Return a refusal in the words of a problem (RFC 9457), as far as it is one."""
    try:
        told = json.loads(answer)
    except ValueError:
        told = None
    problem = told if isinstance(told, dict) else {}
    detail, code = problem.get("detail") or problem.get("title"), problem.get("code")
    return Refused(
        status,
        clean(detail, LONGEST_DETAIL) if isinstance(detail, str) else HTTPStatus(status).phrase,
        code=code if isinstance(code, str) and re.fullmatch(REFUSED_CODE, code) else Refused.code,
        retry_after=_seconds(headers.get("Retry-After", "")),
    )


def _seconds(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else None


def _is_good(status: int) -> bool:
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
