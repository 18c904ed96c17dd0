"""A page becomes a campaign: each step is a job of its own, waits for the one before, and leaves what was promised."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from aiohttp import ClientSession

pytest.importorskip("PIL", reason='no Pillow: pip install "jobrunner[examples]"')

from PIL import Image

from jobrunner.client import Client
from jobrunner.wire import JobData
from tests.examples.workshop.conftest import Fetch
from tests.process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def posted(server: ServerProcess, path: str, payload: object, **headers: str) -> tuple[int, dict[str, Any]]:
    async with (
        ClientSession() as session,
        session.post(f"{server.url}/api/v1/ads/{path}", json=payload, headers=headers) as answer,
    ):
        return answer.status, await answer.json()


async def test_a_campaign_reads_the_page_that_is_served_reports_on_it_and_draws_its_ads(
    workshop: ServerProcess, client: Client, fetch: Fetch
) -> None:
    page = f"{workshop.url}/examples/ads/product.html"
    status, started = await posted(workshop, "campaign-job", {"url": page, "headlines": 1})
    assert status == 202
    plan = (await client.wait(started["job_id"], timeout=60))["result_data"]
    jobs = {name: await client.wait(job_id, timeout=60) for name, job_id in plan.items()}
    assert {name: (job["type"], job["status"], job["parent_id"]) for name, job in jobs.items()} == {
        "scrape": ("scrape", "completed", started["job_id"]),
        "report": ("product_report", "completed", started["job_id"]),
        "ads": ("ad_images", "completed", started["job_id"]),
    }
    assert jobs["scrape"]["result_data"]["images"] == [f"{workshop.url}/examples/ads/halo.png"]
    assert [ended(jobs[name]) for name in plan] == sorted(ended(jobs[name]) for name in plan)
    report = {name: file.decode() for name, file in (await fetch(jobs["report"])).items()}
    assert list(report) == ["report.html", "report.md"]
    assert all("Halo desk lamp" in each and "€89.00" in each for each in report.values())
    ads = {name: Image.open(io.BytesIO(file)) for name, file in (await fetch(jobs["ads"])).items()}
    assert {name: (ad.format, ad.size) for name, ad in ads.items()} == {
        "halo-desk-lamp-square-1.png": ("PNG", (1080, 1080)),
        "halo-desk-lamp-banner-1.png": ("PNG", (1200, 628)),
        "halo-desk-lamp-leaderboard-1.png": ("PNG", (1456, 180)),
        "halo-desk-lamp-story-1.png": ("PNG", (1080, 1920)),
    }


async def test_a_report_is_answered_from_what_is_known_and_anew_when_that_is_wanted(
    workshop: ServerProcess, client: Client
) -> None:
    path = "products/halo/report-job"
    _, first = await posted(workshop, path, {})
    first = dict(await client.wait(first["job_id"], timeout=60))
    status, second = await posted(workshop, path, {})
    assert (status, second["job_id"], second["status"]) == (200, first["job_id"], "completed")
    assert second["result_data"] == first["result_data"]
    status, third = await posted(workshop, path, {}, **{"Cache-Control": "no-cache"})
    assert status == 202
    assert third["job_id"] != first["job_id"]


async def test_a_product_that_nobody_knows_fails_in_words(workshop: ServerProcess, client: Client) -> None:
    _, started = await posted(workshop, "products/teapot/ads-job", {"headlines": 1})
    error = (await client.wait(started["job_id"], timeout=60))["error_data"]
    assert error is not None
    assert (error["code"], error["message"]) == ("UNKNOWN_PRODUCT", "There is no product 'teapot'.")


def ended(job: JobData) -> str:
    assert job["completed_at"] is not None
    assert re.fullmatch(r"[0-9T:.Z-]+", job["completed_at"])
    return job["completed_at"]
