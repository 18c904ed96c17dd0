"""How much a user, or an application, may ask for: submissions a minute and an hour, bytes a day, open streams.

What is asked for is counted before it is done, so that requests at the same time cannot get beyond a limit together,
and given back when it is not done. The library `limits` reads the time by itself and cannot be told what was used
before a start, so it fits neither a restart nor a clock that is moved by hand.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from jobrunner.engine.allowance import DAY_MS, USER, Allowance, counted
from jobrunner.engine.clock import Clock
from jobrunner.engine.ledger import Ledger
from jobrunner.engine.window import Limit, Window
from jobrunner.errors import Quota, RateLimited
from jobrunner.storage.reader import Reader

STREAM_RETRY_AFTER_S = 5

Asked = Mapping[str, Mapping[Limit, int]]
Want = tuple[str, Limit, int]


@dataclass(frozen=True, slots=True)
class Admission:
    """What was admitted, and counted. `quotas` tell what is left to the one bearer; with several there are none."""

    quotas: Sequence[Quota] = ()
    takings: Sequence[Callable[[], None]] = ()

    def give_back(self) -> None:
        """Do not count it, for it was not done. To be called once."""
        for give_back in self.takings:
            give_back()


NOTHING = Admission()


class Limits:
    """Changes: what was used, and how many streams are open."""

    def __init__(self, clock: Clock, reader: Reader, allowance: Allowance) -> None:
        """Admit what `allowance` allows, beginning with what `reader` finds."""
        self._allowance = allowance
        self._submissions = Ledger(clock, allowance.span_ms, allowance.submissions, reader.jobs_used)
        self._bytes = Ledger(clock, DAY_MS, allowance.uploads, reader.bytes_used)
        self._streams: Counter[str] = Counter()

    async def admit(self, wanted: Mapping[tuple[str, str], int]) -> Admission:
        """Count submissions by bearer and type, all of them or none; raise RateLimited."""
        asked: defaultdict[str, Counter[Limit]] = defaultdict(Counter)
        for (bearer, job_type), jobs in wanted.items():
            for limit in self._allowance.submissions(bearer, job_type) if jobs else ():
                asked[bearer][limit] += jobs
        return await _admit(self._submissions, asked) if asked else NOTHING

    async def admit_bytes(self, bearer: str, size: int) -> Admission:
        """Count bytes of an upload; raise RateLimited."""
        limits = self._allowance.uploads(bearer)
        return await _admit(self._bytes, {bearer: dict.fromkeys(limits, size)}) if limits else NOTHING

    @contextmanager
    def stream(self, bearer: str) -> Iterator[None]:
        """Count a stream as long as it is open; raise RateLimited when as many are as may be."""
        most = self._allowance.streams(bearer)
        if most is None:
            yield
            return
        if self._streams[bearer] >= most:
            detail = f"{counted(most, 'stream')} may be open at once for {_called(bearer)}; close one first."
            quota = Quota("streams", most, 0)
            raise RateLimited(detail, retry_after_s=STREAM_RETRY_AFTER_S, quotas=(quota,))
        self._streams[bearer] += 1
        try:
            yield
        finally:
            self._streams[bearer] -= 1
            if not self._streams[bearer]:
                del self._streams[bearer]


async def _admit(ledger: Ledger, asked: Asked) -> Admission:
    ledger.sweep()
    await ledger.open(asked)
    # From here on nothing is awaited: what there is room for is taken before anybody else looks.
    wants = [(bearer, limit, amount) for bearer, amounts in asked.items() for limit, amount in amounts.items()]
    _check(ledger, asked, wants)
    takings = [ledger.take(bearer, limit, amount) for bearer, limit, amount in wants]
    return Admission(_quotas(ledger, next(iter(asked.items()))) if len(asked) == 1 else (), takings)


def _check(ledger: Ledger, asked: Asked, wants: Sequence[Want]) -> None:
    """Raise RateLimited for the limit that has no room for the longest time, if there is one."""
    now = ledger.now()
    waits = [ledger.account(bearer).window(limit).wait_ms(now, amount) for bearer, limit, amount in wants]
    if not any(wait != 0 for wait in waits):
        return
    wait_ms, (bearer, limit, amount) = max(zip(waits, wants, strict=True), key=_length)
    after_s = _seconds(limit.span_ms if wait_ms is None else wait_ms)
    then = f"try again in {after_s} s." if wait_ms is not None else f"{amount} at once can never pass."
    detail = f"{limit.allowed} for {_called(bearer)}; {then}"
    raise RateLimited(detail, retry_after_s=after_s, quotas=_quotas(ledger, (bearer, asked[bearer])))


def _length(waiting: tuple[int | None, Want]) -> tuple[bool, int]:
    wait_ms, (_bearer, limit, _amount) = waiting
    return (True, limit.span_ms) if wait_ms is None else (False, wait_ms)


def _quotas(ledger: Ledger, asked: tuple[str, Iterable[Limit]]) -> list[Quota]:
    bearer, limits = asked
    return [_quota(ledger.account(bearer).window(limit), ledger.now()) for limit in limits]


def _quota(window: Window, now: int) -> Quota:
    limit, reset_s = window.limit, _seconds(window.next_ms(now))
    left = max(limit.quota - window.used, 0)
    return Quota(limit.name, limit.quota, left, limit.span_ms // 1000, reset_s, limit.unit)


def _called(bearer: str) -> str:
    return f"user {bearer.removeprefix(USER)}" if bearer.startswith(USER) else bearer


def _seconds(ms: int) -> int:
    return -(-ms // 1000)
