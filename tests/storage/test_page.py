"""Lists of jobs, and where a job stands."""

from __future__ import annotations

import pytest

from jobrunner.model.filter import EVERYTHING, Filter
from jobrunner.model.job import Failure, Hold, Job
from jobrunner.model.state import Status
from jobrunner.storage import reader
from jobrunner.storage.unit import AttemptRecord, Change
from tests.model.jobs import NOW, a_job
from tests.storage.store import Store, ids

PARTS = ("100%", "100 per cent", "a_b", "axb", r"a\b", "Äpfel", "it's")


async def titled(store: Store, *titles: str) -> dict[str, str]:
    """Insert a job for each title; return the titles by id."""
    jobs = [a_job(title=title) for title in titles]
    await store.insert(*jobs)
    return {job.id: job.title for job in jobs}


async def some(store: Store, count: int) -> list[str]:
    jobs = [a_job() for _ in range(count)]
    await store.insert(*jobs)
    return [job.id for job in jobs]


async def test_a_page_begins_with_the_newest_and_goes_on_after_the_last_one_seen(store: Store) -> None:
    newest = (await some(store, 10))[::-1]
    first = ids(await store.reader.page([EVERYTHING], limit=4))
    assert first == newest[:4]
    await some(store, 3)  # what comes meanwhile moves nothing
    assert ids(await store.reader.page([EVERYTHING], limit=4, after=first[-1])) == newest[4:8]
    assert ids(await store.reader.page([EVERYTHING], limit=4, after=newest[8])) == newest[9:]


async def test_a_page_goes_the_other_way_and_from_an_offset_when_asked(store: Store) -> None:
    oldest = await some(store, 10)
    assert ids(await store.reader.page([EVERYTHING], limit=3, ascending=True)) == oldest[:3]
    assert ids(await store.reader.page([EVERYTHING], limit=3, ascending=True, after=oldest[2])) == oldest[3:6]
    assert ids(await store.reader.page([EVERYTHING], limit=3, offset=8)) == oldest[1::-1]
    assert await store.reader.page([EVERYTHING], limit=3, offset=10) == []


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("%", ["100%"]),
        ("100%", ["100%"]),
        ("_", ["a_b"]),
        ("a_b", ["a_b"]),
        ("\\", [r"a\b"]),
        ("PER CENT", ["100 per cent"]),
        ("pfel", ["Äpfel"]),
        ("it's", ["it's"]),
        ("' OR 1 --", []),
    ],
)
async def test_what_is_searched_for_is_text_and_no_pattern(store: Store, q: str, found: list[str]) -> None:
    titles = await titled(store, *PARTS)
    assert [titles[each] for each in ids(await store.reader.page([Filter(q=q)], limit=50))] == found
    assert await store.reader.count(Filter(q=q)) == len(found)


async def test_a_search_finds_types_and_whole_ids_too(store: Store) -> None:
    job = a_job(type="data_story")
    await store.insert(job, a_job())
    for q in ("data_", job.id):
        assert ids(await store.reader.page([Filter(q=q)], limit=5)) == [job.id]
    assert await store.reader.page([Filter(q=job.id[:-1])], limit=5) == []


async def test_a_list_is_narrowed_by_status_and_time(store: Store) -> None:
    jobs = [a_job(status=status, created_at=NOW + n) for n, status in enumerate(Status)]
    await store.insert(*jobs)
    wanted = Filter(statuses=frozenset({Status.FAILED, Status.QUEUED}))
    assert {image.job.status for image in await store.reader.page([wanted], limit=9)} == wanted.statuses
    span = Filter(created_after=NOW + 1, created_before=NOW + 3)
    assert ids(await store.reader.page([span], limit=9, ascending=True)) == [jobs[1].id, jobs[2].id]


async def test_a_list_of_several_filters_is_their_union_without_repeats(store: Store) -> None:
    one, two = a_job(user_id="ada", type="x"), a_job(user_id="bob", type="x")
    await store.insert(one, two, a_job(type="y"))
    wanted = [Filter(user_ids=frozenset({"ada"})), Filter(types=frozenset({"x"}))]
    assert ids(await store.reader.page(wanted, limit=9)) == [two.id, one.id]
    assert ids(await store.reader.page(wanted, limit=9, after=two.id)) == [one.id]


def queue_of(**lanes: int) -> list[Job]:
    """Return ready jobs, so many for each user, the users one after the other."""
    return [a_job(user_id=user, rank=n) for user, count in lanes.items() for n in range(count)]


async def test_a_place_in_the_queue_counts_the_turns_of_other_users(store: Store) -> None:
    jobs = queue_of(ada=4, bob=2, eve=1)
    others = [
        a_job(user_id="ada", queue="other"),
        a_job(user_id="ada", hold=Hold.TIME),
        a_job(status=Status.PROCESSING),
    ]
    await store.insert(*jobs, *others)
    places = [await store.reader.position(job) for job in jobs]
    assert places == [1, 4, 6, 7, 1, 4, 1]


async def test_a_place_of_one_user_alone_is_the_number_of_jobs_before_it_and_one(store: Store) -> None:
    jobs = queue_of(ada=5)
    await store.insert(*jobs)
    assert [await store.reader.position(job) for job in jobs] == [1, 2, 3, 4, 5]


async def test_a_place_is_counted_only_so_far(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_POSITION", 10)
    jobs = queue_of(ada=30, bob=30)
    await store.insert(*jobs)
    assert await store.reader.position(jobs[8]) == 10
    assert await store.reader.position(jobs[29]) == 10


async def test_the_longest_waiting_ready_job_is_known(store: Store) -> None:
    assert await store.reader.oldest_ready() is None
    held = a_job(hold=Hold.TIME, created_at=NOW - 9)
    await store.insert(held, a_job(status=Status.FAILED), a_job(created_at=NOW + 1), a_job(created_at=NOW + 2))
    assert await store.reader.oldest_ready() == NOW + 1


async def test_attempts_come_back_as_they_were(store: Store) -> None:
    job, failure = a_job(), Failure("BROKEN", "It broke.", NOW, retryable=False, details={"a": [1]})
    await store.insert(job)
    records = [
        AttemptRecord(1, NOW, NOW + 1, "failed", failure, traceback="Traceback ..."),
        AttemptRecord(2, NOW + 2, NOW + 3, "cancelled", result='{"late": true}'),
    ]
    for record in records:
        await store.write(Change(job, job, attempt=record))
    assert store.rows("SELECT traceback FROM attempts ORDER BY attempt") == [("Traceback ...",), (None,)]
    first, second = await store.reader.attempts(job.id)
    assert [first, second] == records


async def test_texts_of_many_jobs_come_together(store: Store) -> None:
    job, other = a_job(), a_job()
    await store.write(Change(None, job, payload="1", result="2"), Change(None, other, payload="3"))
    assert await store.reader.many_texts([job.id, other.id, "none"]) == {
        job.id: ("1", "2"), other.id: ("3", None), "none": (None, None),
    }  # fmt: skip


async def test_a_job_that_is_not_there_is_none(store: Store) -> None:
    assert await store.reader.job(a_job().id) is None
