"""What the server says to a worker process: assignments, and answers to questions."""

from __future__ import annotations

import itertools
import json
import os
import queue
import signal
import threading
from concurrent.futures import Future
from typing import Any

from jobrunner.engine.execution.channel import Channel
from jobrunner.errors import JobError


class Questions:
    """Changes: the questions to the server that have no answer yet."""

    def __init__(self, channel: Channel) -> None:
        """Ask through a channel."""
        self._channel = channel
        self._numbers = itertools.count(1)
        self._open: dict[int, Future[Any]] = {}

    def ask(self, what: str, about: Any) -> Future[Any]:
        """Ask something; the answer may be a JobError."""
        number, answer = next(self._numbers), Future[Any]()
        self._open[number] = answer
        self._channel.say("ask", number, what, about)
        return answer

    def answered(self, number: int, result: Any, error: dict[str, Any] | None) -> None:
        """Hear an answer, in any thread."""
        answer = self._open.pop(number)
        if error is None:
            answer.set_result(result)
        else:
            answer.set_exception(JobError(**error))


class Inbox:
    """What the server says, read by a thread. Without a server the process ends, and its group with it."""

    def __init__(self, descriptor: int, questions: Questions) -> None:
        """Read from a descriptor."""
        self.assignments: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.questions = questions
        self._descriptor = descriptor
        threading.Thread(target=self._read, name="inbox", daemon=True).start()

    def _read(self) -> None:
        with os.fdopen(self._descriptor, "rb") as stream:
            for line in stream:
                message = json.loads(line)
                if "answered" in message:
                    self.questions.answered(message["answered"], message["result"], message["error"])
                else:
                    self.assignments.put(message)
        os.killpg(0, signal.SIGKILL)  # the server is gone
