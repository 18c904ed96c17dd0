"""The configuration: one frozen Settings from config.toml, the environment and flags."""

from jobrunner.config.loading import load
from jobrunner.config.settings import (
    AuthSettings,
    BackoffSettings,
    LimitSettings,
    LimitsSettings,
    QueueSettings,
    RetentionSettings,
    ServerSettings,
    Settings,
    StorageSettings,
    TypeLimitSettings,
    TypeSettings,
    WorkerSettings,
)

__all__ = [
    "AuthSettings",
    "BackoffSettings",
    "LimitSettings",
    "LimitsSettings",
    "QueueSettings",
    "RetentionSettings",
    "ServerSettings",
    "Settings",
    "StorageSettings",
    "TypeLimitSettings",
    "TypeSettings",
    "WorkerSettings",
    "load",
]
