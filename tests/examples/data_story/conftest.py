"""A table as text or bytes, told to the example as a file on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jobrunner.examples.data_story.analysis import Analysis, analyse
from jobrunner.examples.data_story.story import StoryRequest

Analyse = Callable[..., Analysis]


@pytest.fixture
def analyse_text(tmp_path: Path) -> Analyse:
    """Return a function that analyses a text, or bytes, as a file."""

    def run(content: str | bytes, **request: str) -> Analysis:
        file = tmp_path / "table.csv"
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return analyse(file, StoryRequest(**request), lambda _: None)

    return run
