"""The clock that is moved by hand, which is also there for the tests of those who use jobrunner."""

from jobrunner.testing.clock import START, ManualClock

__all__ = ["START", "ManualClock"]
