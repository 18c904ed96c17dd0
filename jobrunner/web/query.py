"""The query of a request: each parameter checked, unknown ones refused, repeated ones joined."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from aiohttp import web

from jobrunner.errors import Invalid
from jobrunner.model.document import first_fault
from jobrunner.model.filter import Filter
from jobrunner.model.identity import is_id
from jobrunner.model.state import Status
from jobrunner.web.moment import moment

STREAM_FILTERS = ("job_id", "user_id", "type", "queue", "tag", "parent_id")
FILTERS = (*STREAM_FILTERS, "status", "code", "q", "created_after", "created_before")
LONGEST = 1_000
MOST_VALUES = 1_000


class Query:
    """The parameters of a request, as names with their values."""

    def __init__(self, given: Iterable[tuple[str, str]], allowed: Iterable[str]) -> None:
        """Take the parameters; raise Invalid for one that the route does not have."""
        self._values: dict[str, list[str]] = {}
        known = set(allowed)
        for name, value in given:
            if name not in known:
                raise Invalid("Unknown query parameter.", pointers=[(name, f"allowed are: {', '.join(sorted(known))}")])
            if len(value) > LONGEST or first_fault(value) is not None:
                fault = f"at most {LONGEST} characters of UTF-8, without NUL"
                raise Invalid("Bad query parameter.", pointers=[(name, fault)])
            self._values.setdefault(name, []).append(value)

    @classmethod
    def of(cls, request: web.Request, *allowed: str) -> Query:
        """Return the query of a request."""
        return cls(request.query.items(), allowed)

    def __contains__(self, name: str) -> bool:
        """Tell whether a parameter was given."""
        return name in self._values

    def many(self, name: str) -> frozenset[str]:
        """Return the values of a parameter that may be repeated."""
        return frozenset(self._values.get(name, ()))

    def one(self, name: str) -> str | None:
        """Return the value of a parameter that may be given once."""
        values = self._values.get(name, [])
        if len(values) > 1:
            raise Invalid("Bad query parameter.", pointers=[(name, "may be given once")])
        return values[0] if values else None

    def whole(self, name: str, default: int, low: int, high: int) -> int:
        """Return a whole number within bounds."""
        text = self.one(name)
        if text is None:
            return default
        if not (text.isascii() and text.isdigit()) or len(text) > 18 or not low <= int(text) <= high:  # noqa: PLR2004
            raise Invalid("Bad query parameter.", pointers=[(name, f"a whole number from {low} to {high}")])
        return int(text)

    def choice(self, name: str, default: str, allowed: Iterable[str]) -> str:
        """Return one of some words."""
        value = self.one(name)
        if value is not None and value not in allowed:
            raise Invalid("Bad query parameter.", pointers=[(name, f"one of: {', '.join(allowed)}")])
        return default if value is None else value

    def words(self, name: str, allowed: Iterable[str]) -> frozenset[str]:
        """Return some of some words, given by commas or by repetition."""
        given = frozenset(word for value in self.many(name) for word in value.split(",") if word)
        if not given <= set(allowed):
            raise Invalid("Bad query parameter.", pointers=[(name, f"some of: {', '.join(allowed)}")])
        return given

    def moment(self, name: str) -> int | None:
        """Return a moment in milliseconds."""
        text = self.one(name)
        if text is None:
            return None
        try:
            return moment(datetime.fromisoformat(text.replace(" ", "+")))
        except (ValueError, OverflowError):
            raise Invalid("Bad query parameter.", pointers=[(name, "a time, as 2026-11-22T10:00:00Z")]) from None

    def filter(self) -> Filter:
        """Return the filter that the parameters make."""
        return Filter(
            job_ids=check_ids("job_id", self.many("job_id")),
            user_ids=self.many("user_id"),
            types=self.many("type"),
            queues=self.many("queue"),
            tags=self.many("tag"),
            parents=check_ids("parent_id", self.many("parent_id")),
            statuses=self._statuses(),
            codes=self.many("code"),
            q=self.one("q") or "",
            created_after=self.moment("created_after"),
            created_before=self.moment("created_before"),
        )

    def _statuses(self) -> frozenset[Status]:
        given = self.words("status", ["all", *Status])
        return frozenset() if "all" in given else frozenset(Status(word) for word in given)


def check_ids(name: str, ids: Iterable[str]) -> frozenset[str]:
    """Return ids; raise Invalid for one that is no UUID."""
    found = frozenset(job_id.lower() for job_id in ids)
    for job_id in found:
        if not is_id(job_id):
            raise Invalid("Bad id.", pointers=[(name, f"{job_id[:40]!r} is no UUID")])
    return found


def job_id_of(request: web.Request) -> str:
    """Return the id in the path of a request; raise Invalid for one that is no UUID."""
    return next(iter(check_ids("job_id", [request.match_info["job_id"]])))


def filter_of(given: Any, pointer: str, allowed: Iterable[str] = STREAM_FILTERS) -> Filter:
    """Return the filter of a JSON object, whose members are texts or lists of texts; raise Invalid with pointers."""
    if not isinstance(given, dict):
        raise Invalid("Bad filter.", pointers=[(pointer, "an object")])
    pairs: list[tuple[str, str]] = []
    for name, value in given.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) for each in values) or not 1 <= len(values) <= MOST_VALUES:
            raise Invalid("Bad filter.", pointers=[(f"{pointer}/{name}", f"a text, or 1 to {MOST_VALUES} of them")])
        pairs += [(name, each) for each in values]
    try:
        return Query(pairs, allowed).filter()
    except Invalid as error:
        faults = [(f"{pointer}/{name}", fault) for name, fault in error.pointers]
        raise Invalid("Bad filter.", pointers=faults) from None
