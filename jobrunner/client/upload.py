"""One file, sent to a job that waits for it; after a cut connection the rest follows, as far as the server says it got.

Resumes by Content-Range (`bytes first-last/size`, RFC 9110 section 14.4). Must never read a file into memory.
"""

from __future__ import annotations

from typing import cast

from jobrunner.client.call import Call, get, job_path, params
from jobrunner.client.file import File
from jobrunner.client.patience import Patience, passes
from jobrunner.client.transport import Transport
from jobrunner.errors import ClientError, Problem
from jobrunner.wire import JobData, UploadData

_CONFLICT = 409


class Upload:
    """Send one file. As long as bytes arrive, a broken connection counts as no failure."""

    def __init__(self, transport: Transport, job_id: str, name: str, file: File) -> None:
        self._transport, self._job_id, self._name, self._file = transport, job_id, name, file

    async def send(self) -> JobData:
        """Send it whole and return the job; raises Problem for a file that is there already or is not wanted."""
        first, then = Patience(), Patience(passing=_may_follow)
        patience, received = first, 0
        while True:
            try:
                return await self._put(received)
            except ClientError as error:
                delay_s = patience.delay_s(error)
            await self._transport.sleep(delay_s)
            before, (received, job) = received, await self._arrived()
            if job is not None:
                return job
            patience = then
            if received > before:
                patience.success()

    async def _put(self, received: int) -> JobData:
        async with self._transport.open(self._call(received)) as response:
            return cast("JobData", await self._transport.content(response))

    def _call(self, received: int) -> Call:
        size = self._file.size
        headers = {"Content-Type": self._file.media_type(), "Content-Length": str(size - received)}
        if received:
            headers["Content-Range"] = f"bytes {received}-{size - 1}/{size}"
        path = job_path(self._job_id, "uploads", self._name)
        named = params(filename=self._file.name(self._name))
        return Call("PUT", path, named, headers, lambda: self._file.sent(received))

    async def _arrived(self) -> tuple[int, JobData | None]:
        """Ask how many bytes are there, and for the job if all of them are."""
        job: JobData = await self._transport.json(get(job_path(self._job_id)))
        upload = next((upload for upload in job["uploads"] if upload["name"] == self._name), None)
        return _received(upload), job if upload is not None and upload["size"] is not None else None


def _received(upload: UploadData | None) -> int:
    return 0 if upload is None else upload["received"]


def _may_follow(error: ClientError) -> bool:
    """Let a conflict pass too: the server may not yet be done with the connection that was cut."""
    return passes(error) or (isinstance(error, Problem) and error.status == _CONFLICT)
