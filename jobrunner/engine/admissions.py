"""Asking applications before jobs are accepted, and telling them when a job that they admitted is not accepted.

Nobody is asked about a job that is there already: not for a repeat, a retry, or a result that is given again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import structlog

from jobrunner.engine.admission import Admission, Admittance
from jobrunner.engine.clock import Clock
from jobrunner.engine.job_type import JobType
from jobrunner.engine.new import New
from jobrunner.engine.registry import Registry
from jobrunner.engine.remote_admission import RemoteAdmission
from jobrunner.errors import AdmissionUnavailable, Refused, RequestError
from jobrunner.storage.image import Image

log = structlog.get_logger("jobrunner.admission")

AT_ONCE = 8  # asked about the jobs of one bulk
LAST_WORDS_S = 5.0  # for what is still to be told when the engine stops


class Admissions:
    """Changes: the withdrawals that are being told, and the connections to those who are asked over HTTP."""

    def __init__(self, clock: Clock, registry: Registry) -> None:
        """Ask those that the types name."""
        self._clock = clock
        self._registry = registry
        self._remote: dict[tuple[str, bytes | None], RemoteAdmission] = {}
        self._telling: set[asyncio.Task[None]] = set()

    def concern(self, news: Iterable[New]) -> bool:
        """Tell whether somebody is to be asked about any of some jobs."""
        return any(self._asked(new) is not None for new in news)

    async def ask(self, news: Iterable[New], key: str | None = None) -> dict[str, RequestError]:
        """Ask about jobs in their order, a few at once; return by its id why a job is refused.

        `key` is the Idempotency-Key of the request that they came by.
        """
        room = asyncio.Semaphore(AT_ONCE)

        async def one(new: New) -> RequestError | None:
            async with room:
                return await self._ask(new, key)

        concerned = [new for new in news if self._asked(new) is not None]
        answers = await asyncio.gather(*map(one, concerned))
        return {new.job.id: error for new, error in zip(concerned, answers, strict=True) if error is not None}

    def follow(self, news: Sequence[New], key: str | None, accepted: asyncio.Future[list[Image]]) -> None:
        """Withdraw jobs that were admitted, should their commit fail."""
        if self.concern(news):
            accepted.add_done_callback(lambda done: self._settle(news, key, done))

    def withdraw(self, news: Iterable[New], key: str | None, error: Exception) -> None:
        """Tell applications that jobs which they admitted are not accepted; in the background, each once."""
        for new in news:
            asked = self._asked(new)
            if asked is not None:
                task = asyncio.create_task(_tell(asked, _admittance(new, key), error))
                self._telling.add(task)
                task.add_done_callback(self._telling.discard)

    async def close(self) -> None:
        """Tell what is still to be told, for a few seconds."""
        if self._telling:
            _told, late = await asyncio.wait(self._telling, timeout=LAST_WORDS_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for remote in self._remote.values():
            await remote.close()

    def _asked(self, new: New) -> Admission | None:
        """Return who is to be asked about a job."""
        job_type = self._registry.get(new.job.type)
        if job_type is None:
            return None
        return job_type.admission if job_type.admission_url is None else self._at(job_type)

    def _at(self, job_type: JobType) -> RemoteAdmission:
        assert job_type.admission_url is not None  # noqa: S101 - the caller has looked; for the type checker
        secret = None if job_type.admission_secret is None else job_type.admission_secret.get_secret_value()
        place = job_type.admission_url, secret
        if place not in self._remote:
            self._remote[place] = RemoteAdmission(*place, self._clock)
        return self._remote[place]

    async def _ask(self, new: New, key: str | None) -> RequestError | None:
        asked, job_type, request = self._asked(new), self._registry.get(new.job.type), _admittance(new, key)
        if asked is None or job_type is None:
            return None
        try:
            async with asyncio.timeout(job_type.admission_timeout.total_seconds()):
                await asked.admit(request)
        except Refused as error:
            log.info("admission.refused", job=request.job_id, type=request.type, status=error.status, code=error.code)
            return error
        except Exception as error:
            log.warning("admission.failed", job=request.job_id, type=request.type, exc_info=error)
            self.withdraw([new], key, error)
            return AdmissionUnavailable("Whether the job may be accepted could not be found out; it was not.")
        return None

    def _settle(self, news: Sequence[New], key: str | None, done: asyncio.Future[list[Image]]) -> None:
        error = None if done.cancelled() else done.exception()
        if isinstance(error, Exception):
            self.withdraw(news, key, error)


async def _tell(asked: Admission, request: Admittance, error: Exception) -> None:
    try:
        await asked.withdrawn(request, error)
        log.info("admission.withdrawn", job=request.job_id, type=request.type)
    except asyncio.CancelledError:
        log.error("admission.withdrawal_lost", job=request.job_id, type=request.type)  # noqa: TRY400 - we stop it
    except Exception:
        log.exception("admission.withdrawal_lost", job=request.job_id, type=request.type)


def _admittance(new: New, key: str | None) -> Admittance:
    job = new.job
    return Admittance(
        job_id=job.id, type=job.type, payload=new.validated, raw=new.payload, user_id=job.user_id, title=job.title,
        tags=job.tags, idempotency_key=key, submitted_by=job.submitted_by,
    )  # fmt: skip
