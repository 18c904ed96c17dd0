"""Working directories, whatever was made in them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.documents import ROOT

# As somebody who may not do everything, whoever runs the tests.
PROGRAM = """
import os
from pathlib import Path
from jobrunner.storage.workdirs import Workdir
if os.getuid() == 0:
    os.setuid(65_534)
workdir = Workdir("work")
inner = workdir.make() / "a" / "b"
inner.mkdir(parents=True)
(inner / "c").touch()
(inner / "elsewhere").symlink_to("../../..")
inner.chmod(0o500)
inner.parent.chmod(0)
workdir.remove()
"""


def test_what_was_closed_to_its_owner_is_deleted_and_nothing_elsewhere_is_touched(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, env=environment, cwd=tmp_path)
    assert not list(tmp_path.iterdir())
    assert tmp_path.stat().st_mode & 0o777 == 0o777
