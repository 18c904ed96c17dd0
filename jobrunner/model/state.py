"""The five states of a job and the only moves between them.

                 claim                    complete
       queued ──────────▶ processing ─────────────────▶ completed
        │ ▲ │                │ │ │  │
        │ │ └─ expire ──┐    │ │ │  └──── fail ────────▶ failed ───┐
        │ │             └────┼─┼─┼──────────────────────▶          │
        │ └── back_off, interrupt ┘ └──── stop ────────▶ cancelled │
        │     cancel         │                            ▲   │    │
        └────────────────────┼────────────────────────────┘   │    │
          ▲                  └─ report, ask_to_stop (stays)   │    │
          └────────────────── retry ──────────────────────────┴────┘

`wake` and `receive` leave a queued job queued and change only what it waits for. Whatever is not in the table is
illegal and raises; nothing else in jobrunner may decide that a move is allowed.
"""

from __future__ import annotations

from enum import StrEnum

from jobrunner.errors import IllegalTransition


class Status(StrEnum):
    """Where a job is in its life; where it is inside its work is its stage."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Tell whether nothing more happens by itself."""
        return self in ENDED


class Trigger(StrEnum):
    """What happens to a job."""

    CLAIM = "claim"  # a worker takes it
    CANCEL = "cancel"  # somebody cancels it before it runs
    EXPIRE = "expire"  # it waits for something that does not come: its deadline has passed, or that of its upload
    WAKE = "wake"  # the time it waited for has come
    RECEIVE = "receive"  # bytes of an upload have arrived
    REPORT = "report"  # its handler reports progress, a part, an artifact
    ASK_TO_STOP = "ask_to_stop"  # somebody cancels it while it runs
    COMPLETE = "complete"  # its handler has returned
    FAIL = "fail"  # an attempt failed and there is no other
    BACK_OFF = "back_off"  # an attempt failed and there will be another
    STOP = "stop"  # its attempt was stopped because somebody cancelled it
    INTERRUPT = "interrupt"  # its attempt was cut off by the server's own end
    RETRY = "retry"  # a person asks for another attempt


ENDED = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELLED})

TRANSITIONS: dict[tuple[Status, Trigger], Status] = {
    (Status.QUEUED, Trigger.CLAIM): Status.PROCESSING,
    (Status.QUEUED, Trigger.CANCEL): Status.CANCELLED,
    (Status.QUEUED, Trigger.EXPIRE): Status.FAILED,
    (Status.QUEUED, Trigger.WAKE): Status.QUEUED,
    (Status.QUEUED, Trigger.RECEIVE): Status.QUEUED,
    (Status.PROCESSING, Trigger.REPORT): Status.PROCESSING,
    (Status.PROCESSING, Trigger.ASK_TO_STOP): Status.PROCESSING,
    (Status.PROCESSING, Trigger.COMPLETE): Status.COMPLETED,
    (Status.PROCESSING, Trigger.FAIL): Status.FAILED,
    (Status.PROCESSING, Trigger.BACK_OFF): Status.QUEUED,
    (Status.PROCESSING, Trigger.STOP): Status.CANCELLED,
    (Status.PROCESSING, Trigger.INTERRUPT): Status.QUEUED,
    (Status.FAILED, Trigger.RETRY): Status.QUEUED,
    (Status.CANCELLED, Trigger.RETRY): Status.QUEUED,
}


def advance(status: Status, trigger: Trigger) -> Status:
    """Return where `trigger` leads from `status`; raise IllegalTransition where it leads nowhere."""
    try:
        return TRANSITIONS[status, trigger]
    except KeyError:
        raise IllegalTransition(status, trigger) from None
