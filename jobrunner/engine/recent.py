"""Jobs that somebody has looked at or that have just ended.

What polling is answered from, without a look at the disk.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable

from jobrunner.storage.image import Image
from jobrunner.storage.reader import Reader

MOST = 4_096
MOST_TEXTS = 1_024
LONGEST_TEXT = 65_536
RUNNING = -1

Texts = tuple[str | None, str | None]


class Recent:
    """The last few thousand images. Changes.

    What is remembered, and which jobs are being read, with their newer states.

    What was read is remembered only if the job did not change meanwhile, so that nothing stale can stay.
    """

    def __init__(self, reader: Reader) -> None:
        """Read what is not remembered."""
        self._reader = reader
        self._known: OrderedDict[str, Image] = OrderedDict()
        self._texts: OrderedDict[str, tuple[int, Texts]] = OrderedDict()
        self._reading: Counter[str] = Counter()
        self._changed: set[str] = set()

    def note(self, image: Image) -> None:
        """Take note of a newer state."""
        job_id = image.job.id
        if self._reading[job_id]:
            self._changed.add(job_id)
        if image.job.status.ended or job_id in self._known:
            self._keep(image)

    def note_payload(self, job_id: str, payload: str) -> None:
        """Remember the payload of a new job, which is likely to be looked at soon."""
        self._keep_texts(job_id, RUNNING, (payload, None))

    def show(self, image: Image) -> None:
        """Show a state newer than what is on disk, though it has no number of its own, unless it was overtaken."""
        known = self._known.get(image.job.id)
        if known is not None and known.number == image.number:
            self._keep(image)

    def seen(self, image: Image) -> Image:
        """Return a state that was read as it is shown."""
        known = self._known.get(image.job.id)
        return known if known is not None and known.number == image.number else image

    def drop(self, job_ids: Iterable[str]) -> None:
        """Forget jobs that are gone."""
        for job_id in job_ids:
            self._known.pop(job_id, None)
            self._texts.pop(job_id, None)
            if self._reading[job_id]:
                self._changed.add(job_id)

    async def image(self, job_id: str, owner: str | None = None) -> Image | None:
        """Return a job, or None when there is none; with an `owner`, none but that user's."""
        known = self._known.get(job_id)
        if known is not None and (owner is None or known.job.user_id == owner):
            self._known.move_to_end(job_id)
            return known
        self._reading[job_id] += 1
        try:
            image = await (self._reader.job(job_id) if owner is None else self._reader.owned(job_id, owner))
        finally:
            fresh = self._read(job_id)
        if image is not None and fresh:
            self._keep(image)
        return image

    async def texts(self, image: Image) -> Texts:
        """Return the payload and the result of a job as JSON text."""
        number = (
            image.number if image.job.status.ended else RUNNING
        )  # a payload never changes, a result with its job only
        known = self._texts.get(image.job.id)
        if known is not None and known[0] == number:
            self._texts.move_to_end(image.job.id)
            return known[1]
        payload, result = await self._reader.texts(image.job.id)
        texts = payload, result if image.job.status.ended else None
        self._keep_texts(image.job.id, number, texts)
        return texts

    def _read(self, job_id: str) -> bool:
        """Take note that a read is over; tell whether the job did not change meanwhile."""
        self._reading[job_id] -= 1
        fresh = job_id not in self._changed
        if not self._reading[job_id]:
            del self._reading[job_id]
            self._changed.discard(job_id)
        return fresh

    def _keep_texts(self, job_id: str, number: int, texts: Texts) -> None:
        if sum(len(text or "") for text in texts) <= LONGEST_TEXT:
            self._texts[job_id] = number, texts
            if len(self._texts) > MOST_TEXTS:
                self._texts.popitem(last=False)

    def _keep(self, image: Image) -> None:
        job_id = image.job.id
        self._known[job_id] = image
        self._known.move_to_end(job_id)
        if len(self._known) > MOST:
            self._known.popitem(last=False)
