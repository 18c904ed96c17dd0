"""A job as a row, and back."""

from __future__ import annotations

import dataclasses
import math
import sqlite3
from types import MappingProxyType

import pytest
from hypothesis import given

from jobrunner.model.job import Job, Progress
from jobrunner.storage import rows
from jobrunner.storage.batch import INSERT_JOBS, UPDATE_JOBS
from jobrunner.storage.rows import COLUMNS, SELECT, changing, dumps, lasting, read_image
from tests.model.jobs import JOBS, a_job
from tests.storage.store import Store

TABLE = f"CREATE TABLE jobs ({', '.join(COLUMNS)})"


def kept(*jobs: Job) -> Job:
    """Insert a job, write it once more for each other value, and read it back."""
    connection = sqlite3.connect(":memory:")
    connection.execute(TABLE)
    connection.execute(INSERT_JOBS, (dumps([lasting(jobs[0]) + changing(jobs[0], 1)]),))
    for number, job in enumerate(jobs[1:], 2):
        connection.execute(UPDATE_JOBS, (dumps([[job.id, *changing(job, number)]]),))
    (row,) = connection.execute(f"SELECT {SELECT}, NULL FROM jobs")
    connection.close()
    assert read_image(row).number == len(jobs)
    return read_image(row).job


@given(JOBS)
def test_a_job_comes_back_from_its_row_as_it_was(job: Job) -> None:
    assert kept(job) == job


@given(JOBS, JOBS)
def test_a_changed_job_comes_back_with_what_may_change_and_keeps_what_never_does(job: Job, other: Job) -> None:
    changed = other.but(**{name: getattr(job, name) for name in rows.LASTING})
    assert kept(job, changed) == changed


async def test_a_job_comes_back_from_the_real_table(store: Store) -> None:
    job = a_job(user_id="ada", tags=("a",), metadata={"n": 1.5}, progress=Progress(1.0))
    (image,) = await store.insert(job)
    read = await store.reader.job(job.id)
    assert read is not None
    assert (read.job, read.number, image.job) == (job, 1, job)


def test_each_field_of_a_job_has_its_column_and_no_column_is_without() -> None:
    fields = {field.name for field in dataclasses.fields(Job)}
    assert set(COLUMNS) == fields | {"number"}
    assert len(COLUMNS) == len(set(COLUMNS))


async def test_the_table_has_exactly_these_columns_and_the_key_of_known_results(store: Store) -> None:
    assert {name for (name,) in store.rows("SELECT name FROM pragma_table_info('jobs')")} == {*COLUMNS, "cache_key"}


def test_a_mapping_that_is_no_dict_is_written_as_one() -> None:
    job = a_job(metadata=MappingProxyType({"a": 1}))
    assert kept(job) == job.but(metadata={"a": 1})


def test_what_is_no_json_raises_instead_of_being_written() -> None:
    with pytest.raises(TypeError):
        dumps([object()])
    with pytest.raises(ValueError, match="JSON"):
        dumps([math.nan])
