"""The jobs that browser tests submit."""

from __future__ import annotations

import base64
import io
import wave
from typing import Any

from jobrunner import Context, JobError, job

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@job("plain", routes=["/hooks/{name}/plain-job"])
async def plain(_context: Context, payload: Any) -> Any:
    return payload


@job("copy", uploads=["file"])
async def copy(context: Context, _payload: Any) -> None:
    await context.artifact("copy.txt", context.upload("file").path, "text/plain")


@job("temptation")
async def temptation(context: Context, _payload: Any) -> None:
    """Make files that another site could use if a browser gave them to it: as a picture, and as a script."""
    await context.artifact("picture.png", PICTURE, "image/png")
    await context.artifact("code.js", b"window.leaked = true;", "text/javascript")


@job("media")
async def media(context: Context, _payload: Any) -> None:
    """Make half a second of sound, and a picture."""
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8_000)
        file.writeframes(bytes(range(100, 150)) * 80)
    await context.artifact("tone.wav", sound.getvalue(), "audio/wav")
    await context.artifact("dot.png", PICTURE, "image/png")


@job("duet", parts=lambda _payload: {"one": "One", "a/two": "Two"})
async def duet(context: Context, payload: Any) -> None:
    """Do its parts, of which the second fails at first, and begin a child."""
    await context.spawn("plain", payload, key="child", title="Child")
    for key in context.parts:
        async with context.part(key) as part:
            if key == "a/two" and context.attempt == 1:
                raise JobError("STUMBLED", "Not this time.", retryable=True)
            part.complete(context.attempt)
