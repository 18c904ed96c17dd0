"""The words that rights are written in, by keys (`scopes`) and by tokens (`allow`)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from jobrunner.engine.declaration import NAME
from jobrunner.errors import Invalid
from jobrunner.model.subject import ADMIN, Action

MOST_WORDS = 100
ALLOWED = "read, submit, submit:TYPE, cancel, retry, upload"
_WORD = re.compile(rf"{'|'.join(Action)}|submit:{NAME.pattern}")


def known(words: Iterable[str]) -> frozenset[str]:
    """Return the words that mean something to everybody; `admin`, which only a key may carry, is none of them."""
    return frozenset(filter(_WORD.fullmatch, words))


def check_words(words: Sequence[str], pointer: str, *, admin: bool) -> None:
    """Raise Invalid, with a pointer to each fault, for words that mean nothing, none at all or too many."""
    if not 1 <= len(words) <= MOST_WORDS:
        raise Invalid("Rights are missing.", pointers=[(pointer, f"must hold 1 to {MOST_WORDS} words")])
    allowed = f"{ALLOWED}, {ADMIN}" if admin else ALLOWED
    fine = known(words) | ({ADMIN} if admin else set())
    faults = [(f"{pointer}/{at}", f"must be one of {allowed}") for at, word in enumerate(words) if word not in fine]
    if faults:
        raise Invalid("There is no such right.", pointers=faults)


def check_text(text: str, pointer: str, longest: int = 200) -> None:
    """Raise Invalid for a name that is empty, too long, or that cannot be shown."""
    if not 1 <= len(text) <= longest or not text.isprintable():
        raise Invalid("A name cannot be used.", pointers=[(pointer, f"must be 1 to {longest} characters that print")])


def tidy(words: Collection[str]) -> tuple[str, ...]:
    """Return words once each, in their order."""
    return tuple(dict.fromkeys(words))
