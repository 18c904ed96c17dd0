"""What stands in a terminal's cells: measured, cut, and never in command of the terminal."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobrunner.cli.cells import Cell, fit, one_line, painted, width
from jobrunner.cli.table import print_table
from jobrunner.cli.terminal import Terminal, clean

HOSTILE = ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\u202egpj.exe", "a\u2066b", "\r", "\x7f", "\ud800"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_job_cannot_command_a_terminal(text: str) -> None:
    for shown in (one_line(text), clean(text)):
        assert shown.isprintable()


def test_letters_of_all_languages_stay() -> None:
    assert one_line("Größe  日本\n語 é 🙂") == "Größe 日本 語 é 🙂"


def test_wide_letters_take_two_cells_and_accents_none() -> None:
    assert (width("abc"), width("日本"), width("e\u0301")) == (3, 4, 1)


@given(st.text(), st.integers(0, 20))
def test_what_is_cut_fits(text: str, cells: int) -> None:
    fitted = fit(text, cells)

    assert width(fitted) <= cells
    assert fitted == text or width(text) > cells


def test_cells_stand_beside_each_other_up_to_the_last_column() -> None:
    terminal = Terminal(io.StringIO(), io.StringIO())

    assert painted(terminal, [Cell("one"), Cell(""), Cell("two"), Cell("three")], 12) == "one  two  t…"
    assert painted(terminal, [Cell("one"), Cell("two")], 3) == "one"


def test_colour_is_added_after_measuring() -> None:
    terminal = Terminal(io.StringIO(), io.StringIO(), is_live=True, is_coloured=True)

    assert painted(terminal, [Cell("failed", "red")], 6) == "\x1b[31mfailed\x1b[0m"


def test_a_piped_table_has_tabs_and_no_heading() -> None:
    terminal = Terminal(io.StringIO(), io.StringIO())
    print_table(terminal, ("ID", "TITLE"), [("1", "a\tb\nc"), ("2", Cell("d", "red"))])

    assert terminal.out.getvalue() == "1\ta b c\n2\td\n"  # type: ignore[attr-defined]


def test_a_table_on_a_terminal_is_aligned_and_cut_to_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    terminal = Terminal(io.StringIO(), io.StringIO(), is_live=True)
    print_table(terminal, ("ID", "TITLE"), [("12345", "日本 is far away"), ("2", "x")])

    assert terminal.out.getvalue().split("\n") == ["ID     TITLE", "12345  日本 is far …", "2      x", ""]  # type: ignore[attr-defined]
