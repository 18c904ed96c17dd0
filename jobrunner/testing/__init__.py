"""For tests of one's own handlers: run one inline, or an engine on a directory and a clock of its own.

Everything is real but the clock, which is moved by hand.
"""

from jobrunner.testing.clock import ManualClock
from jobrunner.testing.engine import advance, drain, open_runner
from jobrunner.testing.recording import Recording, run_inline

__all__ = ["ManualClock", "Recording", "advance", "drain", "open_runner", "run_inline"]
