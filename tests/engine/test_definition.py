"""Types that the configuration defines, and the payloads that it describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from jobrunner import Context, Registry, job
from jobrunner.engine.job_type import Mode
from jobrunner.engine.parameters import payload_of
from jobrunner.errors import ConfigError
from tests.config.reading import read

SERVICE = "[types.a]\nurl = 'http://127.0.0.1:8000/a'\n"


def payload(tmp_path: Path, parameters: str) -> Any:
    types = read(tmp_path / "config.toml", f"[types.a]\npayload = {{ {parameters} }}").types
    return payload_of("a", types["a"].payload)


def test_a_service_has_all_the_options_of_a_type(tmp_path: Path) -> None:
    text = (
        f"{SERVICE}title = 'A'\ntimeout = '5m'\nmax_attempts = 3\nstages = ['first_step']\nbackoff = {{ first = '1s' }}"
    )
    found = Registry().configured(read(tmp_path / "config.toml", text).types).get("a")
    assert found is not None
    assert (found.mode, found.title, found.max_attempts, found.backoff.first_ms) == (Mode.SERVICE, "A", 3, 1_000)
    assert found.stages[0].label == "First step"
    assert found.survives


@pytest.mark.parametrize("setting", ["url = 'http://127.0.0.1:8000/a'", "uploads = ['file']", "payload = {}"])
def test_what_a_job_defines_the_configuration_cannot_define_again(tmp_path: Path, setting: str) -> None:
    registry = Registry()

    @job("a", registry=registry)
    async def _a(_context: Context, _payload: Any) -> None: ...

    with pytest.raises(ConfigError, match="a @job of this name is imported"):
        registry.configured(read(tmp_path / "config.toml", f"[types.a]\n{setting}").types)
    titled = registry.configured(read(tmp_path / "config.toml", "[types.a]\ntitle = 'Words'").types).get("a")
    assert titled is not None
    assert titled.title == "Words"


def test_a_type_that_nobody_does_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no imported module has a @job of this name"):
        Registry().configured(read(tmp_path / "config.toml", "[types.a]\npayload = {}").types)


@pytest.mark.parametrize(
    ("parameter", "good", "bad"),
    [
        ("{}", "text", 5),
        ("{ min_length = 2, max_length = 3 }", "ab", "a"),
        ("{ pattern = '^[a-z]+$' }", "ab", "ab\n"),
        ("{ choices = ['a', 'b'] }", "b", "c"),
        ("{ type = 'integer' }", -5, 5.0),
        ("{ type = 'integer' }", 5, True),
        ("{ type = 'integer' }", 5, "5"),
        ("{ type = 'integer', minimum = 1, maximum = 3 }", 3, 4),
        ("{ type = 'integer', choices = [1, 2] }", 1, 3),
        ("{ type = 'number', minimum = 0.5 }", 1, 0.4),
        ("{ type = 'number' }", 1.5, float("inf")),
        ("{ type = 'boolean' }", False, 0),
        ("{ type = 'array' }", [], "text"),
        ("{ type = 'array', min_length = 1 }", ["a"], []),
        ("{ type = 'array', max_length = 1 }", ["long enough"], ["a", "b"]),
        ("{ type = 'array', pattern = '^a' }", ["ab"], ["ab", "b"]),
        ("{ type = 'array', items = 'integer', maximum = 3 }", [1, 3], [4]),
        ("{ type = 'array', choices = ['a'] }", ["a", "a"], ["b"]),
    ],
)
def test_a_parameter_takes_what_it_says_and_nothing_else(tmp_path: Path, parameter: str, good: Any, bad: Any) -> None:
    adapter = payload(tmp_path, f"member = {parameter}")
    taken = adapter.dump_python(adapter.validate_python({"member": good}), mode="json", by_alias=True)
    assert taken == {"member": good}
    for wrong in ({"member": bad}, {"member": None}, {}, {"member": good, "other": 1}):
        with pytest.raises(ValidationError):
            adapter.validate_python(wrong)


def test_names_of_members_may_be_those_that_a_model_has_itself(tmp_path: Path) -> None:
    names = ("copy", "json", "schema", "model_config", "model_fields", "_private", "class", "self")
    adapter = payload(tmp_path, ", ".join(f"{name} = {{ default = 'x' }}" for name in names))
    assert adapter.dump_python(adapter.validate_python({}), by_alias=True) == dict.fromkeys(names, "x")
    assert list(adapter.json_schema()["properties"]) == list(names)


@pytest.mark.parametrize(
    ("parameter", "key"),
    [
        ("{ type = 'integer', default = 'x' }", "types.a.payload.m.default"),
        ("{ type = 'integer', maximum = 3, default = 4 }", "types.a.payload.m.default"),
        ("{ choices = ['a'], default = 'b' }", "types.a.payload.m.default"),
        ("{ type = 'array', default = [1] }", "types.a.payload.m.default"),
        ("{ pattern = '(' }", "types.a.payload.m.pattern"),
        ("{ pattern = '(?=a)' }", "types.a.payload.m.pattern"),
    ],
)
def test_a_parameter_that_contradicts_itself_is_refused(tmp_path: Path, parameter: str, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        payload(tmp_path, f"m = {parameter}")
    assert caught.value.key == key
