"""The envelope of a submission: what a client may say about a job besides its payload.

Its payload is the engine's to check.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Annotated, Any

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from jobrunner.engine.idempotency import Key
from jobrunner.engine.intake import ABSENT, Submission
from jobrunner.errors import Forbidden, Invalid, Malformed
from jobrunner.model.document import dumps
from jobrunner.model.identity import CANONICAL
from jobrunner.model.job import Upload
from jobrunner.model.subject import Subject
from jobrunner.web.body import checked
from jobrunner.web.keys import subject_of
from jobrunner.web.moment import certain, moment

LATEST = 253_402_300_799_999  # the end of the year 9999
LONGEST_KEY = 255
KEY = re.compile(r'"([\x20-\x21\x23-\x5b\x5d-\x7e]+)"')
TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
JobId = Annotated[str, StringConstraints(to_lower=True, pattern=f"^(?i:{CANONICAL.pattern})$")]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class Envelope(BaseModel):
    """A submission as it is sent; unknown members are refused, durations are seconds."""

    model_config = ConfigDict(extra="forbid", strict=True)

    type: Name
    payload: Any = None
    title: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    priority: Annotated[int, Field(ge=0, le=9)] | None = None
    queue: Name | None = None
    user_id: Name | None = None
    tags: Annotated[list[Tag], Field(max_length=32, default_factory=list)]
    metadata: dict[str, Any] = Field(default_factory=dict)
    run_at: Annotated[datetime, Field(strict=False)] | None = None
    delay: Annotated[float, Field(ge=0, le=315_360_000, strict=False)] | None = None
    deadline: Annotated[datetime, Field(strict=False)] | None = None
    max_attempts: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    timeout: Annotated[float, Field(gt=0, le=315_360_000, strict=False)] | None = None
    uploads: Annotated[list[Name], Field(max_length=32, default_factory=list)]
    depends_on: Annotated[list[JobId], Field(max_length=100, default_factory=list)]


def submission_of(document: Any, now: int, subject: Subject, pointer: str = "") -> Submission:
    """Return what somebody submits as a JSON document.

    Raises Invalid with a pointer for each fault, Forbidden for what the subject may not submit.
    """
    sent = checked(Envelope, document, "The submission is not valid.", pointer)
    _check_rights(sent, subject, pointer)
    if len(dumps(sent.metadata)) > 16_384:  # noqa: PLR2004 - it travels with every view of the job
        raise Invalid("The submission is not valid.", pointers=[(f"{pointer}/metadata", "at most 16 KiB of JSON")])
    if len(set(sent.uploads)) < len(sent.uploads):
        raise Invalid("The submission is not valid.", pointers=[(f"{pointer}/uploads", "names a file twice")])
    payload = sent.payload if "payload" in sent.model_fields_set else ABSENT
    return Submission(
        type=sent.type, payload=payload, title=sent.title, priority=sent.priority, queue=sent.queue,
        user_id=subject.user_id or sent.user_id, tags=tuple(dict.fromkeys(sent.tags)), metadata=sent.metadata,
        run_at=_run_at(sent, now, pointer), deadline=_moment(sent.deadline, f"{pointer}/deadline"),
        max_attempts=sent.max_attempts, timeout_ms=None if sent.timeout is None else round(sent.timeout * 1000),
        uploads=tuple(Upload(name) for name in sent.uploads), submitted_by=subject.name,
        depends_on=tuple(dict.fromkeys(sent.depends_on)),
    )  # fmt: skip


def key_of(request: web.Request, told: Any) -> Key | None:
    """Return the Idempotency-Key of a request (a quoted string, IETF draft), scoped by who asks, method and path.

    `told` is what a repeat has to tell again, as JSON.
    """
    header = request.headers.get("Idempotency-Key")
    if header is None:
        return None
    found = KEY.fullmatch(header.strip())
    if found is None or len(found[1]) > LONGEST_KEY:
        raise Malformed(
            f'The Idempotency-Key has to be a quoted text of at most {LONGEST_KEY} characters, as "4f1c-9a".'
        )
    fingerprint = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
    return Key(f"{subject_of(request).name} {request.method} {request.path.rstrip('/')}", found[1], fingerprint)


def traceparent_of(request: web.Request) -> str | None:
    """Return a valid W3C trace context, or None."""
    header = request.headers.get("traceparent", "")
    return header if TRACEPARENT.fullmatch(header) else None


def _check_rights(sent: Envelope, subject: Subject, pointer: str) -> None:
    if not subject.may_submit(sent.type):
        raise Forbidden(f"This needs the right to submit:{sent.type}.", pointers=[(f"{pointer}/type", "not allowed")])
    if subject.user_id is not None and sent.user_id not in {None, subject.user_id}:
        fault = [(f"{pointer}/user_id", "leave it out, or name the user of the token")]
        raise Forbidden("A user's token submits for this user only.", pointers=fault)


def _run_at(sent: Envelope, now: int, pointer: str) -> int | None:
    if sent.delay is not None and sent.run_at is not None:
        raise Invalid("The submission is not valid.", pointers=[(f"{pointer}/delay", "not together with run_at")])
    if sent.delay is not None:
        return now + round(sent.delay * 1000)
    at = _moment(sent.run_at, f"{pointer}/run_at")
    if at is not None and at < now - 3_600_000:
        fault = f"lies in the past; it is {certain(now)}"
        raise Invalid("The submission is not valid.", pointers=[(f"{pointer}/run_at", fault)])
    return at


def _moment(value: datetime | None, pointer: str) -> int | None:
    if value is None:
        return None
    try:
        at = moment(value)
    except (ValueError, OverflowError):
        at = -1
    if not 0 <= at <= LATEST:
        raise Invalid("The submission is not valid.", pointers=[(pointer, "a time between 1970 and 9999")])
    return at
