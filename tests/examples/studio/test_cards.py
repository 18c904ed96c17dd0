"""Cards of a film: in the size of the film, whatever is to be written on them."""

from __future__ import annotations

from pathlib import Path

import pytest

Image = pytest.importorskip("PIL.Image", reason='no Pillow: pip install "jobrunner[examples]"')


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize(
    "text", ["Short.", "\u65e5\u672c\u8a9e \u041f\u0440\u0438\u0432\u0435\u0442", "word " * 400, "x" * 2_000]
)
def test_a_card_is_drawn_in_its_size_whatever_is_written_on_it(tmp_path: Path, at: int, text: str) -> None:
    from jobrunner.examples.video.cards import draw  # noqa: PLC0415 - needs the extra

    draw(tmp_path / "card.png", (640, 360), "Title", text[:120], text, at, 3)
    with Image.open(tmp_path / "card.png") as card:
        assert card.size == (640, 360)
        assert card.convert("L").getextrema()[1] > 200  # something is written in a light colour
        margin = card.convert("L").crop((630, 0, 640, 360))
        assert margin.getextrema()[1] < 150  # and nothing beyond the edge
