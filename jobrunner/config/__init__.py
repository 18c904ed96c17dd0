"""The configuration: one frozen Settings from config.toml, the environment and flags."""

from jobrunner.config.command import Argument, CommandSettings, ExitMeaning, Placeholder
from jobrunner.config.definition import DefinitionSettings, ParameterSettings, StageSettings
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
    "Argument",
    "AuthSettings",
    "BackoffSettings",
    "CommandSettings",
    "DefinitionSettings",
    "ExitMeaning",
    "LimitSettings",
    "LimitsSettings",
    "ParameterSettings",
    "Placeholder",
    "QueueSettings",
    "RetentionSettings",
    "ServerSettings",
    "Settings",
    "StageSettings",
    "StorageSettings",
    "TypeLimitSettings",
    "TypeSettings",
    "WorkerSettings",
    "load",
]
