"""The command line: each command one module with one `run`, over the client or, for `serve` and `check`, the server."""

from jobrunner.cli.main import main

__all__ = ["main"]
