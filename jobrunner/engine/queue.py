"""The ready jobs of one queue: users take turns, and within a user's lane the lowest rank goes first.

Never a million objects.

A *lane* is a user; where a queue is not fair there is one for all. In memory stand at most LANES lanes, as a ring in
the order of their names with a place to go on from; in each lane the first jobs, up to `upto`; the rest sleeps on
disk.

- A lane holds every ready job up to its `upto`; None means every one there is. What is released above `upto` sleeps.
- While the ring is `whole`, every lane with ready jobs stands in it. Otherwise lanes pass in the order of their
  names: each is served once and forgotten, and the next ones are asked for.

The queue decides nothing about a job and reads nothing: it asks, and is fed synchronously with what was read. While it
is paused it asks for nothing; it still takes what is released, within its bounds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from jobrunner.model.job import Job

LANES = 256
FEWEST_HEADS, MOST_HEADS, ALL_HEADS = 32, 512, 8_192
LOW_LANES = LANES // 4

Key = tuple[int, str]
LOWEST: Key = (-(2**63), "")


@dataclass(slots=True)
class Lane:
    """The first ready jobs of one user, by rank."""

    name: str
    upto: Key | None
    keys: list[Key] = field(default_factory=list)
    asking: bool = False


class Queue:
    """Changes: the lanes, the ring of their names, the place in it, what was asked for, and whether it is paused."""

    def __init__(
        self,
        name: str,
        ask_lanes: Callable[[Queue, str, int], None],
        ask_heads: Callable[[Queue, str, Key, int], None],
        drop: Callable[[str], None],
    ) -> None:
        """Ask for lanes after a name, and for the heads of a lane above a key.

        `drop` is told which job sleeps again.
        """
        self.name = name
        self.paused = False
        self._ask_lanes = ask_lanes
        self._ask_heads = ask_heads
        self._drop = drop
        self._lanes: dict[str, Lane] = {}
        self._ring: list[str] = []
        self._place = ""
        self._whole = False
        self._asking = False

    def __repr__(self) -> str:
        """Tell what stands in memory."""
        held = sum(len(lane.keys) for lane in self._lanes.values())
        return f"<Queue {self.name}: {held} jobs in {len(self._lanes)} lanes{'' if self._whole else ', more on disk'}>"

    @property
    def empty(self) -> bool:
        """Tell whether it is certain that nothing waits, on disk neither."""
        return self._whole and not self._lanes

    def add(self, job: Job) -> bool:
        """Take a ready job that was released; tell whether it is held, and not left asleep."""
        lane = self._lanes.get(job.lane)
        if lane is None:
            if not self._whole:
                return self._sleep()
            if len(self._lanes) >= LANES:
                self._whole = False
                return False
            lane = self._enter(Lane(job.lane, None))
        elif lane.upto is not None and job.key > lane.upto:
            return False
        if not _holds(lane, job.key):
            insort(lane.keys, job.key)
        self._trim(lane)
        return lane.upto is None or job.key <= lane.upto

    def remove(self, job: Job) -> None:
        """Forget a job that is not to be run, if it is held."""
        lane = self._lanes.get(job.lane)
        if lane is None:
            return
        if _holds(lane, job.key):
            del lane.keys[bisect_left(lane.keys, job.key)]
            self._settle(lane)

    def position(self, job: Job) -> int | None:
        """Return the place of a ready job, 1 for the next one; None where that cannot be told from memory.

        Users take turns: before a user's n-th job come at most n jobs of each other user.
        """
        lane = self._lanes.get(job.lane)
        if not self._whole or lane is None or not _holds(lane, job.key):
            return None
        own = bisect_left(lane.keys, job.key)
        others = [each for each in self._lanes.values() if each is not lane]
        if any(len(each.keys) < own and each.upto is not None for each in others):
            return None
        return 1 + own + sum(min(len(each.keys), own) for each in others)

    def take(self) -> str | None:
        """Return the job whose turn it is and forget it; None when it is not in memory, or there is none."""
        lane = self._next_lane()
        if lane is None:
            self.look_for_more()
            return None
        _, job_id = lane.keys.pop(0)
        if self._whole:
            self._settle(lane)
        else:
            self._forget(lane)
            self.look_for_more()
        return job_id

    def look_for_more(self) -> None:
        """Ask for what is missing, unless it was asked for already."""
        if not (self.paused or self._whole or self._asking) and len(self._ring) <= LOW_LANES:
            self._asking = True
            self._ask_lanes(self, self._last(), LANES)

    def feed_lanes(self, found: Sequence[Job], fresh: Callable[[Job], bool]) -> None:
        """Take the first job of each lane that was found.

        `fresh` holds a job and tells whether it was not held already.
        """
        self._asking = False
        self._whole = len(found) < LANES
        for job in found:
            if job.lane in self._lanes or len(self._lanes) >= LANES:
                self._whole &= job.lane in self._lanes
                continue
            lane = self._enter(Lane(job.lane, job.key))
            if fresh(job):
                lane.keys.append(job.key)
        for lane in self._lanes.values():
            self._feed_on(lane)

    def feed_heads(self, name: str, above: Key, found: Sequence[Job], limit: int, fresh: Callable[[Job], bool]) -> None:
        """Take the next jobs of a lane above a key; fewer than `limit` are all there are."""
        lane = self._lanes.get(name)
        if lane is None or lane.upto != above:
            return  # it was forgotten meanwhile, and has perhaps returned with other jobs
        lane.asking = False
        for job in found:
            if fresh(job):
                insort(lane.keys, job.key)
        lane.upto = found[-1].key if len(found) == limit else None
        self._settle(lane)

    def ask_again(self) -> None:
        """Ask for all that is missing, because questions could not be answered or were not asked."""
        self._asking = False
        self.look_for_more()
        for lane in self._lanes.values():
            lane.asking = False
            self._feed_on(lane)

    def _sleep(self) -> bool:
        self.look_for_more()
        return False

    def _next_lane(self) -> Lane | None:
        """Return the next lane of the ring; None while that waits for its refill, for it keeps its turn.

        Were it passed over, the first lane that is fed after a start would fill all slots.
        """
        if not self._ring:
            return None
        lane = self._lanes[self._ring[bisect_right(self._ring, self._place) % len(self._ring)]]
        if not lane.keys:
            return None
        self._place = lane.name
        return lane

    def _enter(self, lane: Lane) -> Lane:
        self._lanes[lane.name] = lane
        insort(self._ring, lane.name)
        return lane

    def _forget(self, lane: Lane) -> None:
        del self._lanes[lane.name]
        del self._ring[bisect_left(self._ring, lane.name)]
        for _, job_id in lane.keys:
            self._drop(job_id)

    def _settle(self, lane: Lane) -> None:
        """Let go of a lane in which nothing waits; feed one that runs low."""
        if not lane.keys and lane.upto is None:
            self._forget(lane)
        else:
            self._feed_on(lane)

    def _feed_on(self, lane: Lane) -> None:
        few = self._heads() // 2 if self._whole else 0  # a lane that passes is served once: one job is enough
        if not self.paused and lane.upto is not None and not lane.asking and len(lane.keys) <= few:
            lane.asking = True
            self._ask_heads(self, lane.name, lane.upto, self._heads())

    def _trim(self, lane: Lane) -> None:
        """Let the last jobs of a lane sleep that has grown to twice what it should hold."""
        heads = self._heads()
        if len(lane.keys) > 2 * heads and not lane.asking:
            lane.upto = lane.keys[heads - 1]
            for _, job_id in lane.keys[heads:]:
                self._drop(job_id)
            del lane.keys[heads:]

    def _heads(self) -> int:
        """Return how many jobs a lane should hold: fewer, the more lanes there are."""
        return max(FEWEST_HEADS, min(MOST_HEADS, ALL_HEADS // max(len(self._lanes), 1)))

    def _last(self) -> str:
        """Return the lane that comes last in the round, after which the next ones follow."""
        if not self._ring:
            return self._place
        return self._ring[bisect_right(self._ring, self._place) - 1]


def _holds(lane: Lane, key: Key) -> bool:
    place = bisect_left(lane.keys, key)
    return place < len(lane.keys) and lane.keys[place] == key
