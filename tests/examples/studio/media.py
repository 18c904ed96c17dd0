"""Sounds and films as tests look at them: by reading the samples, and by what ffmpeg says of a file."""

from __future__ import annotations

import array
import re
import subprocess
import wave
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path


@dataclass(frozen=True)
class Sound:
    """A WAV file."""

    rate: int
    channels: int
    samples: array.array[int]

    @classmethod
    def of(cls, data: bytes) -> Sound:
        with wave.open(BytesIO(data)) as file:
            return cls(file.getframerate(), file.getnchannels(), array.array("h", file.readframes(file.getnframes())))

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate / self.channels

    @property
    def voiced(self) -> float:
        """The share of it, in pieces of 50 ms, that is no silence: speech is neither all nor none."""
        step = self.rate // 20
        pieces = [self.samples[at : at + step] for at in range(0, len(self.samples), step)]
        return sum(max(map(abs, piece)) > 1_000 for piece in pieces) / len(pieces)


@dataclass(frozen=True)
class Film:
    """What ffmpeg says of a file that it can decode to its end."""

    seconds: float
    video: str
    audio: str
    sound: Sound


def probe(path: Path) -> Film:
    """Decode all of a file; any error in it is raised."""
    said = _ffmpeg("-xerror", "-i", str(path), "-f", "null", "-").stderr.decode()
    hours, minutes, seconds = re.search(r"Duration: (\d+):(\d+):([\d.]+)", said).groups()  # type: ignore[union-attr]
    streams = dict(re.findall(r"Stream #0:\d.*? (Video|Audio): (.*)", said.partition("Output")[0]))
    length = 3600 * int(hours) + 60 * int(minutes) + float(seconds)
    samples = array.array("h", _ffmpeg("-i", str(path), "-ac", "1", "-ar", "22050", "-f", "s16le", "-").stdout)
    return Film(length, streams.get("Video", ""), streams.get("Audio", ""), Sound(22_050, 1, samples))


def _ffmpeg(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    import imageio_ffmpeg  # noqa: PLC0415 - an extra

    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", *arguments]
    return subprocess.run(command, capture_output=True, check=True, timeout=60)
