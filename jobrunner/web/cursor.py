"""The one cursor: `<epoch>-<number>`. It is event id, polling cursor and resume point alike."""

from __future__ import annotations

from jobrunner.engine.runner import Runner

MOST_DIGITS = 18  # of a number of 63 bits


def text(runner: Runner, number: int) -> str:
    """Return a number as a cursor."""
    return f"{runner.database.epoch}-{number}"


def parse(runner: Runner, cursor: str) -> int | None:
    """Return the number of a cursor, or None for one that cannot be served.

    Malformed, of another epoch, or not given yet.
    """
    epoch, dash, number = cursor.partition("-")
    if (
        not dash
        or epoch != runner.database.epoch
        or not (number.isascii() and number.isdigit())
        or len(number) > MOST_DIGITS
    ):
        return None
    value = int(number)
    return value if value <= runner.writer.head else None
