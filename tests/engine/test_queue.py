"""The queue alone, against a plain model: what waits, who is next, and how little of it stands in memory."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, precondition, rule

from jobrunner.engine import queue as module
from jobrunner.engine.queue import LANES
from jobrunner.model.job import Job
from tests.engine.simulated_disk import SimulatedDisk, ready_job

SMALL = {"LANES": 4, "LOW_LANES": 1, "FEWEST_HEADS": 2, "MOST_HEADS": 4, "ALL_HEADS": 8}
USERS = st.sampled_from([f"u{n}" for n in range(9)])


class AnyQueue(RuleBasedStateMachine):
    """Random adds, takes, cancels, commits and withdrawals, with answers that come late, out of order or never."""

    jobs: Bundle[Job] = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.disk = SimulatedDisk()
        self.numbers = iter(range(1_000_000))
        self.over: set[str] = set()

    @rule(user=USERS, rank=st.integers(-3, 3), target=jobs)
    def add(self, user: str, rank: int) -> Job:
        job = ready_job(next(self.numbers), user, rank)
        self.disk.release(job)
        return job

    @rule(user=USERS, many=st.integers(5, 20))
    def add_many(self, user: str, many: int) -> None:
        for rank in range(many):
            self.disk.release(ready_job(next(self.numbers), user, rank))

    @rule(times=st.integers(1, 6))
    def take(self, times: int) -> None:
        for _ in range(times):
            before = {lane: self.disk.waiting(lane) for lane in {job.lane for job in self.disk.ready.values()}}
            job = self.disk.take()
            if job is not None:
                assert before[job.lane][0] is job, "within a lane the lowest rank goes first"

    @rule(job=jobs)
    def cancel(self, job: Job) -> None:
        if job.id in self.disk.ready and job.id not in self.disk.deciding:
            self.disk.cancel(job)

    @precondition(lambda self: self.disk.deciding)
    @rule(data=st.data(), kept=st.booleans())
    def settle(self, data: st.DataObject, *, kept: bool) -> None:
        job = self.disk.deciding[data.draw(st.sampled_from(sorted(self.disk.deciding)))]
        if kept:
            self.disk.commit(job)
        else:
            self.disk.withdraw(job)

    @precondition(lambda self: self.disk.questions)
    @rule(data=st.data(), answered=st.integers(0, 5))
    def answer(self, data: st.DataObject, answered: int) -> None:
        place = data.draw(st.integers(0, len(self.disk.questions) - 1))
        if answered:
            self.disk.answer(place)
        else:
            self.disk.fail(place)

    @invariant()
    def it_is_called_empty_only_when_nothing_waits_on_disk_either(self) -> None:
        assert not (self.disk.queue.empty and self.disk.waiting())

    @invariant()
    def no_more_lanes_stand_in_memory_than_may(self) -> None:
        assert len(self.disk.queue._lanes) <= module.LANES
        assert self.disk.queue._ring == sorted(self.disk.queue._lanes)

    @invariant()
    def a_lane_that_holds_nothing_has_asked(self) -> None:
        assert all(lane.keys or lane.asking for lane in self.disk.queue._lanes.values())

    @invariant()
    def what_it_holds_is_held_once_and_what_it_does_not_hold_sleeps(self) -> None:
        keys = [job_id for lane in self.disk.queue._lanes.values() for _, job_id in lane.keys]
        assert Counter(keys) == Counter(self.disk.held)

    def teardown(self) -> None:
        for job in list(self.disk.deciding.values()):
            self.disk.withdraw(job)
        left = {job.id for job in self.disk.waiting()}
        assert {job.id for job in self.disk.run_dry()} == left, "a ready job was lost"
        assert self.disk.queue.empty


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue of four lanes, so that short histories reach every corner."""
    for name, value in SMALL.items():
        monkeypatch.setattr(module, name, value)


@pytest.mark.usefixtures("_small")
def test_no_ready_job_is_lost_or_handed_out_twice_whatever_happens() -> None:
    run_machine(200, 40)


@pytest.mark.slow
@pytest.mark.usefixtures("_small")
def test_no_ready_job_is_lost_or_handed_out_twice_whatever_happens_for_long() -> None:
    run_machine(3_000, 80)


def run_machine(examples: int, steps: int) -> None:
    from hypothesis.stateful import run_state_machine_as_test  # noqa: PLC0415 - it collects tests where it is global

    run_state_machine_as_test(
        AnyQueue, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, database=None)
    )


@pytest.mark.parametrize("lanes", [1, 2, 7, LANES, LANES + 1, 600])
def test_between_two_turns_of_a_lane_every_other_waiting_lane_gets_one(lanes: int) -> None:
    disk = SimulatedDisk()
    for number in range(lanes * 5):
        disk.release(ready_job(number, f"u{number % lanes:04}", number))
    assert turns_are_fair([job.lane for job in disk.run_dry()], lanes * 5)


def test_a_lane_of_many_jobs_that_runs_out_of_its_heads_keeps_its_turn() -> None:
    disk = SimulatedDisk()
    for number in range(3_000):
        disk.release(ready_job(number, "a" if number % 3 else "b", number))
    order = [job.lane for job in disk.run_dry()]
    assert turns_are_fair(order, 3_000)
    assert order[:2_000:2].count("b") in {0, 1_000}


def turns_are_fair(order: list[str], jobs: int) -> bool:
    """Tell whether every lane that still waits is served between two turns of any lane."""
    left, since = Counter(order), {lane: set(order) for lane in set(order)}
    for lane in order:
        left[lane] -= 1
        missed = {other for other in set(order) - since[lane] - {lane} if left[other]}
        if missed:
            return False
        for served in since.values():
            served.add(lane)
        since[lane] = set()
    return len(order) == jobs


def test_a_late_arrival_with_a_lower_rank_goes_before_the_rest_of_its_lane() -> None:
    disk = SimulatedDisk()
    for number in range(100):
        disk.release(ready_job(number, "a", 100 + number))
    while disk.questions:
        disk.answer()
    disk.release(ready_job(200, "a", 1))
    first = disk.take()
    assert first is not None
    assert first.rank == 1


def test_of_5000_jobs_in_1000_lanes_few_stand_in_memory_and_all_come_out_in_turns() -> None:
    disk, chance, most_held, most_lanes = SimulatedDisk(), random.Random(5), 0, 0
    for number in range(5_000):
        disk.release(ready_job(number, f"u{number % 1_000:04}", chance.randrange(100)))
    taken: list[Job] = []
    while (job := disk.take()) is not None or disk.questions:
        if job is None:
            disk.answer()
        else:
            disk.commit(job)
            taken.append(job)
        most_held, most_lanes = max(most_held, len(disk.held)), max(most_lanes, len(disk.queue._lanes))
    assert most_lanes <= LANES
    assert most_held <= 2 * LANES
    assert len({job.id for job in taken}) == len(taken) == 5_000
    assert Counter(job.lane for job in taken[:1_000]).most_common(1)[0][1] == 1


def test_one_lane_of_20000_jobs_holds_its_first_jobs_only() -> None:
    disk = SimulatedDisk()
    for number in range(20_000):
        disk.release(ready_job(number, "a", number))
        while disk.questions:
            disk.answer()
    assert len(disk.held) <= 2 * module.MOST_HEADS
    assert repr(disk.queue).endswith("jobs in 1 lanes>")


def test_it_asks_once_for_what_it_misses_and_again_when_told_that_no_answer_comes() -> None:
    disk = SimulatedDisk()
    disk.release(ready_job(1, "a", 1))
    assert [disk.take(), disk.take(), len(disk.questions)] == [None, None, 1]
    disk.fail()
    assert len(disk.questions) == 1
    disk.answer()
    assert disk.take() is not None
