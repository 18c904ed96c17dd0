"""A link opens one path until a moment: whoever has it needs nothing else, as an `<a>` or a `<video>` cannot send more.

The text is `<milliseconds>.<HMAC-SHA256 as base64url>`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

_PURPOSE = b"jobrunner link 1"
_TEXT = re.compile(r"([1-9][0-9]{0,15})\.[A-Za-z0-9_-]{43}")
_LONGEST = 60


def sign(own: bytes, path: str, expires_at: int) -> str:
    """Return what opens `path` before `expires_at`, in milliseconds."""
    # A key of its own, so that no other signature by the same secret can be passed off as a link.
    key = hmac.digest(own, _PURPOSE, hashlib.sha256)
    # The number stands first and holds no colon, so that no two pairs make the same message.
    message = f"{expires_at}:{path}".encode("utf-8", "surrogatepass")
    mac = base64.urlsafe_b64encode(hmac.digest(key, message, hashlib.sha256)).rstrip(b"=").decode()
    return f"{expires_at}.{mac}"


def verify(own: bytes, path: str, text: str, now: int) -> bool:
    """Tell whether `text` opens `path` now; take any text at all."""
    found = _TEXT.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return False
    expires_at = int(found[1])
    return hmac.compare_digest(sign(own, path, expires_at), text) and now < expires_at
