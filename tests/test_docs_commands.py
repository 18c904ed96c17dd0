"""The commands of the documentation, as they stand there: on a real server, with the configuration beside them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobrunner.client import Client
from tests.documents import COMMANDS
from tests.process import ServerProcess

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    directory = tmp_path_factory.mktemp("commands")
    (directory / "config.toml").write_text(COMMANDS.blocks("toml")[0])
    (directory / "find_lines.sh").write_text(COMMANDS.blocks("shell")[0])
    (directory / "find_lines.sh").chmod(0o755)
    (directory / "add.mjs").write_text(COMMANDS.blocks("js")[0])
    process = ServerProcess(directory / "data", JOBRUNNER_CONFIG=str(directory / "config.toml"))
    process.start()
    yield process
    process.kill()


async def test_the_shell_script_finds_lines_and_names_its_failure(served: ServerProcess, tmp_path: Path) -> None:
    file = tmp_path / "a poem.txt"
    file.write_text("to be\nor not\nto be -e\n")
    async with Client(served.url) as client:
        first, second = [
            await client.wait((await client.submit("find_lines", {"word": word}, files={"file": file}))["job_id"], 30)
            for word in ("be", "$(be)")
        ]
        await client.artifact(first["job_id"], "lines.txt", tmp_path / "lines.txt")
    assert (first["status"], first["result_data"]) == ("completed", {"lines": 2}), first["error_data"]
    assert [stage["status"] for stage in first["stages"]] == ["completed", "completed"]
    assert (tmp_path / "lines.txt").read_text() == "to be\nto be -e\n"
    assert second["error_data"] is not None
    assert (second["error_data"]["code"], second["error_data"]["details"]) == ("NO_LINE", {"exit_code": 1})


async def test_the_script_in_javascript_adds_numbers_and_says_what_is_wrong(
    served: ServerProcess, tmp_path: Path
) -> None:
    async with Client(served.url) as client:
        added, nothing = [
            await client.wait((await client.submit("add", {"numbers": numbers}))["job_id"], 30)
            for numbers in ([1, 2.5], [])
        ]
        await client.artifact(added["job_id"], "sum.txt", tmp_path / "sum.txt")
    assert (added["status"], added["result_data"], added["title"]) == ("completed", {"sum": 3.5}, "Add numbers")
    assert added["progress_data"]["current_step"] == "Added 2"
    assert (tmp_path / "sum.txt").read_text() == "3.5\n"
    assert nothing["error_data"] is not None
    assert (nothing["error_data"]["code"], nothing["attempt"]) == ("NO_NUMBERS", 1)


async def test_a_program_that_is_not_installed_is_listed_with_its_name(served: ServerProcess) -> None:
    async with Client(served.url) as client:
        types = {each["type"]: each for each in await client.types()}
    reason = types["transcode"]["unavailable_reason"]
    assert (reason is None) is (shutil.which("ffmpeg") is not None)
    assert reason is None or re.search(r"\bffmpeg\b", reason)


def test_every_variable_that_a_command_is_given_is_documented() -> None:
    source = (Path(__file__).parents[1] / "jobrunner/engine/execution/command.py").read_text()
    given = {*re.findall(r'"([A-Z_]{6,})": ', source), "JOBRUNNER_INSTANCE", "JOBRUNNER_CHILD"}
    assert COMMANDS.names("variable") == given
