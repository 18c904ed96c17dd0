"""Which limits the configuration sets for whom. A bearer is a user (`user:anna`) or another subject (`key:4k2m`)."""

from __future__ import annotations

from collections.abc import Mapping

from jobrunner.config import LimitSettings, Settings, TypeLimitSettings
from jobrunner.engine.window import Limit

USER = "user:"
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000


class Allowance:
    """What everybody may have, and what single users may have instead.

    `bounds_queued` tells whether it matters how many jobs of each user wait, `span_ms` how long a submission counts.
    """

    def __init__(self, settings: Settings) -> None:
        """Read the limits of a configuration."""
        self._everybody: LimitSettings = settings.limits
        self._users = {
            f"{USER}{user_id}": _over(settings.limits, own) for user_id, own in settings.limits.users.items()
        }
        self._submissions = _submissions(settings.limits)
        self._of_users = {bearer: _submissions(limits) for bearer, limits in self._users.items()}
        limited = {name: each.limits for name, each in settings.types.items() if each.limits is not None}
        self._of_types = {name: _submissions(limits, name) for name, limits in limited.items()}
        self.bounds_queued = any(each.max_queued is not None for each in (settings.limits, *self._users.values()))
        submissions = (self._submissions, *self._of_users.values(), *self._of_types.values())
        self.span_ms = max((limit.span_ms for limits in submissions for limit in limits), default=0)

    def submissions(self, bearer: str, job_type: str) -> tuple[Limit, ...]:
        """Return the limits of a submission."""
        return self._of_users.get(bearer, self._submissions) + self._of_types.get(job_type, ())

    def uploads(self, bearer: str, _job_type: str = "") -> tuple[Limit, ...]:
        """Return the limits of the bytes of uploads."""
        a_day = self._of(bearer).upload_per_day
        if a_day is None:
            return ()
        allowed = f"{a_day} bytes of uploads a day are allowed"
        return (Limit("upload-day", a_day, DAY_MS, unit="content-bytes", allowed=allowed),)

    def streams(self, bearer: str) -> int | None:
        """Return how many streams may be open at once, None for any number."""
        return self._of(bearer).open_streams

    def queued(self, user_id: str) -> int | None:
        """Return how many jobs of a user may wait, None for any number."""
        return self._of(f"{USER}{user_id}").max_queued

    def _of(self, bearer: str) -> LimitSettings:
        return self._users.get(bearer, self._everybody)


def _over(everybody: LimitSettings, own: LimitSettings) -> LimitSettings:
    """Return what a user has: where nothing is said, what everybody has."""
    said: Mapping[str, int | None] = {name: getattr(own, name) for name in LimitSettings.model_fields}
    kept = {name: getattr(everybody, name) if value is None else value for name, value in said.items()}
    return LimitSettings.model_construct(None, **kept)


def _submissions(limits: LimitSettings | TypeLimitSettings, job_type: str | None = None) -> tuple[Limit, ...]:
    """Return the limits of submissions, of one type or of all of them."""
    found = []
    for name, a_time, quota, span_ms in (
        ("minute", "a minute", limits.submissions_per_minute, MINUTE_MS),
        ("hour", "an hour", limits.submissions_per_hour, HOUR_MS),
    ):
        if quota is not None:
            of_type = "" if job_type is None else f" of {job_type}"
            allowed = f"{counted(quota, 'submission')}{of_type} {a_time} {'is' if quota == 1 else 'are'} allowed"
            found.append(Limit(f"{job_type or 'submissions'}-{name}", quota, span_ms, job_type, allowed=allowed))
    return tuple(found)


def counted(number: int, noun: str) -> str:
    """Return so many of something, in words."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
