"""Who may do what, and what of it somebody gets to see."""

from __future__ import annotations

import pytest

from jobrunner.model.filter import Filter
from jobrunner.model.subject import LOCAL, NOBODY, Action, Kind, Subject
from tests.model.jobs import a_job


def application(*allow: str) -> Subject:
    return Subject(Kind.APPLICATION, "key:1", frozenset(allow))


def user(*job_ids: str) -> Subject:
    return Subject(Kind.USER, "user:ada", frozenset({"read"}), "ada", frozenset(job_ids) if job_ids else None)


def test_an_operator_may_do_everything_and_nobody_nothing() -> None:
    assert all(LOCAL.may(action) for action in Action)
    assert LOCAL.may_submit("story")
    assert not any(NOBODY.may(action) for action in Action)
    assert not NOBODY.may_submit("story")


@pytest.mark.parametrize("action", Action)
def test_each_word_allows_its_action_and_submitting_also_uploading(action: Action) -> None:
    subject = application(action)
    implied = {Action.UPLOAD} if action is Action.SUBMIT else set()
    assert {each for each in Action if subject.may(each)} == {action} | implied


def test_the_right_to_submit_one_type_is_for_that_type() -> None:
    subject = application("submit:story")
    assert [subject.may(Action.SUBMIT), subject.may(Action.UPLOAD), subject.may(Action.READ)] == [True, True, False]
    assert [subject.may_submit(name) for name in ("story", "Story", "film", "")] == [True, False, False, False]
    assert application("submit").may_submit("film")


def test_a_word_that_only_looks_like_a_right_is_none() -> None:
    subject = application("admin", "submitted", "READ", "")
    assert not any(subject.may(action) for action in Action)
    assert not subject.may_submit("story")


def test_a_user_sees_the_users_own_jobs_and_of_these_those_that_the_token_names() -> None:
    mine, named, foreign, of_nobody = a_job(user_id="ada"), a_job(user_id="ada"), a_job(user_id="bob"), a_job()
    jobs = (mine, named, foreign, of_nobody)
    assert [user().sees(job) for job in jobs] == [True, True, False, False]
    assert [user(named.id, foreign.id).sees(job) for job in jobs] == [False, True, False, False]
    assert all(application("read").sees(job) for job in jobs)


def test_what_a_filter_means_to_somebody_shows_exactly_what_that_one_sees() -> None:
    jobs = [a_job(user_id=name) for name in ("ada", "ada", "bob", None)]
    for subject in (LOCAL, application("read"), user(), user(jobs[0].id, jobs[2].id)):
        wanted = subject.narrow(Filter(user_ids=frozenset({"ada", "bob"})))
        assert [wanted.watches(job) for job in jobs] == [subject.sees(job) and job.user_id is not None for job in jobs]
