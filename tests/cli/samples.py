"""Jobs to be shown."""

from __future__ import annotations

from typing import Any, cast

from jobrunner.wire import JobData
from tests.client.faulty import job


def running(**changes: Any) -> JobData:
    """Make a job in the middle of its work, with stages and parts."""
    progress = {
        "percentage": 45.0,
        "current_step": "Scene 3 of 7",
        "estimated_time_remaining": 120.0,
        "stage": "generating",
    }
    stages = [
        stage(
            "uploading",
            "Uploading",
            "completed",
            started_at="2026-11-22T10:00:00Z",
            completed_at="2026-11-22T10:00:02Z",
        ),
        stage("generating", "Generating", "processing", description="Drawing the scenes"),
        stage("visualizing", "Visualizing", "queued"),
    ]
    parts = [part("de", "German", "completed", 100.0, "Done"), part("fr", "fr", "processing", 25.0, None)]
    return cast("JobData", job() | {"progress_data": progress, "stages": stages, "parts": parts} | changes)


def failed(**changes: Any) -> JobData:
    """Make a job that has failed for the second time."""
    error = {
        "code": "ANALYSIS_ERROR",
        "message": "There is no\nnumeric column.",
        "details": None,
        "retryable": False,
        "occurred_at": "",
    }
    ended = {"completed_at": "2026-11-22T10:00:05Z", "attempt": 2, "error_data": error}
    return cast("JobData", job("failed", 9) | ended | changes)


def stage(name: str, label: str, status: str, **more: Any) -> dict[str, Any]:
    """Make a stage."""
    times = {"started_at": None, "completed_at": None}
    return {"name": name, "label": label, "description": None, "status": status} | times | more


def part(key: str, label: str, status: str, percentage: float | None, step: str | None) -> dict[str, Any]:
    """Make a part."""
    rest = {"stage": None, "estimated_time_remaining": None, "result_data": None, "error_data": None, "artifact": None}
    return {"key": key, "label": label, "status": status, "percentage": percentage, "current_step": step} | rest


def artifact(name: str) -> dict[str, Any]:
    """Make an artifact."""
    return {"name": name, "content_type": "text/html", "size": 88121, "sha256": "", "download_url": ""}
