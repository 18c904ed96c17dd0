"""`python -m jobrunner` is the command line."""

import sys

from jobrunner.cli import main

sys.exit(main())
