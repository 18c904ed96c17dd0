"""Pictures as jobs: charged for at once, painted, kept; a failure costs as much, and is tried again."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("PIL", reason='no Pillow: pip install "jobrunner[examples]"')

from PIL import Image

from jobrunner import Admittance, Refused
from jobrunner.client import Client
from jobrunner.errors import Problem
from jobrunner.examples.images import PictureRequest
from jobrunner.examples.images.credits import Credits
from jobrunner.wire import JobData
from tests.examples.workshop.conftest import Fetch

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def order(client: Client, user: str, number: int, **payload: Any) -> JobData:
    return await client.submit("image_generation", {"prompt": "sea", "number": number, **payload}, user_id=user)


async def left(client: Client, user: str) -> int:
    """Return what somebody had, who is given one more for the answer."""
    job = await client.submit("image_credits", {"credits": 1}, user_id=user)
    return int((await client.wait(job["job_id"], timeout=60))["result_data"]["left"]) - 1


async def test_a_prompt_becomes_as_many_pictures_as_were_asked_for(client: Client, fetch: Fetch) -> None:
    job = await client.wait((await order(client, "ada", 2, size="landscape"))["job_id"], timeout=60)
    assert job["status"] == "completed", job["error_data"]
    assert job["result_data"] == [
        {"name": f"picture-{n}.png", "palette": "sea", "motif": "waves"} for n in (1, 2)
    ]  # fmt: skip
    files = await fetch(job)
    assert list(files) == ["picture-1.png", "picture-2.png"]
    assert [Image.open(io.BytesIO(file)).size for file in files.values()] == [(960, 600)] * 2
    assert files["picture-1.png"] != files["picture-2.png"]


async def test_who_has_no_credits_left_is_refused_with_402_and_may_buy_some(client: Client) -> None:
    jobs = [await order(client, "bob", 8)]
    with pytest.raises(Problem) as refused:
        await order(client, "bob", 5)
    assert (refused.value.status, refused.value.code) == (402, "no-credits")
    assert refused.value.detail == "This costs 5 of your credits, and you have 4."
    assert await left(client, "bob") == 4
    jobs.append(await order(client, "bob", 5))
    for job in jobs:
        await client.cancel(job["job_id"])
    assert await left(client, "bob") == 0


@pytest.mark.slow
async def test_a_failed_job_costs_as_much_and_a_repeat_of_its_submission_nothing(client: Client) -> None:
    payload = {"prompt": "sea", "number": 3, "failures": 2}
    sent = [await client.submit("image_generation", payload, user_id="eve", idempotency_key="e" * 32) for _ in range(2)]
    assert sent[0]["job_id"] == sent[1]["job_id"]
    job = await client.wait(sent[0]["job_id"], timeout=60)
    assert job["error_data"] is not None
    assert (job["status"], job["attempt"], job["error_data"]["code"]) == ("failed", 2, "PAINT_SPILLED")
    assert await left(client, "eve") == 9
    await client.retry(job["job_id"])
    assert (await client.wait(job["job_id"], timeout=60))["status"] == "completed"


async def test_what_was_charged_for_a_job_that_is_not_accepted_is_given_back_once() -> None:
    books = Credits(first=5)
    payload = PictureRequest(prompt="sea", number=4)
    request = Admittance("j1", "image_generation", payload, "", "ada", "", (), None, None)
    await books.admit(request)
    assert books.left("ada") == 1
    with pytest.raises(Refused):
        await books.admit(replace(request, job_id="j2"))
    for _ in range(2):
        await books.withdrawn(request, OSError())
    assert books.left("ada") == books.left(None) == 5
