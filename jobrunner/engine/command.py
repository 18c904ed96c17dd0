"""How a program is called that does the work of a type. It starts none.

Each argument of the configuration becomes exactly one, whatever fills its places: no shell ever sees it, nothing is
split, and what was filled in is not looked at for places again.
"""

from __future__ import annotations

import math
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from pydantic import SecretBytes

from jobrunner.config import Argument, CommandSettings, ExitMeaning, Placeholder
from jobrunner.errors import JobError

MOST_BYTES = 100_000  # of one argument; Linux takes 131,072


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A program, how it is called, and what its progress and its exit codes mean.

    Of the server's environment it is given `env`, and `settings` besides; with a `leading_dash` what fills an argument
    may make an option of it.
    """

    arguments: Sequence[Argument]
    leading_dash: bool = False
    env: Sequence[str] = ()
    settings: Mapping[str, SecretBytes] = field(default_factory=dict)
    progress: str | re.Pattern[str] | None = None
    progress_stream: str = "both"
    exit_codes: Mapping[int, ExitMeaning] = field(default_factory=dict)

    @property
    def program(self) -> str:
        """Return its name or path."""
        return "".join(map(str, self.arguments[0].pieces))

    @property
    def missing(self) -> str | None:
        """Return what to say of a program that is not there."""
        if shutil.which(self.program, path=self.environment(os.environ).get("PATH", os.defpath)) is not None:
            return None
        return f"the program {self.program} is not there, or cannot be run: install it, or change `command`"

    def environment(self, around: Mapping[str, str]) -> dict[str, str]:
        """Return what a program sees of the environment of the server."""
        own = {name: os.fsdecode(value.get_secret_value()) for name, value in self.settings.items()}
        return {name: around[name] for name in self.env if name in around} | own

    def called(self, value_of: Callable[[Placeholder], Any]) -> list[str]:
        """Return the arguments, the program first; raise JobError BAD_ARGUMENT for a value that makes a bad one."""
        return [self._filled(argument, value_of) for argument in self.arguments]

    def _filled(self, argument: Argument, value_of: Callable[[Placeholder], Any]) -> str:
        text = "".join(piece if isinstance(piece, str) else plain(value_of(piece)) for piece in argument.pieces)
        fault = _fault(text)
        if text.startswith("-") and not self.leading_dash and isinstance(argument.pieces[0], Placeholder):
            fault = "begins with -, which makes an option of it"
        if fault is not None:
            places = ", ".join(place.name for place in argument.placeholders)
            raise JobError("BAD_ARGUMENT", f"The argument made of {places} {fault}.", retryable=False)
        return text


def command_of(said: CommandSettings) -> Command:
    """Return the command that the configuration says."""
    return Command(
        arguments=said.command or (), leading_dash=said.leading_dash, env=said.env, settings=said.set_env,
        progress=said.progress, progress_stream=said.progress_stream,
        exit_codes={int(code): meaning for code, meaning in said.exit_codes.items()},
    )  # fmt: skip


def plain(value: Any) -> str:
    """Return a value as people write it: no exponent, no needless point, `true` and `false`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and math.isfinite(value):
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return str(value)


def member_of(payload: Any, steps: Sequence[str]) -> Any:
    """Return a member of a payload."""
    for step in steps:
        payload = payload[step]
    return payload


def _fault(text: str) -> str | None:
    if "\0" in text:
        return "holds NUL"
    try:
        size = len(text.encode())
    except UnicodeEncodeError:
        return "is no Unicode"
    return f"is longer than {MOST_BYTES} bytes" if size > MOST_BYTES else None
