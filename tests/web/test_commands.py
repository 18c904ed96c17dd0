"""Commands that are served: what they say over HTTP, and how they are listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from jobrunner import Jobrunner
from tests.conftest import OpenRunner
from tests.engine.commands import Programs
from tests.web.api import Api

# Says over HTTP, as curl could, each of the words of its argument.
CALLS = """#!python
import json, os, sys, urllib.request
headers = {"Authorization": "Bearer " + os.environ["JOBRUNNER_TOKEN"], "Content-Type": "application/json"}
for words in json.loads(sys.argv[1]):
    request = urllib.request.Request(os.environ["JOBRUNNER_CALLBACK_URL"], json.dumps(words).encode(), headers)
    try:
        print(urllib.request.urlopen(request).status)
    except urllib.error.HTTPError as error:
        print(error.code, json.load(error)["code"])
print('::job {"result": "too late"}')
"""


@pytest.fixture
async def runner(tmp_path: Path, open_runner: OpenRunner) -> Jobrunner:
    return await Programs(tmp_path, open_runner).serve(
        CALLS, "{payload.words}", **{"types.gone.command": ["no-such-program"], "title": "Call"}
    )


async def test_a_command_may_say_everything_over_http_and_ends_when_it_exits(api: Api) -> None:
    words = '[{"stage": "a", "progress": {"percentage": 7}}, {"result": {"n": 1}}, {"result": 2}, {"stage": "b"}]'
    done = await api.run("work", {"words": words})
    assert (done["status"], done["result_data"], done["title"]) == ("completed", {"n": 1}, "Call")
    assert [(stage["name"], stage["status"]) for stage in done["stages"]] == [("a", "completed"), ("b", "completed")]
    lines = (await api("GET", f"jobs/{done['job_id']}/logs")).json["lines"]
    assert [line["text"] for line in lines] == [
        "200", "200", "409 late-report", "200", '::job {"result": "too late"}',
        "That was not understood: the end was said before",
    ]  # fmt: skip


async def test_a_command_is_listed_with_what_it_takes_and_why_it_is_not_available(api: Api) -> None:
    types = {each["type"]: each for each in (await api("GET", "types")).json["types"]}
    assert types["work"]["payload_schema"]["properties"] == {"words": {"title": "Words", "type": "string"}}
    assert [types[name]["available"] for name in ("work", "gone")] == [True, False]
    assert "no-such-program" in types["gone"]["unavailable_reason"]
