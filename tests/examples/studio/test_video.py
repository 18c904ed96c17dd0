"""A script becomes a film that plays: both streams, as long as what is said in it, and nothing left running."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from jobrunner.client import Client
from jobrunner.errors import Problem
from tests.examples.studio.conftest import Fetch, memory_mb, running
from tests.examples.studio.media import probe
from tests.process import ServerProcess

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCENES = [
    {"heading": "A queue", "text": "Jobs wait here for their turn."},
    {"heading": "A worker", "text": "It takes one job after the other, and says how far it is."},
]
SCRIPT: dict[str, Any] = {"title": "How work gets done", "scenes": SCENES, "size": "640x360"}
LONG_SCENE = {"heading": "On and on", "text": "And so it goes on and on. " * 70}
LONG = {**SCRIPT, "scenes": [LONG_SCENE] * 3, "size": "1920x1080"}


async def test_a_script_becomes_a_film_with_picture_and_sound(client: Client, fetch: Fetch, tmp_path: Path) -> None:
    job = await client.submit("video_generation", SCRIPT, priority=5, user_id="studio", title="Work")
    job = await client.wait(job["job_id"], timeout=90)
    assert job["status"] == "completed", job["error_data"]
    assert [stage["status"] for stage in job["stages"]] == ["completed"] * 3
    content = (await fetch(job))["video.mp4"]
    film, result = probe(tmp_path / "video.mp4"), job["result_data"]
    assert film.video.startswith("h264")
    assert "yuv420p" in film.video
    assert "640x360" in film.video
    assert film.audio.startswith("aac")
    assert (result["width"], result["height"], result["scenes"]) == (640, 360, 2)
    assert 7 < result["seconds"] < 20
    assert film.seconds == pytest.approx(result["seconds"], abs=0.15)
    assert film.sound.seconds == pytest.approx(result["seconds"], abs=0.15)
    assert 0.3 < film.sound.voiced < 0.95
    assert content.index(b"moov") < content.index(b"mdat")  # it plays before all of it has arrived


@pytest.mark.slow
async def test_progress_rises_through_all_steps_and_a_long_scene_takes_little_memory(
    client: Client, studio: ServerProcess
) -> None:
    job = await client.submit("video_generation", {**SCRIPT, "scenes": [LONG_SCENE, *SCENES]})
    seen, most_mb = [], 0
    async for each in client.watch(job["job_id"]):
        seen.append(each["progress_data"])
        most_mb = max([most_mb, *map(memory_mb, running("ffmpeg", str(studio.data_dir)))])
    percentages = [each["percentage"] for each in seen if each["percentage"] is not None]
    assert percentages == sorted(percentages)
    assert percentages[-1] == 100
    assert len({each["percentage"] for each in seen if each["current_step"] == "Rendering"}) > 2
    assert 0 < most_mb < 300  # all frames of the scene would be a gigabyte


async def test_a_voice_that_there_is_not_fails_the_job_with_its_category(client: Client) -> None:
    job = await client.submit("video_generation", {**SCRIPT, "voice": "xx"})
    job = await client.wait(job["job_id"], timeout=60)
    assert job["error_data"] is not None
    assert (job["status"], job["error_data"]["code"]) == ("failed", "UNKNOWN_VOICE")


@pytest.mark.parametrize("wrong", [{"scenes": []}, {"title": ""}, {"voice": "../x"}, {"size": "1x1"}])
async def test_a_script_that_makes_no_film_is_refused(client: Client, wrong: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        await client.submit("video_generation", {**SCRIPT, **wrong})
    assert refused.value.status == 422


async def test_a_cancelled_film_leaves_no_process_and_no_file(client: Client, studio: ServerProcess) -> None:
    job = await client.submit("video_generation", LONG)
    async for seen in client.watch(job["job_id"]):
        if seen["progress_data"]["current_step"] == "Rendering" and running("ffmpeg", str(studio.data_dir)):
            break
    await client.cancel(job["job_id"])
    async with asyncio.timeout(30):
        assert (await client.wait(job["job_id"]))["status"] == "cancelled"
    assert not running("ffmpeg", str(studio.data_dir))
    assert not list(studio.data_dir.rglob("*.mp4"))


@pytest.mark.slow
async def test_a_server_that_was_killed_makes_the_film_after_its_start(client: Client, studio: ServerProcess) -> None:
    job = await client.submit("video_generation", {**SCRIPT, "scenes": SCENES * 4})
    async for seen in client.watch(job["job_id"]):
        if seen["progress_data"]["current_step"] == "Rendering":
            break
    studio.kill()
    studio.start()
    assert not running("ffmpeg", str(studio.data_dir))
    job = await client.wait(job["job_id"], timeout=90)
    assert (job["status"], job["attempt"]) == ("completed", 2)
