"""Waiting for the death of a process, by a descriptor, so that it cannot be missed or mistaken."""

from __future__ import annotations

import os
import select

from tests.engine.engines import WITHIN_S


def await_death(descriptor: int) -> None:
    """Wait until a process is dead, be it reaped or not. Blocks."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    assert poll.poll(WITHIN_S * 1_000), "it lives"
    os.close(descriptor)
