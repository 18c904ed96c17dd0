"""jobrunner: long work for web applications, in one process and one directory.

The names are loaded when they are first used, so that a command which only speaks HTTP does not load the engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jobrunner.errors import JobError, JobrunnerError, Refused
from jobrunner.version import VERSION

if TYPE_CHECKING:
    from jobrunner.engine.admission import Admission, Admittance
    from jobrunner.engine.context import Context, SyncContext, Upload
    from jobrunner.engine.declaration import job
    from jobrunner.engine.intake import Submission
    from jobrunner.engine.job_type import Stage
    from jobrunner.engine.registry import Registry
    from jobrunner.engine.runner import Runner as Jobrunner
    from jobrunner.model.backoff import Backoff

__all__ = [
    "Admission",
    "Admittance",
    "Backoff",
    "Context",
    "JobError",
    "Jobrunner",
    "JobrunnerError",
    "Refused",
    "Registry",
    "Stage",
    "Submission",
    "SyncContext",
    "Upload",
    "job",
]

__version__ = VERSION

_HOMES = {
    "Admission": "jobrunner.engine.admission",
    "Admittance": "jobrunner.engine.admission",
    "Backoff": "jobrunner.model.backoff",
    "Context": "jobrunner.engine.context",
    "Registry": "jobrunner.engine.registry",
    "Stage": "jobrunner.engine.job_type",
    "Submission": "jobrunner.engine.intake",
    "SyncContext": "jobrunner.engine.context",
    "Upload": "jobrunner.engine.context",
    "job": "jobrunner.engine.declaration",
}


def __getattr__(name: str) -> Any:
    if name == "Jobrunner":
        return import_module("jobrunner.engine.runner").Runner
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
