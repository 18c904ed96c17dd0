"""Speech by espeak-ng, which a wheel carries with its voices: a text goes in, a WAV file comes out. Knows no stages.

The library has one state for the whole process and is not made for threads: call it in a process of its own, from one
thread. Nothing is translated: each voice reads the words that it is given.
"""

from __future__ import annotations

import asyncio
import ctypes
import wave
from collections.abc import Callable
from functools import cache
from pathlib import Path

from jobrunner import JobError, SyncContext

RATE = 22_050
INSTALL = 'pip install "jobrunner[examples]"'
LANGUAGES = {
    "ar": "Arabic", "cmn": "Chinese", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "fi": "Finnish", "fr": "French", "hi": "Hindi", "hu": "Hungarian", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "nl": "Dutch", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese",
}  # fmt: skip  # names for people; every voice that the library knows can be asked for

_SYNCHRONOUS, _PIECE_MS, _UTF8, _WORDS_PER_MINUTE, _STAY = 2, 1_000, 1, 1, 0x8000  # of speak_lib.h; _STAY: never exit()
_END = 0  # of a list of events


class _Event(ctypes.Structure):
    """As espeak_EVENT; `text_position` counts characters from 1."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def speak(
    text: str,
    voice: str,
    path: Path,
    *,
    words_per_minute: int = 160,
    told: Callable[[float], None] = lambda _share: None,
) -> float:
    """Write a text as it sounds to a WAV file, mono, 16 bit, 22,050 Hz, and return its length in seconds.

    `told` hears how much of the text is spoken, 0 to 1; what it raises ends the speech. Raises JobError: UNKNOWN_VOICE
    for a voice that there is not, NOTHING_TO_SAY for a text without a sound.
    """
    if not any(map(str.isalnum, text)):
        raise JobError("NOTHING_TO_SAY", f"The text for {voice!r} has nothing that can be spoken.", retryable=False)
    library = _library()
    if library.espeak_SetVoiceByName(voice.encode()) != 0:
        raise JobError("UNKNOWN_VOICE", f"There is no voice for the language {voice!r}.", retryable=False)
    library.espeak_SetParameter(_WORDS_PER_MINUTE, words_per_minute, 0)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", "not compressed"))
        _synthesize(library, text, file, told)
        return file.getnframes() / RATE


def unless_cancelled(context: SyncContext, told: Callable[[float], None]) -> Callable[[float], None]:
    """Return what tells as before, and ends the speech when its attempt is to stop.

    Python's own way to stop, an exception at the next line, mostly comes as the library calls back, and is lost there.
    """

    def tell(share: float) -> None:
        if context.cancelled:
            raise asyncio.CancelledError
        told(share)

    return tell


def _synthesize(library: ctypes.CDLL, text: str, file: wave.Wave_write, told: Callable[[float], None]) -> None:
    """Speak into a file; an error in the callback stops the library, through which it could not pass, and is raised."""
    broken: list[BaseException] = []

    def take(samples: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]) -> int:
        try:
            if samples and count:
                file.writeframesraw(ctypes.string_at(samples, 2 * count))
            if position := _position(events):
                told(min(position / len(text), 1.0))
        except BaseException as error:  # noqa: BLE001 - raised below
            broken.append(error)
        return 1 if broken else 0

    callback = _CALLBACK(take)
    library.espeak_SetSynthCallback(callback)
    spoken = text.encode()
    failed = library.espeak_Synth(spoken, len(spoken) + 1, 0, 1, 0, _UTF8, None, None)
    if broken:
        raise broken[0]
    if failed:
        raise JobError("SPEECH_FAILED", f"espeak-ng has refused the text ({failed}).")


def _position(events: ctypes._Pointer[_Event]) -> int:
    """Return the last character that a piece of sound is about, 0 if it does not say."""
    found = at = 0
    while events[at].type != _END:
        found = max(found, events[at].text_position)
        at += 1
    return found


@cache
def _library() -> ctypes.CDLL:
    """Load the library once for the process."""
    import espeakng_loader  # noqa: PLC0415 - an extra

    library = ctypes.CDLL(espeakng_loader.get_library_path())
    rate = library.espeak_Initialize(_SYNCHRONOUS, _PIECE_MS, espeakng_loader.get_data_path().encode(), _STAY)
    if rate != RATE:
        raise JobError("SPEECH_FAILED", f"espeak-ng cannot be started ({rate}).")
    return library
