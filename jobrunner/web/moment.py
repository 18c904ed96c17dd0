"""Moments on the wire: RFC 3339, UTC with `Z`, milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime


def text(moment: int | None) -> str | None:
    """Return a moment as text."""
    return None if moment is None else certain(moment)


def certain(moment: int) -> str:
    """Return a moment that is known as text."""
    second, ms = divmod(moment, 1000)
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%dT%H:%M:%S}.{ms:03d}Z"


def moment(value: datetime) -> int:
    """Return a time as milliseconds; one without a zone is UTC."""
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return round(aware.timestamp() * 1000)
