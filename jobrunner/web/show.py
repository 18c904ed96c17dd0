"""Jobs as bytes: made once for each image, with payload and result put in as the text that they are kept as.

Estimates in lists and streams are as of that moment; in the answer about a single job they are as of the answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, cast
from weakref import WeakKeyDictionary

from pydantic_core import to_json

from jobrunner.engine.recent import Texts
from jobrunner.engine.runner import Runner
from jobrunner.model.state import Status
from jobrunner.storage.image import Image
from jobrunner.web import cursor
from jobrunner.web.views import job_view
from jobrunner.wire import JobData

LEAST_PAUSE_S, LONGEST_PAUSE_S = 1, 60
ESTIMATES = ("estimated_start", "estimated_completion", "estimated_duration")

# With whether its queue was paused, which is no part of the image.
_streamed: WeakKeyDictionary[Image, tuple[bool, bytes]] = WeakKeyDictionary()


def encode(value: Any) -> bytes:
    """Return compact JSON in UTF-8. What is no JSON was refused where it came in."""
    return to_json(value)


def streamed(runner: Runner, image: Image) -> bytes:
    """Return a job as lists and streams show it: without payload, with a small result. Encoded once for all readers."""
    paused = runner.pauses.holds(image.job)
    known = _streamed.get(image)
    if known is None or known[0] is not paused:
        ended = image.job.status is Status.COMPLETED and image.result is not None
        made = _spliced(_head(runner, image), {"result_data": image.result} if ended else {})
        known = _streamed[image] = paused, made
    return known[1]


@dataclass(frozen=True, slots=True)
class Shown:
    """A job as bytes: `lasting` is a JSON object, `passing` are the members that move with time, its estimates."""

    lasting: bytes
    passing: bytes

    @property
    def body(self) -> bytes:
        """Return all of it."""
        return self.lasting[:-1] + b"," + self.passing[1:]

    @property
    def tag(self) -> str:
        """Return a validator of what lasts: a weak one, for an estimate that has moved makes no other job."""
        return f'"{blake2b(self.lasting, digest_size=9).hexdigest()}"'


async def shown(runner: Runner, image: Image, *, new: bool = False) -> Shown:
    """Return a job with its payload and result, its place in the queue, and what is expected of it at this moment.

    The place of a `new` one is told only if memory tells it.
    """
    payload, result = await runner.recent.texts(image)
    position = runner.dispatcher.position(image.job) if new else await runner.position(image.job)
    view = cast("dict[str, Any]", _view(runner, image, position))
    passing = {name: view.pop(name) for name in ESTIMATES}
    return Shown(_spliced(encode(view), {"payload": payload, "result_data": result}), encode(passing))


async def whole(runner: Runner, image: Image, *, new: bool = False) -> bytes:
    """Return such a job as an answer."""
    return (await shown(runner, image, new=new)).body


async def several(runner: Runner, images: Sequence[Image], include: Iterable[str]) -> list[bytes]:
    """Return jobs as lists show them, with what was asked to be included."""
    if not include:
        return [streamed(runner, image) for image in images]
    texts = await runner.reader.many_texts([image.job.id for image in images])
    return [_spliced(_head(runner, image), _included(texts[image.job.id], image, include)) for image in images]


def joined(jobs: Iterable[bytes], **members: Any) -> bytes:
    """Return `{"jobs": […], …}`."""
    rest = encode(members)[1:-1]
    return b'{"jobs":[' + b",".join(jobs) + b"]" + (b"," + rest if rest else b"") + b"}"


def retry_after(runner: Runner, image: Image) -> str | None:
    """Return when a poller should look again.

    As the type advises, sooner when the job is nearly done, never when it ended.
    """
    if image.job.status.ended:
        return None
    job_type = runner.registry.get(image.job.type)
    advice_s = 2.0 if job_type is None else job_type.poll_interval.total_seconds()
    left_s = image.job.progress.remaining_s
    pause_s = advice_s if left_s is None else min(advice_s, left_s)
    return str(max(LEAST_PAUSE_S, min(math.ceil(pause_s), LONGEST_PAUSE_S)))


def _head(runner: Runner, image: Image) -> bytes:
    return encode(_view(runner, image))


def _view(runner: Runner, image: Image, position: int | None = None) -> JobData:
    base, number = runner.settings.server.base_path, cursor.text(runner, image.number)
    left, estimate = runner.attempts.may_retry(image.job), runner.estimates.of(image.job, position)
    paused = runner.pauses.holds(image.job)
    return job_view(image, number, base, retries_left=left, paused=paused, position=position, estimate=estimate)


def _included(texts: Texts, image: Image, include: Iterable[str]) -> Mapping[str, str | None]:
    payload, result = texts
    members: dict[str, str | None] = {}
    if "payload" in include:
        members["payload"] = payload
    if image.job.status is Status.COMPLETED:
        members["result_data"] = result if "result" in include else image.result
    return members


def _spliced(head: bytes, members: Mapping[str, str | None]) -> bytes:
    """Put JSON text into a JSON object, as it is."""
    more = "".join(f',"{name}":{"null" if text is None else text}' for name, text in members.items())
    return head[:-1] + more.encode() + b"}"
