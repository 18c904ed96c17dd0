"""One text goes in, one sound file per language comes out: each language is a part of the job.

Every voice speaks the text that was given for its language, else the one text for all. Nothing is translated, and
nothing is recognised: a recording as input is refused with a category of its own, for no speech recognition ships with
this. A language without a voice fails alone; its part can be tried again without the others.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator

from jobrunner import JobError, Stage, SyncContext, job
from jobrunner.examples import ffmpeg
from jobrunner.examples.speech import INSTALL, LANGUAGES, speak, unless_cancelled

MOST_LETTERS = 20_000
MOST_BYTES = 4 * MOST_LETTERS  # of as many letters in UTF-8
TELLING = 0.1  # of a text: before, its pace says little
RECORDINGS = {".aac", ".aiff", ".flac", ".m4a", ".mp3", ".mp4", ".oga", ".ogg", ".opus", ".wav", ".webm", ".wma"}
STAGES = [
    Stage("uploading", "Uploading", "Your text is on its way."),
    Stage("processing", "Processing", "The text is read.", "INPUT_ERROR"),
    Stage("generating", "Generating", "Each language is spoken by its voice.", "SPEECH_ERROR"),
    Stage("finalizing", "Finalizing", "What was spoken is written down."),
]

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{1,10})*$", max_length=40)]
Text = Annotated[str, Field(max_length=MOST_LETTERS)]


class Dubbing(BaseModel):
    """What is to be spoken: `text`, or an upload named `file`, or a text for each language."""

    text: Text = Field("", description="Spoken in each language that has no text of its own")
    texts: dict[Language, Text] = Field({}, max_length=20, description="By language")
    languages: list[Language] = Field(["de", "en", "fr"], min_length=1, max_length=20)
    words_per_minute: int = Field(160, ge=80, le=400)
    format: Literal["wav", "mp3"] = "wav"

    @field_validator("languages")
    @classmethod
    def _each_once(cls, languages: list[str]) -> list[str]:
        return list(dict.fromkeys(languages))


class Dubbed(BaseModel):
    """What came of one attempt: seconds by language; languages that an earlier one has made are not among them."""

    seconds: dict[str, float]


def parts_of(payload: Dubbing) -> dict[str, str]:
    """Name the languages for people."""
    return {language: LANGUAGES.get(language, language) for language in payload.languages}


@job(
    "dubbing",
    title="Dubbing",
    stages=STAGES,
    parts=parts_of,
    execution="process",  # the library of the voices has one state for its whole process
    requires={"espeakng_loader": INSTALL, "imageio_ffmpeg": INSTALL},
    timeout="30m",
)
def dub(context: SyncContext, payload: Dubbing) -> Dubbed:
    """Speak a text in several languages, each into a file of its own."""
    with context.stage("processing"):
        texts = _texts(context, payload)
    with context.stage("generating"):
        seconds = {language: _part(context, payload, language, texts[language]) for language in context.parts}
    with context.stage("finalizing"):
        script = "\n\n".join(f"[{language}] {text}" for language, text in texts.items())
        context.artifact("script.txt", script, "text/plain; charset=utf-8")
    context.progress(100, "Done")
    return Dubbed(seconds={language: length for language, length in seconds.items() if length is not None})


def _texts(context: SyncContext, payload: Dubbing) -> dict[str, str]:
    """Return what each language is to say."""
    common = payload.text
    if not common and any(not payload.texts.get(language) for language in payload.languages):
        common = _uploaded(context)
    context.progress(5, "The text is read")
    return {language: payload.texts.get(language) or common for language in payload.languages}


def _uploaded(context: SyncContext) -> str:
    try:
        upload = context.upload("file")
    except JobError as missing:
        raise JobError("INPUT_ERROR", "There is no text: write one, or send a text file.", retryable=False) from missing
    if (upload.content_type or "").startswith(("audio/", "video/")) or _suffix(upload.filename) in RECORDINGS:
        words = "A recording cannot be used: nothing here turns speech into text. Send the text that is spoken in it."
        raise JobError("RECORDING_NOT_SUPPORTED", words, details={"filename": upload.filename}, retryable=False)
    if upload.size > MOST_BYTES:
        raise JobError("INPUT_ERROR", f"The file is longer than {MOST_LETTERS:,} letters.", retryable=False)
    try:
        text = upload.path.read_bytes().decode("utf-8-sig").replace("\0", " ").strip()
    except UnicodeDecodeError as error:
        raise JobError("INPUT_ERROR", "The file is no text in UTF-8.", retryable=False) from error
    if not 0 < len(text) <= MOST_LETTERS:
        raise JobError("INPUT_ERROR", f"The file has to hold 1 to {MOST_LETTERS:,} letters.", retryable=False)
    return text


def _suffix(filename: str | None) -> str:
    return Path(filename or "").suffix.lower()


def _part(context: SyncContext, payload: Dubbing, language: str, text: str) -> float | None:
    """Make the file of one language and return its length, or None: an error in here is that of this part alone."""
    with context.part(language) as part:
        begun, name = monotonic(), LANGUAGES.get(language, language)

        def spoken(share: float) -> None:
            left = (monotonic() - begun) * (1 - share) / share if share > TELLING else None
            part.progress(90 * share, f"Speaking {name}", remaining_s=left, stage="generating")
            _overall(context, payload, language, 0.9 * share)

        def written(share: float) -> None:
            part.progress(90 + 10 * share, f"Writing {payload.format.upper()}", stage="finalizing")

        wav = context.workdir / f"{language}.wav"
        told = unless_cancelled(context, spoken)
        seconds = round(speak(text, language, wav, words_per_minute=payload.words_per_minute, told=told), 3)
        written(0)
        file = _encoded(wav, seconds, written) if payload.format == "mp3" else wav
        part.artifact(f"{language}.{payload.format}", file)
        part.complete({"seconds": seconds})
        return seconds
    return None


def _overall(context: SyncContext, payload: Dubbing, language: str, share: float) -> None:
    """Say how far the whole job is: what an earlier attempt has made counts."""
    done = len(payload.languages) - len(context.parts) + context.parts.index(language) + share
    context.progress(5 + 90 * done / len(payload.languages), f"Speaking {LANGUAGES.get(language, language)}")


def _encoded(wav: Path, seconds: float, told: Callable[[float], None]) -> Path:
    mp3 = wav.with_suffix(".mp3")
    ffmpeg.run(["-i", str(wav), "-c:a", "libmp3lame", "-q:a", "4", str(mp3)], seconds, told)
    return mp3
