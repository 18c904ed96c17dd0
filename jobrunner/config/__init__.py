"""The configuration: one frozen Settings from config.toml, the environment and flags."""

from jobrunner.config.loading import load
from jobrunner.config.settings import (
    BackoffSettings,
    QueueSettings,
    RetentionSettings,
    ServerSettings,
    Settings,
    StorageSettings,
    TypeSettings,
    WorkerSettings,
)

__all__ = [
    "BackoffSettings",
    "QueueSettings",
    "RetentionSettings",
    "ServerSettings",
    "Settings",
    "StorageSettings",
    "TypeSettings",
    "WorkerSettings",
    "load",
]
