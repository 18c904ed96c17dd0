"""What each user may have: by default all, else what `[limits]` says, for one user and for one type."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobrunner.config import LimitSettings, LimitsSettings, Settings, TypeLimitSettings, TypeSettings, load
from tests.config.reading import fault, read


def test_by_default_nothing_is_limited() -> None:
    limits = load(None, environ={}).limits
    assert limits == LimitsSettings()
    assert not [value for name, value in limits if name != "users" and value is not None]


def test_limits_are_read_for_everybody_for_one_user_and_for_a_type(written: Path) -> None:
    text = """
        [limits]
        submissions_per_minute = 1
        submissions_per_hour = 2
        max_queued = 3
        open_streams = 4
        upload_per_day = "5MB"
        [limits.users.anna]
        max_queued = 6
        [types.video.limits]
        submissions_per_hour = 7
    """
    everybody = LimitsSettings(
        submissions_per_minute=1,
        submissions_per_hour=2,
        max_queued=3,
        open_streams=4,
        upload_per_day=5_000_000,
        users={"anna": LimitSettings(max_queued=6)},
    )
    video = TypeSettings(limits=TypeLimitSettings(submissions_per_hour=7))
    assert read(written, text) == Settings(limits=everybody, types={"video": video})


@pytest.mark.parametrize("user", ["a", "anna@example.org", "Anna Ölund", "[key]", "a.b\nc", "x" * 200])
def test_a_user_may_have_any_id_of_1_to_200_characters(written: Path, user: str) -> None:
    quoted = '"' + user.replace("\n", "\\n") + '"'
    assert read(written, f"[limits.users.{quoted}]\nmax_queued = 1").limits.users[user].max_queued == 1
    error = fault(written, f"[limits.users.{quoted}]\n\nmax_queued = 0")
    assert error.line == 3
    assert error.key.endswith(".max_queued")


@pytest.mark.parametrize("user", ["", "x" * 201])
def test_an_id_that_no_user_can_have_is_refused(written: Path, user: str) -> None:
    error = fault(written, f"\n[limits.users.'{user}']\nmax_queued = 1")
    assert error.line == 2
    assert "1 to 200 characters" in error.detail


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("LIMITS__MAX_QUEUED", "limits.max_queued"),
        ("LIMITS__USERS__ANNA__MAX_QUEUED", "limits.users.anna.max_queued"),
        ("LIMITS__USERS__BERT_EXAMPLE_ORG__MAX_QUEUED", 'limits.users."Bert@example.org".max_queued'),
        ("TYPES__VIDEO__LIMITS__SUBMISSIONS_PER_HOUR", "types.video.limits.submissions_per_hour"),
    ],
)
def test_the_environment_reaches_every_limit(written: Path, name: str, key: str) -> None:
    text = "[limits.users.'Bert@example.org']\nopen_streams = 9\n"
    in_the_file = f"{key} = 5\nlimits.users.'Bert@example.org'.open_streams = 9"
    assert read(written, text, {f"JOBRUNNER_{name}": "5"}) == read(written, in_the_file)
    error = fault(written, text, {f"JOBRUNNER_{name}": "0"})
    assert (error.key, error.source) == (key, f"JOBRUNNER_{name}")


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("[limits]\nsubmissions_per_minute = 0", "a whole number from 1 to 1000000"),
        ("[limits]\nsubmissions_per_hour = '10'", "a whole number from 1 to 1000000"),
        ("[limits]\nmax_queued = true", "a whole number from 1"),
        ("[limits]\nopen_streams = 1.5", "a whole number from 1"),
        ("[limits]\nupload_per_day = '0B'", "at least 1B"),
        ("[limits]\nupload_per_day = '1 XB'", "B, KB, MB, GB"),
        ("[limits.users.anna]\nmax_queued = -1", "a whole number from 1"),
        ("[limits.users]\nanna = 5", "a table, [limits.users.anna]"),
        ("[limits]\nusers = 5", "a table, [limits.users]"),
        ("[types.video.limits]\nsubmissions_per_minute = 0", "a whole number from 1"),
        ("[types.video]\nlimits = 5", "a table, [types.video.limits]"),
    ],
)
def test_a_wrong_limit_is_answered_with_its_line_and_what_is_allowed(written: Path, text: str, allowed: str) -> None:
    error = fault(written, text)
    assert error.line == 2
    assert "is not allowed; allowed: " in error.detail
    assert allowed in error.detail


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("[limits]\nmax_queue = 1", "did you mean limits.max_queued?"),
        ("[limits.users.anna]\nmax_queue = 1", "did you mean limits.users.anna.max_queued?"),
        ("[limits.users.anna.users.x]\nmax_queued = 1", "is no setting"),
        ("[types.video.limits]\nopen_streams = 1", "known here: submissions_per_minute, submissions_per_hour"),
    ],
)
def test_an_unknown_limit_is_answered_with_those_that_there_are(written: Path, text: str, advice: str) -> None:
    assert advice in fault(written, text).detail
