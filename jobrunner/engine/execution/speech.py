"""What a command says: words on lines of its standard output that begin with `::job `, all else is its log.

Words are told in their order: while a file that they name is being kept, what comes after them waits, and so in the
end does the command. What makes no sense changes nothing, and stands in the log as a warning.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Sequence
from typing import NoReturn

from jobrunner.engine.command import Command
from jobrunner.engine.context import Context
from jobrunner.engine.execution.gauge import gauge_of
from jobrunner.engine.execution.lines import Lines
from jobrunner.engine.execution.words import FileSaid, Words, WordsOfCommand, words_of
from jobrunner.engine.execution.workspace import Workspace
from jobrunner.engine.report import LONGEST_LINE, Report
from jobrunner.errors import Invalid
from jobrunner.model.document import first_fault

SIGN = "::job "
LAST_LINES = 10  # of standard error, for the message of a failure
SLACK = 65_536  # of a line of words, beside the largest result


class Speech:
    """Changes: the end that was said, what went wrong with a file, the last lines of standard error, and what waits."""

    def __init__(self, report: Report, context: Context, workspace: Workspace, command: Command, longest: int) -> None:
        """Tell a report what is said on `out`, in results of up to `longest` characters, and on `err`."""
        self.out = Lines(self._out, longest + SLACK)
        self.err = Lines(self._err)
        self.end: Words | None = None
        self.fault: BaseException | None = None
        self.last: deque[str] = deque(maxlen=LAST_LINES)
        self._report = report
        self._context = context
        self._workspace = workspace
        self._gauge = None if command.progress is None else gauge_of(command.progress)
        self._stream = command.progress_stream
        self._waiting: deque[str] = deque()
        self._keeping: asyncio.Task[None] | None = None

    def take_end(self, words: Words) -> bool:
        """Take words that end the attempt, when the command has ended; False when there is an end already."""
        if self.end is not None:
            return False
        self.end = words
        return True

    def close(self) -> Words:
        """Return the end that was said, or a result of none; no other end is taken from now on."""
        self.end = self.end or Words(result=None)
        return self.end

    async def settled(self) -> None:
        """Wait until all files are kept that were named."""
        while self._keeping is not None:
            await asyncio.wait([self._keeping])

    def _err(self, lines: list[str]) -> None:
        self.last.extend(lines[-LAST_LINES:])
        self._plain(lines, "stderr")

    def _out(self, lines: list[str]) -> None:
        self._waiting.extend(lines)
        if self._keeping is None:
            self._go_on()

    def _go_on(self) -> None:
        """Say what waits, up to the next file that has to be kept first."""
        plain: list[str] = []
        while self._waiting and self._keeping is None:
            line = self._waiting.popleft()
            if line.startswith(SIGN):
                self._plain(plain, "stdout")
                plain = []
                self._hear(line)
            else:
                plain += _pieces(line)
        self._plain(plain, "stdout")

    def _plain(self, lines: Sequence[str], stream: str) -> None:
        if not lines:
            return
        self._report.lines(lines, "info", stream)
        if self._gauge is not None and self._stream in {"both", stream}:
            reading = self._gauge.read(lines)
            if reading is not None:
                self._report.progress(reading.percentage, reading.step, None)

    def _hear(self, line: str) -> None:
        try:
            words = _words(line)
        except Invalid as error:
            where, what = error.pointers[0]
            self._misspoken(line, f"at {where or 'the top'}: {what}")
        except (ValueError, RecursionError) as error:
            self._misspoken(line, str(error))
        else:
            if words.artifact is None:
                self._tell(words, line)
            else:
                self.out.pause()
                self._keeping = asyncio.create_task(self._keep(words.artifact, words, line))
                self._keeping.add_done_callback(self._kept)

    def _tell(self, words: Words, line: str) -> None:
        named = None if words.part is None else words.part.artifact
        if named is not None and self._report.artifact_named(named) is None:
            self._misspoken(line, f"at /part/artifact: no file {named!r} was made before")
        elif words.final and not self.take_end(words):
            self._misspoken(line, "the end was said before")
        else:
            words.tell(self._report)

    async def _keep(self, file: FileSaid, words: Words, line: str) -> None:
        path = await self._context.in_thread(self._workspace.made, file.path)
        await self._context.artifact(file.name, path, file.content_type)
        self._tell(words, line)

    def _kept(self, task: asyncio.Task[None]) -> None:
        self._keeping = None
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fault = self.fault or error
            self._report.line(f"No file was kept: {error}", "warning")
        self._go_on()
        if self._keeping is None:
            self.out.resume()

    def _misspoken(self, line: str, why: str) -> None:
        self._report.lines([line], "warning", "stdout")
        self._report.line(f"That was not understood: {why}", "warning")


def _words(line: str) -> WordsOfCommand:
    """Return what a line says; raise Invalid or ValueError."""
    document = json.loads(line.removeprefix(SIGN), parse_constant=_refuse)
    fault = first_fault(document)
    if fault is not None:
        raise Invalid("That cannot be said of an attempt.", pointers=[fault])
    words = words_of(document, WordsOfCommand)
    if words.error is not None and "result" in words.model_fields_set:
        raise Invalid("That cannot be said of an attempt.", pointers=[("/error", "not together with a result")])
    return words


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _pieces(line: str) -> list[str]:
    """Return a line in pieces that a log takes."""
    return [line[start : start + LONGEST_LINE] for start in range(0, len(line), LONGEST_LINE)]
