"""Random histories with a full disk and with kills: what was acknowledged is kept, and every job ends once."""

from __future__ import annotations

import pytest

from jobrunner import Registry
from tests.conftest import OpenRunner
from tests.engine.history import History

LENGTH = 60


async def live(seed: int, open_runner: OpenRunner, registry: Registry) -> None:
    history = History(seed, open_runner, registry)
    await history.start()
    for _ in range(LENGTH):
        await history.step()
        if not history.chance.randrange(LENGTH // 2):
            await history.die()
    await history.end()
    await history.check()
    await history.runner.stop(0)


@pytest.mark.parametrize("seed", range(200))
async def test_what_was_acknowledged_is_kept_and_every_job_ends_once(
    open_runner: OpenRunner, registry: Registry, seed: int
) -> None:
    await live(seed, open_runner, registry)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1_000, 3_000))
async def test_what_was_acknowledged_is_kept_and_every_job_ends_once_in_many_histories(
    open_runner: OpenRunner, registry: Registry, seed: int
) -> None:
    await live(seed, open_runner, registry)
