"""`jobrunner serve`: the server in this process, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import errno
import os

import structlog

from jobrunner.cli.settings import is_open, settings_for
from jobrunner.cli.terminal import Terminal
from jobrunner.config import ServerSettings
from jobrunner.errors import ConfigError
from jobrunner.logs import configure
from jobrunner.web.app import serve

log = structlog.get_logger("jobrunner.cli")

_WARNING = "jobrunner: warning: --insecure: whoever reaches this server may do everything, without key or token"
_NOT_HERE = {errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES}


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Serve; raises ConfigError and DataDirError, with what to do about them, when that cannot be."""
    settings = settings_for(arguments)
    configure()

    def ready(url: str) -> None:
        if is_open(settings):
            log.warning("server.insecure", host=settings.server.host)
            terminal.say(_WARNING)
        terminal.say(f"jobrunner serves {url} (data in {settings.storage.data_dir})")

    try:
        asyncio.run(serve(settings, ready=ready, reload=arguments.reload))
    except OSError as error:
        if error.errno not in _NOT_HERE or error.filename is not None:
            raise
        raise _not_here(error, settings.server) from error
    return 0


def _not_here(error: OSError, server: ServerSettings) -> ConfigError:
    """Say what to do about an address that cannot be listened on."""
    where = f"{server.host}:{server.port} ({os.strerror(error.errno or 0)})"
    return ConfigError("server.port", f"cannot listen on {where}; stop what does, or choose another by --port")
