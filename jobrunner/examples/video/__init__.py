"""A script goes in, a film comes out: a title card for each scene, its text spoken, all of it one MP4.

Cards are drawn by Pillow, espeak-ng speaks, ffmpeg encodes H.264 and AAC and says itself how far it is.
"""

from __future__ import annotations

import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from jobrunner import Stage, SyncContext, job
from jobrunner.examples import ffmpeg
from jobrunner.examples.speech import INSTALL, RATE, speak, unless_cancelled

PAUSE_S = 0.6  # after each scene
FRAMES_PER_SECOND = 15  # cards stand still: only the bar moves
STAGES = [
    Stage("narrating", "Narrating", "A voice speaks the text of each scene.", "NARRATION_ERROR"),
    Stage("drawing", "Drawing", "Each scene gets its card.", "DRAWING_ERROR"),
    Stage("rendering", "Rendering", "Cards and voice become one film.", "RENDERING_ERROR"),
]


class Scene(BaseModel):
    """A card, and what is said while it is shown."""

    heading: Annotated[str, Field(min_length=1, max_length=120)]
    text: Annotated[str, Field(min_length=1, max_length=2_000)]


class Script(BaseModel):
    """What the film is made from; a first card with its title goes before the scenes."""

    title: str = Field(min_length=1, max_length=120)
    scenes: list[Scene] = Field(min_length=1, max_length=30)
    voice: str = Field("en", pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,10})*$", max_length=40)
    words_per_minute: int = Field(160, ge=80, le=400)
    size: Literal["640x360", "1280x720", "1920x1080"] = "1280x720"


class Film(BaseModel):
    """What came of it."""

    seconds: float
    width: int
    height: int
    scenes: int


@job(
    "video_generation",
    title="Video",
    stages=STAGES,
    execution="process",  # it can be stopped at once, with the ffmpeg that it has started
    requires={"PIL": INSTALL, "espeakng_loader": INSTALL, "imageio_ffmpeg": INSTALL},
    timeout="45m",
    poll_interval="3s",
)
def make_video(context: SyncContext, payload: Script) -> Film:
    """Make a narrated film from a script."""
    scenes = [Scene(heading=payload.title, text=payload.title), *payload.scenes]
    width, height = map(int, payload.size.split("x"))
    with context.stage("narrating"):
        voices = [_narrated(context, payload, scenes, at) for at in range(len(scenes))]
        narration, lengths = _joined(voices, context.workdir / "narration.wav")
    with context.stage("drawing"):
        cards = [_drawn(context, payload.title, scenes, at, (width, height)) for at in range(len(scenes))]
    with context.stage("rendering"):
        told = _between(context, 40, 100, "Rendering")
        film = _rendered(cards, lengths, narration, (width, height), told)
        context.artifact("video.mp4", film, "video/mp4")
    context.progress(100, "Done")
    return Film(seconds=round(sum(lengths), 3), width=width, height=height, scenes=len(payload.scenes))


def _between(context: SyncContext, start: float, end: float, step: str) -> Callable[[float], None]:
    """Return what takes a share of one step, to say how far the whole is."""
    return lambda share: context.progress(start + (end - start) * share, step)


def _narrated(context: SyncContext, payload: Script, scenes: Sequence[Scene], at: int) -> Path:
    path, each = context.workdir / f"scene-{at}.wav", 30 / len(scenes)
    told = _between(context, each * at, each * (at + 1), f"Narrating {_which(scenes, at)}")
    heard = unless_cancelled(context, told)
    speak(scenes[at].text, payload.voice, path, words_per_minute=payload.words_per_minute, told=heard)
    return path


def _drawn(context: SyncContext, title: str, scenes: Sequence[Scene], at: int, size: tuple[int, int]) -> Path:
    from jobrunner.examples.video.cards import draw  # noqa: PLC0415 - an extra

    context.progress(30 + 10 * at / len(scenes), f"Drawing {_which(scenes, at)}")
    path = context.workdir / f"card-{at}.png"
    draw(path, size, title, scenes[at].heading, scenes[at].text, at, len(scenes) - 1)
    return path


def _which(scenes: Sequence[Scene], at: int) -> str:
    return f"scene {at} of {len(scenes) - 1}" if at else "the title"


def _joined(voices: Sequence[Path], path: Path) -> tuple[Path, list[float]]:
    """Join what was spoken, a pause after each, and return the length of each with its pause."""
    lengths = []
    with wave.open(str(path), "wb") as joined:
        joined.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        for each in voices:
            with wave.open(str(each), "rb") as voice:
                frames = voice.getnframes()
                joined.writeframes(voice.readframes(frames) + bytes(2 * round(PAUSE_S * RATE)))
            lengths.append((frames + round(PAUSE_S * RATE)) / RATE)
    return path, lengths


def _rendered(
    cards: Sequence[Path],
    lengths: Sequence[float],
    narration: Path,
    size: tuple[int, int],
    told: Callable[[float], None],
) -> Path:
    """Show each card for its length, with a bar that says where in the film it is."""
    (width, height), seconds = size, sum(lengths)
    listed, film = narration.with_name("cards.txt"), narration.with_name("video.mp4")
    lines = [f"file {card.name}\nduration {length:.6f}" for card, length in zip(cards, lengths, strict=True)]
    listed.write_text("\n".join([*lines, f"file {cards[-1].name}", ""]))  # the last once more: its duration is not read
    # The grounds set the pace: frames made from the cards alone would all be made at once, gigabytes of them.
    film_filter = (
        f"color=s={width}x{height}:r={FRAMES_PER_SECOND}[ground];"
        f"color=c=0x7cb0ff:s={width}x{height // 90}:r={FRAMES_PER_SECOND}[bar];"
        f"[ground][0:v]overlay[cards];"
        f"[cards][bar]overlay=x='W*t/{seconds:.3f}-W':y=H-h,format=yuv420p[film]"
    )
    arguments = [
        "-f", "concat", "-i", str(listed), "-i", str(narration), "-filter_complex", film_filter,
        "-map", "[film]", "-map", "1:a", "-t", f"{seconds:.6f}",
        "-c:v", "libx264", "-preset", "veryfast", "-tune", "stillimage", "-crf", "20",
        "-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart", str(film),
    ]  # fmt: skip
    ffmpeg.run(arguments, seconds, told)
    return film
