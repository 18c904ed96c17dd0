"""The secret of a data directory: made once, whole, for nobody else's eyes."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jobrunner.errors import DataDirError
from jobrunner.storage.secret import own_secret

ROOT = Path(__file__).parents[2]


def test_it_is_made_once_of_32_bytes_that_only_we_may_read(tmp_path: Path) -> None:
    made = own_secret(tmp_path)
    assert len(made) == 32
    assert own_secret(tmp_path) == made
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


def test_each_directory_has_another_one(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert own_secret(tmp_path) != own_secret(tmp_path / "a")


def test_a_wide_umask_changes_nothing(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        own_secret(tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_those_who_make_it_at_once_all_have_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(own_secret, [tmp_path] * 32))) == 1
    program = f"from jobrunner.storage.secret import own_secret as s; from pathlib import Path as P; print(s(P({str(tmp_path)!r})).hex())"  # noqa: E501
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert bytes.fromhex(done.stdout) == own_secret(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_one_that_others_may_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    own_secret(tmp_path)
    (tmp_path / "secret").chmod(mode)
    with pytest.raises(DataDirError, match="chmod 600"):
        own_secret(tmp_path)


@pytest.mark.parametrize("length", [0, 1, 31])
def test_one_that_is_too_short_is_refused_and_not_replaced(tmp_path: Path, length: int) -> None:
    path = tmp_path / "secret"
    path.touch(0o600)
    path.write_bytes(b"x" * length)
    with pytest.raises(DataDirError, match="needs 32"):
        own_secret(tmp_path)
    assert path.read_bytes() == b"x" * length


def test_what_is_no_file_is_refused_without_a_wait(tmp_path: Path) -> None:
    for place, make in (("a", os.mkfifo), ("b", os.mkdir), ("c", lambda path: path.symlink_to("/dev/zero"))):
        (tmp_path / place).mkdir()
        make(tmp_path / place / "secret")
        with pytest.raises(DataDirError):
            own_secret(tmp_path / place)


def test_a_directory_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataDirError, match="No such file"):
        own_secret(tmp_path / "missing")
