"""Job ids."""

from __future__ import annotations

import itertools
from uuid import RFC_4122, UUID

from hypothesis import given
from hypothesis import strategies as st

from jobrunner.model.identity import Ids, is_id
from tests.model.jobs import NOW


def test_an_id_is_a_uuid_of_version_7_that_begins_with_its_time() -> None:
    uuid = UUID(Ids().make(NOW))
    assert (uuid.version, uuid.variant) == (7, RFC_4122)
    assert uuid.int >> 80 == NOW


def test_ids_of_one_millisecond_rise_and_keep_their_layout() -> None:
    ids = Ids()
    made = [ids.make(NOW) for _ in range(10_000)]
    assert made == sorted(set(made))
    assert {(UUID(each).version, UUID(each).variant, UUID(each).int >> 80) for each in made} == {(7, RFC_4122, NOW)}


@given(st.lists(st.integers(0, 2**48 - 1), min_size=2))
def test_ids_rise_whatever_the_clock_does(times: list[int]) -> None:
    ids = Ids()
    made = [ids.make(now) for now in times]
    assert all(before < after for before, after in itertools.pairwise(made))
    assert all(is_id(each) for each in made)


def test_ids_of_two_makers_differ_within_one_millisecond() -> None:
    assert len({Ids().make(NOW) for _ in range(1000)}) == 1000


def test_only_the_canonical_form_is_an_id() -> None:
    made = Ids().make(NOW)
    assert is_id(made)
    for wrong in (made.upper(), made.replace("-", ""), f"{{{made}}}", made + "\n", made[:-1], "", "../" + made):
        assert not is_id(wrong), wrong
