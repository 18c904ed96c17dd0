"""Programs that do the work of a type: one started for each attempt, heard line by line, and ended with all it began.

It is started without a shell and sees nothing of the server but what it is given: its arguments, a few variables of
the environment, and a working directory of its own.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jobrunner.config import Placeholder
from jobrunner.engine.command import Command, member_of
from jobrunner.engine.conclusion import LONGEST_MESSAGE
from jobrunner.engine.context import Context
from jobrunner.engine.execution.assignment import Assignment, to_the_end
from jobrunner.engine.execution.child import Child, signal_name
from jobrunner.engine.execution.process import grace_of, limits_of
from jobrunner.engine.execution.speech import Speech
from jobrunner.engine.execution.workspace import Workspace
from jobrunner.engine.outcome import Failed
from jobrunner.engine.report import clean
from jobrunner.errors import JobError
from jobrunner.model.document import dumps
from jobrunner.model.job import Failure


async def run_command(assignment: Assignment) -> Any:
    """Run the program of a type; return the result that it said, or why it failed."""
    command = assignment.running.job_type.command
    assert command is not None  # noqa: S101 - the mode says so; for the type checker
    return await _Call(assignment, command).run()


class _Call:
    """One program that runs."""

    def __init__(self, assignment: Assignment, command: Command) -> None:
        running, means = assignment.running, assignment.means
        self._assignment = assignment
        self._running = running
        self._command = command
        self._payload = running.job_type.payload.dump_python(assignment.payload, mode="json", by_alias=True)
        self._workspace = Workspace(assignment.workdir.make())
        self._context = Context(
            running.job, running.report, means.files, assignment.workdir, means.kin(running.job, running.report),
            means.threads,
        )  # fmt: skip

    async def run(self) -> Any:
        """Start the program, wait for its end, and return what came of it."""
        starting = asyncio.ensure_future(self._start())
        try:
            child, speech = await asyncio.shield(starting)
            code = await child.exited()
            await asyncio.shield(speech.settled())
        except asyncio.CancelledError:
            child, speech = await to_the_end(starting)
            code = await to_the_end(child.stop(grace_of(self._running)))
            await to_the_end(speech.settled())
            if code != 0:
                raise
        return await self._conclude(code, speech)

    async def _start(self) -> tuple[Child, Speech]:
        """Lay out the working directory, and start the program in it."""
        files, workspace, job_type = self._assignment.means.files, self._workspace, self._running.job_type
        uploads = [self._context.upload(each.name) for each in self._running.job.uploads]
        await files.run(workspace.lay_out, dumps(self._payload), uploads)
        arguments = self._command.called(self._value_of)
        environment = await self._environment()
        speech = Speech(self._running.report, self._context, workspace, self._command, job_type.max_result)
        bounded = job_type.memory is not None or job_type.cpu_time is not None
        try:
            child = await Child.start(
                arguments, environment=environment, stdout=speech.out, stderr=speech.err, directory=workspace.path,
                limits=replace(limits_of(job_type), lasting=True) if bounded else None,
            )  # fmt: skip
        except OSError as error:
            raise _not_started(self._command.program, error) from None
        child.close_input()
        self._running.takes_end = speech.take_end
        return child, speech

    def _value_of(self, place: Placeholder) -> Any:
        """Return what fills a place."""
        match place.kind:
            case "payload":
                return member_of(self._payload, place.steps)
            case "upload":
                return self._workspace.uploads[self._context.upload(place.name).name]
            case "artifact":
                return self._workspace.artifact(place.name)
            case "job_id":
                return self._running.job.id
            case "workdir":
                return self._workspace.path

    async def _environment(self) -> dict[str, str]:
        job, means, workspace = self._running.job, self._assignment.means, self._workspace
        url = await means.site.job_url_if_any(job.id)
        token = {} if url is None else {
            "JOBRUNNER_CALLBACK_URL": f"{url}/callback", "JOBRUNNER_TOKEN": means.tokens.make(job.id, job.attempt),
        }  # fmt: skip
        return {
            "TMPDIR": str(workspace.temporary), **self._command.environment(os.environ), "JOBRUNNER_JOB_ID": job.id,
            "JOBRUNNER_ATTEMPT": str(job.attempt), "JOBRUNNER_TYPE": job.type, "JOBRUNNER_WORKDIR": str(workspace.path),
            "JOBRUNNER_PAYLOAD": str(workspace.payload), **token, **means.mark.fresh(),
        }  # fmt: skip

    async def _conclude(self, code: int, speech: Speech) -> Any:
        """Return the result, or why there is none: what the program said of that counts before its exit code."""
        end = speech.close()
        if end.error is not None:
            raise end.error.error()
        if code != 0:
            return self._failed(code, list(speech.last))
        if speech.fault is not None:
            raise speech.fault
        await to_the_end(self._keep_artifacts())
        return end.result

    async def _keep_artifacts(self) -> None:
        """Keep the files that the arguments name."""
        places = [each for argument in self._command.arguments for each in argument.placeholders]
        for name in dict.fromkeys(place.name for place in places if place.kind == "artifact"):
            made = self._workspace.made
            path: Path = await self._context.in_thread(made, self._workspace.artifact(name))
            await self._context.artifact(name, path)

    def _failed(self, code: int, last: list[str]) -> Failed:
        """Return what an exit code means; the last lines of standard error are most of the message."""
        now, name = self._running.clock.now(), os.path.basename(self._command.program)  # noqa: PTH119 - as text
        if code == -signal.SIGXCPU:
            message = f"{name} needs more time on the processor than its type allows."
            return Failed(Failure("CPU_LIMIT", message, now, retryable=False), "\n".join(last))
        said = "".join(f"\n{line}" for line in last).replace(f"{self._workspace.path}/", "")
        if code < 0:
            killed = {"signal": signal_name(-code)}
            message = _message(f"{name} was killed by {killed['signal']}.", said)
            return Failed(Failure("COMMAND_KILLED", message, now, details=killed), "\n".join(last))
        details: Mapping[str, Any] = {"exit_code": code}
        message = _message(f"{name} ended with exit code {code}.", said)
        failure = Failure("COMMAND_FAILED", message, now, details=details)
        meaning = self._command.exit_codes.get(code)
        if meaning is not None:
            failure = replace(failure, code=meaning.code, retryable=meaning.retryable)
        return Failed(failure, "\n".join(last))


def _message(head: str, said: str) -> str:
    """Return a message with the last of what was said, as far as there is room."""
    return clean(head + said[-(LONGEST_MESSAGE - len(head)) :], LONGEST_MESSAGE)


def _not_started(program: str, error: OSError) -> JobError:
    """Return the error for a program that could not be started."""
    if isinstance(error, FileNotFoundError | PermissionError | NotADirectoryError):
        return JobError("COMMAND_NOT_FOUND", f"The program {program} is not there, or cannot be run.")
    return JobError("COMMAND_NOT_STARTED", f"The program {program} cannot be started: {error.strerror}.")
