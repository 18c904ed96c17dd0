"""Texts become speech: each language by a voice of its own, and one that fails takes no other with it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from jobrunner.client import Client
from jobrunner.wire import JobData
from tests.examples.studio.conftest import Fetch
from tests.examples.studio.media import Sound, probe

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = "Good morning. The station is two hundred meters from here, on the left."


async def dubbed(client: Client, payload: dict[str, Any], **envelope: Any) -> JobData:
    job = await client.submit("dubbing", payload, **envelope)
    return await client.wait(job["job_id"], timeout=60)


def parts_of(job: JobData) -> dict[str, Any]:
    return {part["key"]: part for part in job["parts"]}


async def test_each_language_is_spoken_by_a_voice_of_its_own(client: Client, fetch: Fetch) -> None:
    job = await dubbed(client, {"text": TEXT, "languages": ["de", "en", "fr", "ja"]})
    assert job["status"] == "completed", job["error_data"]
    assert [stage["status"] for stage in job["stages"]] == ["completed"] * 4
    files = await fetch(job)
    assert sorted(files) == ["de.wav", "en.wav", "fr.wav", "ja.wav", "script.txt"]
    sounds = {key: Sound.of(files[part["artifact"]["name"]]) for key, part in parts_of(job).items()}
    for key, sound in sounds.items():
        assert (sound.rate, sound.channels) == (22_050, 1)
        assert sound.seconds == pytest.approx(parts_of(job)[key]["result_data"]["seconds"], abs=0.001)
        assert 2 < sound.seconds < 40
        assert 0.4 < sound.voiced < 0.99
    assert len({sound.samples.tobytes() for sound in sounds.values()}) == 4
    assert len({round(sound.seconds, 1) for sound in sounds.values()}) == 4
    assert job["result_data"] == {"seconds": {key: round(sound.seconds, 3) for key, sound in sounds.items()}}


async def test_the_parts_are_known_and_wait_from_the_submission_on(client: Client) -> None:
    job = await client.submit("dubbing", {"languages": ["de", "xx", "de"]}, uploads=["file"])
    assert [(part["key"], part["label"], part["status"]) for part in job["parts"]] == [
        ("de", "German", "queued"), ("xx", "xx", "queued"),
    ]  # fmt: skip
    assert (job["status"], job["waiting_for"]) == ("queued", "upload")


async def test_a_language_may_have_a_text_of_its_own_and_a_pace(client: Client, fetch: Fetch) -> None:
    both = {"text": TEXT, "texts": {"de": "Ja."}, "languages": ["de", "en"]}
    slow, fast = [await dubbed(client, {**both, "words_per_minute": pace}) for pace in (100, 300)]
    files = await fetch(slow)
    assert Sound.of(files["de.wav"]).seconds < 2 < Sound.of(files["en.wav"]).seconds
    assert files["script.txt"].decode() == f"[de] Ja.\n\n[en] {TEXT}"
    assert fast["result_data"]["seconds"]["en"] < 0.6 * slow["result_data"]["seconds"]["en"]


@pytest.mark.slow
async def test_an_mp3_is_as_long_as_what_was_spoken(client: Client, fetch: Fetch, tmp_path: Path) -> None:
    job = await dubbed(client, {"text": TEXT, "languages": ["es"], "format": "mp3"})
    await fetch(job)
    found = probe(tmp_path / "es.mp3")
    assert found.audio.startswith("mp3")
    assert found.seconds == pytest.approx(job["result_data"]["seconds"]["es"], abs=0.1)


@pytest.mark.slow
async def test_a_text_file_is_spoken(client: Client, fetch: Fetch, tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_bytes(b"\xef\xbb\xbf" + "Grüße aus Köln.".encode())
    job = await dubbed(client, {"languages": ["de"]}, files={"file": tmp_path / "text.txt"})
    assert (await fetch(job))["script.txt"].decode() == "[de] Grüße aus Köln."


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("speech.mp3", b"ID3", "RECORDING_NOT_SUPPORTED"),
        ("text.txt", b"\xff\xfe\x00", "INPUT_ERROR"),
        ("text.txt", b" \n", "INPUT_ERROR"),
        ("text.txt", b"x" * 20_001, "INPUT_ERROR"),
        ("text.txt", b"x" * 80_001, "INPUT_ERROR"),
    ],
)
async def test_what_is_no_text_is_refused_with_its_category(
    client: Client, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    job = await dubbed(client, {"languages": ["de"]}, files={"file": tmp_path / name})
    assert job["error_data"] is not None
    assert (job["status"], job["error_data"]["code"], job["error_data"]["retryable"]) == ("failed", code, False)
    assert parts_of(job)["de"]["artifact"] is None


async def test_nothing_to_say_is_refused(client: Client) -> None:
    job = await dubbed(client, {"languages": ["de"]})
    assert job["error_data"] is not None
    assert (job["error_data"]["code"], job["error_data"]["message"]) == (
        "INPUT_ERROR", "There is no text: write one, or send a text file.",
    )  # fmt: skip


async def test_a_language_without_a_voice_fails_alone_and_is_tried_again_alone(client: Client, fetch: Fetch) -> None:
    job = await dubbed(client, {"text": TEXT, "texts": {"fr": "..."}, "languages": ["xx", "de", "fr"]})
    parts = parts_of(job)
    assert job["error_data"] is not None
    assert (job["status"], job["error_data"]["code"], job["can_retry"]) == ("failed", "PARTS_FAILED", True)
    assert [parts[key]["status"] for key in ("xx", "de", "fr")] == ["failed", "completed", "failed"]
    assert parts["xx"]["error_data"]["code"] == "UNKNOWN_VOICE"
    assert parts["fr"]["error_data"]["code"] == "NOTHING_TO_SAY"
    assert 0.4 < Sound.of((await fetch(job))["de.wav"]).voiced < 0.99
    await client.retry(job["job_id"])
    again = await client.wait(job["job_id"], timeout=60)
    assert (again["status"], again["attempt"]) == ("failed", 2)
    assert parts_of(again)["de"] == parts["de"]


async def test_a_cancelled_dubbing_stops_in_the_middle_of_a_word(client: Client) -> None:
    text = "Seven wise women walked west without waiting. " * 400
    job = await client.submit("dubbing", {"text": text, "languages": ["en", "de", "fr", "it", "es", "ja"]})
    async for seen in client.watch(job["job_id"]):
        if (seen["progress_data"]["percentage"] or 0) > 5:
            break
    await client.cancel(job["job_id"])
    async with asyncio.timeout(30):
        end = await client.wait(job["job_id"])
    assert end["status"] == "cancelled"
    assert end["parts_completed"] < 6
