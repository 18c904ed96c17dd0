"""Pictures are painted from words: real ones, the same again for the same words, and others for others."""

from __future__ import annotations

import io
import random

import pytest

pytest.importorskip("PIL", reason='no Pillow: pip install "jobrunner[examples]"')

from PIL import Image, ImageStat

from jobrunner.examples.images.mood import _MOTIFS, PALETTES, Mood, read
from jobrunner.examples.images.painting import paint

SIZE = (96, 64)


def painted(prompt: str, seed: int = 0) -> bytes:
    dice = random.Random(f"{prompt}|{seed}")
    return paint(read(prompt, dice), SIZE, dice, lambda _share: None)


def test_the_same_words_and_seed_give_the_same_picture_and_others_another() -> None:
    first = painted("a boat at sea")
    assert first == painted("a boat at sea")
    assert len({first, painted("a boat at sea", 1), painted("a boat on a lake")}) == 3


@pytest.mark.parametrize(
    ("prompt", "palette", "motif"),
    [
        ("A boat on the sea", "sea", "waves"),
        ("Midnight in Paris", "night", "city"),
        ("SNOW, on pine trees", "winter", "forest"),
        ("sunset over the mountains", "sunset", "hills"),
        ("a bauhaus pattern", "mint", "tiles"),
    ],
)
def test_words_choose_colours_and_what_there_is_to_see(prompt: str, palette: str, motif: str) -> None:
    mood = read(prompt, random.Random(1))
    assert (mood.palette, mood.motif) == (palette, motif)


def test_words_that_are_not_known_leave_it_to_the_dice() -> None:
    moods = {read("xyzzy", random.Random(seed)) for seed in range(40)}
    assert len({mood.palette for mood in moods}) > 4
    assert len({mood.motif for mood in moods}) > 4


@pytest.mark.parametrize("motif", sorted(_MOTIFS))
def test_every_motif_is_a_png_of_the_size_asked_for_with_something_on_it(motif: str) -> None:
    heard: list[float] = []
    for palette in PALETTES:
        mood = Mood(palette, motif, stars=True, moon=True, birds=True)  # type: ignore[arg-type]
        picture = Image.open(io.BytesIO(paint(mood, SIZE, random.Random(7), heard.append)))
        assert (picture.format, picture.size) == ("PNG", SIZE)
        assert max(ImageStat.Stat(picture.convert("L")).stddev) > 10
    assert heard[: len(heard) // len(PALETTES)] == sorted(heard[: len(heard) // len(PALETTES)])
    assert 0 < min(heard) <= max(heard) <= 1
