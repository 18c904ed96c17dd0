"""A job drawn on a terminal, and drawn again in its place."""

from __future__ import annotations

import io
import re

import pytest

from jobrunner.cli.board import bar, board
from jobrunner.cli.cells import width
from jobrunner.cli.live import LiveView
from jobrunner.cli.terminal import Terminal
from jobrunner.client import Connection
from jobrunner.wire import LogLine
from tests.cli.samples import failed, part, running
from tests.client.faulty import ID, job


@pytest.fixture(autouse=True)
def _size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")


def terminal(**abilities: bool) -> Terminal:
    return Terminal(io.StringIO(), io.StringIO(), is_live=True, **abilities)


def test_a_running_job_is_drawn_with_bar_stages_and_parts() -> None:
    assert board(running(), terminal(), left_s=120) == [
        f"Sales  data_story  {ID}",
        "◕ processing  ━━━━━━━━━━━━━━──────────────────  45 %  2 min left",
        "   Generating: Scene 3 of 7",
        "  ✓ Uploading  2.0 s",
        "  ◕ Generating  Drawing the scenes",
        "  ◷ Visualizing",
        "  ✓ German (de)  ━━━━━━━━━━━━  100 %  Done",
        "  ◕ fr  ━━━─────────  25 %",
    ]


def test_a_failed_job_says_why_below_its_status() -> None:
    assert board(failed(), terminal())[1:] == [
        "✗ failed  4.0 s",
        "   ANALYSIS_ERROR: There is no numeric column.",
        "   attempt 2 of 3",
    ]


def test_a_completed_job_has_a_full_bar() -> None:
    assert "100 %" in board(job("completed"), terminal())[1]


def test_nothing_is_drawn_for_what_is_unknown() -> None:
    assert board(job(), terminal())[1:] == ["◕ processing"]


def test_a_terminal_without_unicode_gets_letters() -> None:
    drawn = board(running(), terminal(is_unicode=False), left_s=1)

    assert "\n".join(drawn).isascii()
    assert "> processing  ##############.................." in drawn[1]


@pytest.mark.parametrize("columns", [1, 10, 33, 80])
@pytest.mark.parametrize("lines", [1, 2, 5, 50])
def test_a_block_never_outgrows_its_terminal(monkeypatch: pytest.MonkeyPatch, columns: int, lines: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", str(lines))
    parts = [part(str(n), "言語" * 20, "processing", n, "x" * 300) for n in range(30)]
    drawn = board(running(title="長" * 100, parts=parts), terminal(), note="reconnecting")

    assert all(width(line) < columns or not line for line in drawn)
    assert len(drawn) <= max(2, lines - 1)


@pytest.mark.parametrize("percentage", [-5, 0, 50, 99.99, 100, 250])
def test_a_bar_is_as_long_as_it_should_be_and_full_only_at_the_end(percentage: float) -> None:
    drawn = bar(terminal(), percentage, 10)

    assert len(drawn) == 10
    assert ("─" not in drawn) == (percentage >= 100)


def screen(text: str) -> list[str]:
    """Do what a terminal does with what the view writes: lines, going up, clearing to the end."""
    lines, at = [""], 0
    for up, clear, end, written in re.findall(r"\x1b\[(\d+)F|(\x1b\[J)|(\n)|([^\x1b\n]+)|\x1b\[K", text):
        at += bool(end) - int(up or 0)
        lines += [""] if at == len(lines) else []
        if clear:
            lines[at:] = [""]
        lines[at] = written or lines[at]
    return lines


def written(terminal: Terminal) -> list[str]:
    assert isinstance(terminal.out, io.StringIO)
    return screen(terminal.out.getvalue())


def line(text: str) -> LogLine:
    return {"n": 1, "at": "2026-11-22T10:00:00Z", "stream": "log", "level": "info", "text": text}


def test_a_block_is_drawn_in_place_and_the_log_scrolls_by_above_it() -> None:
    view = LiveView(out := terminal(), clock=lambda: 0.0)
    view.state(running())
    view.log(line("half way"))
    view.state(failed())
    view.log(line("\x1b[2Jthe end"))
    view.end()

    assert written(out) == ["half way", "\N{REPLACEMENT CHARACTER}[2Jthe end", *board(failed(), out), ""]


def test_the_time_left_goes_down_by_itself_but_not_while_the_server_is_away() -> None:
    now = [0.0]
    view = LiveView(out := terminal(), clock=lambda: now[0])
    view.state(running())
    now[0] = 60.0
    view.tick()
    assert written(out)[1].endswith("45 %  1 min left")

    view.connection(Connection(live=False, retry_in_s=0.5, reason="cut"))
    assert written(out)[1].endswith("45 %")
    assert written(out)[-2] == "reconnecting in 0.5 s: cut"

    view.connection(Connection(live=True))
    assert "reconnecting" not in "".join(written(out))


def test_a_log_that_comes_before_the_first_state_is_shown() -> None:
    view = LiveView(out := terminal(), clock=lambda: 0.0)
    view.log(line("early"))
    view.tick()

    assert written(out) == ["early", ""]
