"""What a service is sent: the order to do an attempt, and how its answers are read. It calls nobody."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, NoReturn
from urllib.parse import quote, urljoin, urlsplit

from jobrunner.engine.execution.assignment import Assignment
from jobrunner.engine.execution.calls import Reply
from jobrunner.engine.execution.words import Words, words_of
from jobrunner.engine.report import clean
from jobrunner.errors import Invalid, JobError
from jobrunner.model.document import first_fault
from jobrunner.model.job import StepStatus

LONGEST_WHY = 500
LONGEST_MONITOR = 2_000
LONGEST_RETRY_AFTER_S = 3_600


def order_of(assignment: Assignment, job_url: str, token: str) -> dict[str, Any]:
    """Return the order; the payload has its defaults, moments are as everywhere in the API, durations seconds."""
    job, job_type = assignment.running.job, assignment.running.job_type
    uploads = [
        {"name": each.name, "filename": each.filename, "content_type": each.content_type, "size": each.size,
         "url": f"{job_url}/uploads/{quote(each.name, safe='')}"}
        for each in job.uploads
    ]  # fmt: skip
    return {
        "job_id": job.id, "type": job.type, "attempt": job.attempt,
        "payload": job_type.payload.dump_python(assignment.payload, mode="json", by_alias=True),
        "user_id": job.user_id, "uploads": uploads,
        "parts": [part.key for part in job.parts if part.status is StepStatus.QUEUED],
        "callback_url": f"{job_url}/callback", "artifact_url": f"{job_url}/artifacts/{{name}}", "token": token,
        "deadline": None if job.deadline is None else _moment(job.deadline),
        "timeout": None if job.timeout_ms is None else job.timeout_ms / 1000,
    }  # fmt: skip


def key_of(job_id: str, attempt: int) -> str:
    """Return the Idempotency-Key of an order."""
    return f'"{job_id}/{attempt}"'


def monitor_of(url: str, reply: Reply) -> str:
    """Return where a service can be asked, nothing if it does not say; raise JobError for another site than its own.

    The headers of the configuration are sent there, and may be secret.
    """
    location = reply.headers.get("location")
    if location is None:
        return ""
    found = urljoin(url, location)
    if urlsplit(found)[:2] != urlsplit(url)[:2] or len(found) > LONGEST_MONITOR:
        raise bad_answer("its Location leads to another site")
    return found


def words_in(reply: Reply) -> Words:
    """Return what a service says in an answer; raise JobError for what cannot be said."""
    try:
        document = json.loads(reply.body, parse_constant=_refuse)
        fault = first_fault(document)
        if fault is None:
            return words_of(document)
    except Invalid as error:
        fault = error.pointers[0]
    except (ValueError, RecursionError) as error:
        raise bad_answer(f"its answer is no JSON: {error}") from None
    raise bad_answer(f"its answer says at {fault[0] or 'the top'}: {fault[1]}")


def retry_after_s(reply: Reply) -> float | None:
    """Return when to ask again, as far as that is said in seconds; at most an hour."""
    text = reply.headers.get("retry-after", "")
    return float(min(int(text), LONGEST_RETRY_AFTER_S)) if re.fullmatch(r"[0-9]{1,9}", text) else None


def why(reply: Reply) -> str:
    """Return the status of an answer, with what its problem (RFC 9457) says to people."""
    try:
        told = json.loads(reply.body)
    except (ValueError, RecursionError):
        told = None
    detail = (told.get("detail") or told.get("title")) if isinstance(told, dict) else None
    return f"{reply.status}: {clean(detail, LONGEST_WHY)}" if isinstance(detail, str) else str(reply.status)


def bad_answer(what: str) -> JobError:
    """Return the error for an answer that makes no sense."""
    return JobError("SERVICE_BAD_ANSWER", f"The service was not understood: {clean(what, LONGEST_WHY)}.")


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _moment(ms: int) -> str:
    second, rest = divmod(ms, 1000)
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"
