"""The documentation as tests see it: tables by their header, fenced blocks by their language, links, headings."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "jobrunner" / "docs"
BROWSER = ROOT / "jobrunner" / "browser"

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$", re.MULTILINE)
Row = tuple[str, ...]


class Document:
    """One file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.text = file.read_text(encoding="utf-8")

    def __repr__(self) -> str:
        return self.file.name

    @cached_property
    def prose(self) -> str:
        """What stands outside of fenced blocks."""
        return FENCE.sub("", self.text)

    def rows(self, *header: str) -> list[Row]:
        """Return the rows of all tables whose header begins with these cells."""
        found: list[Row] = []
        for table in re.findall(r"(?:^\|.*\|\n)+", self.prose, re.MULTILINE):
            head, _rule, *body = [_cells(line) for line in table.splitlines()]
            found += body if head[: len(header)] == header else []
        assert found, f"{self} has no table with the header {header}"
        return found

    def table(self, *header: str) -> dict[str, str]:
        """Return such a table as its first two columns, without the marks of code; no key may stand there twice."""
        rows = [(bare(row[0]), bare(row[1])) for row in self.rows(*header)]
        assert len(dict(rows)) == len(rows)
        return dict(rows)

    def names(self, *header: str) -> set[str]:
        """Return the names of the code in the first column, those of calls without their arguments."""
        return {re.split(r"[(]", name)[0] for row in self.rows(*header) for name in code(row[0])}

    def blocks(self, language: str) -> list[str]:
        return [body for kind, body in FENCE.findall(self.text) if kind == language]

    def paragraph(self, start: str) -> str:
        return next(each for each in self.prose.split("\n\n") if each.startswith(start))

    def commands(self, program: str) -> Iterator[list[str]]:
        """Go through what is typed for a program in the `sh` blocks."""
        for line in "\n".join(self.blocks("sh")).splitlines():
            for command in line.split("&&"):
                words = shlex.split(command)
                if words and words[0].rpartition("/")[2] == program:
                    yield words[1:]

    def links(self) -> list[str]:
        return [inline or defined for inline, defined in LINK.findall(self.prose)]

    def anchors(self) -> set[str]:
        """Return the headings as links name them."""
        titles = re.findall(r"^#+ (.+)$", self.prose, re.MULTILINE)
        return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def bare(text: str) -> str:
    return text.replace("`", "")


def _cells(line: str) -> Row:
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


README = Document(ROOT / "README.md")
HANDLERS, API = Document(DOCS / "handlers.md"), Document(DOCS / "api.md")
CONFIGURATION, PROMISES = Document(DOCS / "configuration.md"), Document(DOCS / "promises.md")
RIGHTS = Document(DOCS / "rights.md")
DASHBOARD, JAVASCRIPT = Document(DOCS / "dashboard.md"), Document(DOCS / "javascript.md")
SERVICES, COMMANDS = Document(DOCS / "services.md"), Document(DOCS / "commands.md")
ALL = (README, HANDLERS, SERVICES, COMMANDS, API, RIGHTS, DASHBOARD, JAVASCRIPT, CONFIGURATION, PROMISES)


def query_parameters() -> dict[str, set[str]]:
    """Return the documented parameters of each path that has some."""
    return {code(path)[0]: set(code(names)) for path, names in API.rows("of GET")}
