"""Flags, environment and file -> the settings of a server on this machine."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from jobrunner.config import Settings, load

_HERE = Path("config.toml")


def settings_for(arguments: argparse.Namespace) -> Settings:
    """Load what is configured; raises ConfigError. Handlers in the current directory can be imported afterwards."""
    if (here := str(Path.cwd())) not in sys.path:
        sys.path.insert(0, here)
    flags = vars(arguments)
    overrides = {
        "server.host": flags.get("host"),
        "server.port": flags.get("port"),
        "server.insecure": flags.get("insecure"),
        "storage.data_dir": flags["data_dir"] and str(flags["data_dir"]),
    }
    return load(_file(arguments.config), environ=os.environ, overrides=overrides)


def is_open(settings: Settings) -> bool:
    """Tell whether everybody who reaches the server may do everything."""
    return settings.server.insecure and settings.auth is None


def _file(given: Path | None) -> Path | None:
    """Choose the file: as told, else by JOBRUNNER_CONFIG, else the one that is here, else none."""
    named = os.environ.get("JOBRUNNER_CONFIG")
    if given is None and named:
        return Path(named)
    return given or (_HERE if _HERE.is_file() else None)
