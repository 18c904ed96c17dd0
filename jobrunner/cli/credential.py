"""What commands show to a server: JOBRUNNER_TOKEN. Never a flag, for everybody can list the flags of a process.

Must never put it anywhere else: no word of an error may come from it.
"""

from __future__ import annotations

import os
from pathlib import Path

from jobrunner.client.credential import Token, is_token
from jobrunner.errors import ConfigError

VARIABLE = "JOBRUNNER_TOKEN"
_FILE = "file:"


def token() -> Token | None:
    """Return the key or token that is given, None when none is; a file is read again when the server refuses it.

    Raises ConfigError for what can be neither.
    """
    given = os.environ.get("JOBRUNNER_TOKEN")
    if not given:
        return None
    if not given.startswith(_FILE):
        return _checked(given, "it")
    path = Path(given.removeprefix(_FILE))
    _read(path)

    async def again() -> str:
        return _read(path)

    return again


def _read(path: Path) -> str:
    try:
        return _checked(path.read_text(encoding="ascii", errors="replace"), str(path))
    except OSError as error:
        raise ConfigError(VARIABLE, f"{path}: {error.strerror}") from None


def _checked(text: str, where: str) -> str:
    if not is_token(text.strip()):
        raise ConfigError(VARIABLE, f"{where} holds no key and no token; allowed: a key, a token, or file:PATH")
    return text.strip()
