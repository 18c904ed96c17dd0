"""Who asks, and what they may do. Pure: how somebody proves who they are is decided elsewhere.

An operator may do everything. An application acts for all of its users. A user sees only what is the user's own, and
of that only the jobs that the token names, if it names any.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from jobrunner.model.filter import Filter
from jobrunner.model.job import Job

ADMIN = "admin"


class Kind(StrEnum):
    """What sort of somebody it is."""

    OPERATOR = "operator"
    APPLICATION = "application"
    USER = "user"
    ATTEMPT = "attempt"  # whoever works on one elsewhere
    NOBODY = "nobody"


class Action(StrEnum):
    """What a right allows; `submit:TYPE` is the right to submit one type, and whoever may submit may upload."""

    READ = "read"
    SUBMIT = "submit"
    CANCEL = "cancel"
    RETRY = "retry"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody with rights.

    `name` is what the history of a job says, as `key:4k2m` or `user:anna`; `user_id` is whose jobs a user sees, None
    for anybody's; `job_ids` are all that a narrow token is good for; `credential` is the key or session behind it,
    which may be revoked; `expires_at` is in milliseconds.
    """

    kind: Kind
    name: str
    allow: frozenset[str] = frozenset()
    user_id: str | None = None
    job_ids: frozenset[str] | None = None
    expires_at: int | None = None
    credential: str | None = None

    @property
    def operates(self) -> bool:
        """Tell whether everything is allowed."""
        return self.kind is Kind.OPERATOR

    def may(self, action: Action) -> bool:
        """Tell whether an action is allowed at all, on whatever job or type."""
        if self.operates:
            return True
        submits = any(word == Action.SUBMIT or word.startswith("submit:") for word in self.allow)
        match action:
            case Action.SUBMIT:
                return submits and self.job_ids is None
            case Action.UPLOAD:
                return submits or action in self.allow
        return action in self.allow

    def may_submit(self, job_type: str) -> bool:
        """Tell whether jobs of a type may be submitted; a token for certain jobs makes no new ones."""
        if self.operates:
            return True
        return self.job_ids is None and not self.allow.isdisjoint({Action.SUBMIT, f"submit:{job_type}"})

    def sees(self, job: Job) -> bool:
        """Tell whether a job exists, as far as this subject can know."""
        return (self.user_id is None or job.user_id == self.user_id) and self.names(job.id)

    def names(self, job_id: str) -> bool:
        """Tell whether the token, if it is a narrow one, is good for a job."""
        return self.job_ids is None or job_id in self.job_ids

    def narrow(self, wanted: Filter) -> Filter:
        """Return what a filter means to this subject; to a token for certain jobs, none named means these."""
        named = wanted.job_ids or self.job_ids or frozenset()
        return replace(wanted, job_ids=named, owner=self.user_id, only=self.job_ids)


NOBODY = Subject(Kind.NOBODY, "nobody")
LOCAL = Subject(Kind.OPERATOR, "local")  # whoever asks from this machine while there is no [auth]
ANYBODY = Subject(Kind.OPERATOR, "anybody")  # whoever asks from anywhere, with --insecure
