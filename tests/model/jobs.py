"""Jobs for tests: one with sensible fields, and any job at all."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from jobrunner.model.identity import Ids
from jobrunner.model.job import (
    NO_PROGRESS,
    Artifact,
    Failure,
    Hold,
    Job,
    Part,
    Progress,
    Stage,
    StepStatus,
    Upload,
)
from jobrunner.model.state import Status

NOW = 1_790_000_000_000
_ids = Ids()


def a_job(**fields: Any) -> Job:
    """Return a ready job with an id of its own; a user means a lane of that user."""
    user_id = fields.get("user_id")
    lane = "u" if user_id is None else f"u:{user_id}"
    defaults = {"id": _ids.make(NOW), "type": "story", "title": "Story", "queue": "default", "created_at": NOW}
    return Job(**{**defaults, "lane": lane, **fields})


def a_failure(code: str = "BROKEN", **fields: Any) -> Failure:
    return Failure(**{"code": code, "message": "It broke.", "occurred_at": NOW, **fields})


INTEGERS = st.integers(-(2**63), 2**63 - 1)
COUNTS = st.integers(0, 1000)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | INTEGERS | FLOATS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS, DOCUMENTS, max_size=3)


def maybe(what: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | what


FAILURES = st.builds(Failure, TEXTS, TEXTS, INTEGERS, st.booleans(), maybe(OBJECTS))
STEPS = st.sampled_from(StepStatus)
STAGES = st.builds(Stage, TEXTS, TEXTS, maybe(TEXTS), STEPS, maybe(INTEGERS), maybe(INTEGERS))
ARTIFACTS = st.builds(Artifact, TEXTS, TEXTS, COUNTS, TEXTS, TEXTS)
UPLOADS = st.builds(Upload, TEXTS, maybe(TEXTS), maybe(TEXTS), maybe(COUNTS), COUNTS, maybe(TEXTS))
PARTS = st.builds(
    Part, TEXTS, TEXTS, STEPS, maybe(TEXTS), maybe(FLOATS), maybe(TEXTS), maybe(FLOATS), DOCUMENTS,
    maybe(FAILURES), maybe(ARTIFACTS),
)  # fmt: skip


def few(what: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(what, max_size=3).map(tuple)


JOBS = st.builds(
    Job,
    id=st.uuids().map(str), type=TEXTS, title=TEXTS, queue=TEXTS, created_at=INTEGERS, user_id=maybe(TEXTS),
    priority=st.integers(0, 9), tags=few(TEXTS), metadata=OBJECTS, run_at=maybe(INTEGERS), deadline=maybe(INTEGERS),
    max_attempts=COUNTS, timeout_ms=maybe(INTEGERS), retried_from=maybe(TEXTS), traceparent=maybe(TEXTS),
    submitted_by=maybe(TEXTS), lane=TEXTS,
    rank=INTEGERS, hold=maybe(st.sampled_from(Hold)), wake_at=maybe(INTEGERS), ready_at=maybe(INTEGERS),
    status=st.sampled_from(Status),
    started_at=maybe(INTEGERS), completed_at=maybe(INTEGERS), cancel_requested_at=maybe(INTEGERS), attempt=COUNTS,
    failures=COUNTS, retry_count=COUNTS, manual_retries=COUNTS, crashes=COUNTS, alone=st.booleans(),
    progress=st.just(NO_PROGRESS) | st.builds(Progress, maybe(FLOATS), maybe(TEXTS), maybe(FLOATS), maybe(TEXTS)),
    stages=few(STAGES), parts=few(PARTS), uploads=few(UPLOADS), artifacts=few(ARTIFACTS), error=maybe(FAILURES),
)  # fmt: skip
