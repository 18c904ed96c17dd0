"""A token is good for one attempt of one job: whoever works on it outside of this process shows it when it reports.

The text is `<attempt>.<HMAC-SHA256 as base64url>`. Nothing of it is kept, so it is the same after a restart.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from functools import cached_property

from jobrunner.errors import UnknownJob

_PURPOSE = b"jobrunner attempt 1"
_TEXT = re.compile(r"([1-9][0-9]{0,8})\.[A-Za-z0-9_-]{43}")


class AttemptTokens:
    """Changes: the key, which is read when it is needed first."""

    def __init__(self, own: Callable[[], bytes]) -> None:
        """Sign by the secret that `own` returns."""
        self._own = own

    def make(self, job_id: str, attempt: int) -> str:
        """Return the token of an attempt."""
        mac = hmac.digest(self._key, f"callback:{job_id}:{attempt}".encode(), hashlib.sha256)
        return f"{attempt}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    def attempt(self, job_id: str, text: str) -> int:
        """Return the attempt that a token is of; raise UnknownJob for one that is not of this job, or forged."""
        found = _TEXT.fullmatch(text)
        if found is None or not hmac.compare_digest(self.make(job_id, int(found[1])), text):
            raise UnknownJob(job_id)
        return int(found[1])

    @cached_property
    def _key(self) -> bytes:
        # A key of its own, so that no other signature by the same secret can be passed off as a token.
        return hmac.digest(self._own(), _PURPOSE, hashlib.sha256)


def is_attempt_token(text: str) -> bool:
    """Tell whether a credential looks like the token of an attempt, which no key and no JWT does."""
    return _TEXT.fullmatch(text) is not None
