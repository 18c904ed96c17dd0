"""A configuration file that is written and read at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from jobrunner.config import AuthSettings, Settings, load
from jobrunner.errors import ConfigError


def read(file: Path, text: str, environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    file.write_text(text)
    return load(file, environ=environ or {}, overrides=overrides)


def auth_of(settings: Settings) -> AuthSettings:
    assert settings.auth is not None
    return settings.auth


def fault(file: Path, text: str, environ: Mapping[str, str] | None = None) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        read(file, text, environ)
    return caught.value
