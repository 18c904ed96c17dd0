"""Where a command writes: results to stdout, words to stderr; in colour and in place on a terminal, plain when piped.

Must never let text of a job reach a terminal as anything but letters: see `clean`.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self, TextIO

Style = Literal["bold", "dim", "red", "green", "yellow", "blue", "none"]
_STYLES: Mapping[Style, str] = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34"}


@dataclass(frozen=True, slots=True)
class Terminal:
    """Two streams and what the first of them can show."""

    out: TextIO
    err: TextIO
    is_live: bool = False
    is_coloured: bool = False
    is_unicode: bool = True

    @classmethod
    def of_this_process(cls) -> Self:
        """Look at stdout and the environment (NO_COLOR as on no-color.org, TERM=dumb)."""
        for stream in (sys.stdout, sys.stderr):
            if reconfigure := getattr(stream, "reconfigure", None):
                reconfigure(errors="replace")  # a title in Greek is no reason to fail in a Latin-1 terminal
        is_live = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        is_unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
        return cls(sys.stdout, sys.stderr, is_live, is_live and not os.environ.get("NO_COLOR"), is_unicode)

    @property
    def size(self) -> tuple[int, int]:
        """Return columns and lines."""
        return shutil.get_terminal_size()

    def print(self, text: str = "") -> None:
        """Write a line of the result."""
        self.out.write(f"{text}\n")

    def json(self, value: object) -> None:
        """Write a value as one line of JSON, at once: a program may be reading."""
        self.print(json.dumps(value, ensure_ascii=False))
        self.flush()

    def say(self, words: str) -> None:
        """Write words for a person."""
        self.err.write(f"{clean(words)}\n")
        self.err.flush()

    def flush(self) -> None:
        """Let nothing wait in a buffer."""
        self.out.flush()

    def paint(self, text: str, *styles: Style) -> str:
        """Colour text where that can be shown."""
        codes = ";".join(_STYLES[style] for style in styles if style in _STYLES)
        return f"\x1b[{codes}m{text}\x1b[0m" if codes and text and self.is_coloured else text


def clean(text: str) -> str:
    """Replace what could command a terminal or turn the reading direction; line ends and tabs stay."""
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else "\N{REPLACEMENT CHARACTER}" for letter in text
    )
