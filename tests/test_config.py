"""One frozen Settings from a file, the environment and flags, or one error that names every fault."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from jobrunner.config import QueueSettings, Settings, load
from jobrunner.config.document import key_lines, key_paths
from jobrunner.config.schema import kind_at
from jobrunner.config.units import parse_duration, parse_size
from jobrunner.errors import ConfigError
from tests.config.reading import fault, read

SHIPPED = Path(__file__).parents[1] / "config.toml"
EXAMPLES = ("ads", "data_story", "dubbing", "images", "video")


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_no_file_and_an_empty_environment_give_the_defaults() -> None:
    assert load(None, environ={}) == Settings()


def test_a_queue_named_default_always_exists(written: Path) -> None:
    settings = read(written, "[queues.gpu]\nconcurrency = 1")
    assert settings.queues["default"] == QueueSettings()
    assert settings.queues["gpu"].concurrency == 1


def test_settings_cannot_be_changed_after_they_were_read() -> None:
    settings = load(None, environ={})
    with pytest.raises(ValidationError, match="frozen"):
        settings.server.port = 1  # type: ignore[misc]


class TestShippedFile:
    def test_the_shipped_file_is_valid_and_serves_the_example(self) -> None:
        served = load(SHIPPED, environ={}).workers.imports
        assert served == tuple(f"jobrunner.examples.{each}" for each in EXAMPLES)

    @pytest.mark.parametrize("other", ["jwks_url", "jwks_file"])
    def test_the_shipped_file_is_valid_with_all_of_its_settings_in_force(self, written: Path, other: str) -> None:
        (written.parent / "jwks.json").write_text("{}")
        all_but_one = re.sub(rf"(?m)^{other} = .*$", "", uncommented(SHIPPED.read_text()))
        secrets = ("JOBRUNNER_JWT_SECRET", "JOBRUNNER_ADMISSION_SECRET", "ANALYSIS_TOKEN")
        read(written, all_but_one, dict.fromkeys(secrets, "x" * 32))

    def test_the_shipped_file_names_every_setting(self) -> None:
        everything = uncommented(SHIPPED.read_text())
        missing = set(every_setting()) - {key_of_any_name(key) for key in key_paths(tomllib.loads(everything))}
        assert not missing

    def test_the_shipped_file_shows_the_defaults(self) -> None:
        shown = load(SHIPPED, environ={"JOBRUNNER_WORKERS__IMPORTS": ""}).model_copy(update={"types": {}, "pages": {}})
        assert shown == Settings()


class TestOrder:
    def test_the_environment_wins_over_the_file(self, written: Path) -> None:
        settings = read(written, "[server]\nport = 1\nmax_body = '5KB'", {"JOBRUNNER_SERVER__PORT": "2"})
        assert (settings.server.port, settings.server.max_body) == (2, 5_000)

    def test_flags_win_over_the_environment_and_the_file(self, written: Path) -> None:
        settings = read(written, "[server]\nport = 1", {"JOBRUNNER_SERVER__PORT": "2"}, **{"server.port": 3})
        assert settings.server.port == 3

    def test_a_flag_that_was_not_given_changes_nothing(self, written: Path) -> None:
        assert read(written, "[server]\nport = 1", **{"server.port": None}).server.port == 1

    def test_a_wrong_value_that_is_overridden_does_no_harm(self, written: Path) -> None:
        assert read(written, "[server]\nport = 'x'", {"JOBRUNNER_SERVER__PORT": "2"}).server.port == 2


class TestEnvironment:
    @pytest.mark.parametrize(
        ("name", "text", "key", "value"),
        [
            ("SERVER__PORT", "9000", "server.port", 9000),
            ("SERVER__BASE_PATH", "/jobs", "server.base_path", "/jobs"),
            ("SERVER__INSECURE", "true", "server.insecure", True),
            ("SERVER__DRAIN_TIMEOUT", "0s", "server.drain_timeout", timedelta(0)),
            ("STORAGE__DATA_DIR", "123", "storage.data_dir", Path("123")),
            ("STORAGE__RETENTION__FAILED", "never", "storage.retention.failed", None),
            ("WORKERS__IMPORTS", "a, b.c", "workers.imports", ("a", "b.c")),
            ("WORKERS__IMPORTS", '["a", "b.c"]', "workers.imports", ("a", "b.c")),
            ("QUEUES__GPU__CONCURRENCY", "1", "queues.gpu.concurrency", 1),
            ("TYPES__VIDEO__BACKOFF__FACTOR", "1.5", "types.video.backoff.factor", 1.5),
            ("TYPES__VIDEO__BACKOFF", '{"first": "5s"}', "types.video.backoff.first", timedelta(seconds=5)),
        ],
    )
    def test_a_variable_sets_any_kind_of_setting(self, name: str, text: str, key: str, value: object) -> None:
        assert at(load(None, environ={f"JOBRUNNER_{name}": text}), key) == value

    def test_a_variable_reaches_a_name_that_the_file_spells_otherwise(self, written: Path) -> None:
        settings = read(written, "[queues.GPU-2]\nfair = false", {"JOBRUNNER_QUEUES__GPU_2__CONCURRENCY": "3"})
        assert settings.queues["GPU-2"] == QueueSettings(fair=False, concurrency=3)

    def test_names_without_two_underscores_and_names_of_others_are_no_settings(self) -> None:
        environ = {"JOBRUNNER_URL": "x", "JOBRUNNER_CONFIG": "y", "OTHER__THING": "z"}
        assert load(None, environ=environ) == Settings()

    @pytest.mark.parametrize("name", ["JOBRUNNER_SERVER__PRT", "JOBRUNNER_SERVER__", "JOBRUNNER_SERVER__PORT__X"])
    def test_an_unknown_variable_is_named(self, name: str) -> None:
        with pytest.raises(ConfigError) as caught:
            load(None, environ={name: "1"})
        assert caught.value.source == name
        assert "server." in str(caught.value)


class TestFaults:
    def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_one(self, written: Path) -> None:
        error = fault(written, "# words\n\n[server]\nhost = '::1'\nprot = 9000\n")
        assert (error.key, error.line, error.source) == ("server.prot", 5, str(written))
        assert str(error) == f"{written}:5: server.prot: is no setting; did you mean server.port?"

    def test_a_key_that_is_near_to_none_is_answered_with_all_that_there_are(self, written: Path) -> None:
        assert "known here: server, auth, limits, storage, workers, queues, types" in str(fault(written, "[x]\ny = 1"))

    @pytest.mark.parametrize(
        "text",
        [
            "[schedules.x]\ncron = ''",
        ],
    )
    def test_a_setting_that_nothing_obeys_yet_is_refused(self, written: Path, text: str) -> None:
        assert "is no setting" in str(fault(written, text))

    @pytest.mark.parametrize(
        ("text", "allowed"),
        [
            ("[server]\nport = 65536", "a whole number from 0 to 65535"),
            ("[server]\nport = '8080'", "a whole number from 0 to 65535"),
            ("[server]\nport = true", "a whole number from 0 to 65535"),
            ("[server]\nport = 80.5", "a whole number from 0 to 65535"),
            ("[server]\nhost = ''", "an IP address or a host name"),
            ("[server]\nhost = '0.0.0.0'", "anything else needs [auth], or --insecure"),
            ("[server]\nbase_path = 'jobs'", '"/jobrunner"'),
            ("[server]\nbase_path = '/jobs/'", '"/jobrunner"'),
            ("[server]\nmax_body = '1 XB'", "B, KB, MB, GB"),
            ("[server]\nmax_body = 0", "at least 1B"),
            ("[server]\nbody_timeout = '0s'", "above zero"),
            ("[server]\nbody_timeout = 30", '"90s"'),
            ("[server]\nbody_timeout = '30'", '"90s"'),
            ("[server]\nbody_timeout = '99999d'", '"90s"'),
            ("[server]\ninsecure = 'yes'", "true or false"),
            ("[storage]\ndata_dir = ''", "the path of a directory"),
            ("[storage]\nsynchronous = 'off'", '"full" or "normal"'),
            ("[storage.retention]\nfailed = 'no'", 'or "never"'),
            ("[workers]\nimports = 'shop'", '["shop.jobs"]'),
            ("[workers]\nimports = ['shop jobs']", '["shop.jobs"]'),
            ("[workers]\nconcurrency = 0", "a whole number from 1 to 1024"),
            ("[queues.gpu]\nmax_queued = 0", "a whole number from 1"),
            ("[queues]\n'a b' = {}", "letters, digits"),
            ("[types.x]\nqueue = 'gpu'", "[queues.gpu]"),
            ("[types.x]\nmax_attempts = 0", "a whole number from 1"),
            ("[types.x]\nbackoff = { jitter = 2 }", "a number from 0 to 1"),
            ("[types.x]\nbackoff = { first = '2s', max = '1s' }", "not below `first`"),
            ("[types.x]\non_interrupt = 'stop'", '"retry" or "fail"'),
            ("[types]\nx = 5", "a table, [types.x]"),
            ("server = []", "a table, [server]"),
        ],
    )
    def test_a_wrong_value_is_answered_with_its_line_and_what_is_allowed(
        self, written: Path, text: str, allowed: str
    ) -> None:
        error = fault(written, text)
        assert error.line == len(text.split("\n"))
        assert "is not allowed; allowed: " in error.detail
        assert allowed in error.detail

    def test_every_fault_is_told_at_once_in_the_order_of_the_file(self, written: Path) -> None:
        text = "[workers]\nconcurrency = 0\n[server]\nport = -1\nprot = 1\n"
        error = fault(written, text, {"JOBRUNNER_QUEUES__GPU__FAIR": "maybe"})
        assert (error.key, error.line) == ("workers.concurrency", 2)
        assert [line.split(": ")[:2] for line in str(error).splitlines()] == [
            [f"{written}:2", "workers.concurrency"],
            [f"{written}:4", "server.port"],
            [f"{written}:5", "server.prot"],
            ["JOBRUNNER_QUEUES__GPU__FAIR", "queues.gpu.fair"],
        ]

    def test_a_wrong_flag_is_told_as_one(self) -> None:
        with pytest.raises(ConfigError, match=r"^command line: server\.port: 70000 is not allowed"):
            load(None, environ={}, overrides={"server.port": 70000})

    def test_a_file_that_is_no_toml_is_named_with_the_line(self, written: Path) -> None:
        error = fault(written, "[server]\nport = \n")
        assert (error.line, error.source) == (2, str(written))
        assert "is not TOML" in str(error)

    def test_a_toml_file_that_ends_too_early_is_named_with_its_last_line(self, written: Path) -> None:
        assert fault(written, "[workers]\nimports = [").line == 2

    def test_a_file_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"missing\.toml: file: cannot be read: No such file"):
            load(tmp_path / "missing.toml", environ={})

    def test_a_file_that_is_not_text_is_named(self, written: Path) -> None:
        written.write_bytes(b"\xff\xfe\x00")
        with pytest.raises(ConfigError, match="not UTF-8"):
            load(written, environ={})

    def test_a_byte_order_mark_does_no_harm(self, written: Path) -> None:
        assert read(written, "\ufeff[server]\nport = 1").server.port == 1

    def test_a_long_value_of_several_lines_is_shown_short_and_on_one(self, written: Path) -> None:
        error = fault(written, f"[server]\nhost = '''a\n{'b' * 1000}'''")
        assert len(str(error).splitlines()) == 1
        assert len(error.detail) < 200


class TestLines:
    def test_each_key_has_the_line_on_which_its_statement_begins(self) -> None:
        text = "a = [\n  1, # ]\n]\n\n[b]\n# c = 0\nc.d = '''\n[x]\ny = 1\n'''\ne = { f = 1 }\n[b.g]\n[[h]]\ni = 1"
        assert key_lines(text) == {
            ("a",): 1,
            ("b",): 5,
            ("b", "c"): 7,
            ("b", "c", "d"): 7,
            ("b", "e"): 11,
            ("b", "e", "f"): 11,
            ("b", "g"): 12,
            ("h",): 13,
            ("h", "i"): 14,
        }

    @given(st.lists(st.sampled_from(["x = 1", "y = [\n1,\n]", "# z", "", '"a b" = """\n[q]\n"""']), unique=True))
    def test_each_key_of_a_file_has_one_line_and_it_holds_the_key(self, statements: list[str]) -> None:
        text = "\n".join(statements)
        lines = key_lines(text)
        assert set(lines) == set(key_paths(tomllib.loads(text)))
        assert all(key[0] in text.split("\n")[line - 1] for key, line in lines.items())


class TestUnits:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [("500ms", 0.5), ("90s", 90), ("15m", 900), ("2h", 7200), ("7d", 604800), ("0s", 0), ("1.5s", 1.5), ("1 s", 1)],
    )
    def test_a_duration_is_a_number_and_a_unit(self, text: str, seconds: float) -> None:
        assert parse_duration(text) == timedelta(seconds=seconds)

    @pytest.mark.parametrize(
        ("text", "size"),
        [("7B", 7), ("200KB", 200_000), ("10MB", 10_000_000), ("1GB", 10**9), ("1KiB", 1024), ("1.5MiB", 1_572_864)],
    )
    def test_a_size_counts_in_thousands_and_with_an_i_in_1024s(self, text: str, size: int) -> None:
        assert parse_size(text) == size

    @pytest.mark.parametrize(
        "text", ["", "s", "5", "-5s", "5S", "1h30m", "5 s s", "٣s", "1e3s", "5\ns", "NaNs", "36501d"]
    )
    def test_what_is_no_duration_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match="such as"):
            parse_duration(text)

    @given(st.text())
    def test_no_text_makes_a_unit_fail_otherwise(self, text: str) -> None:
        for parse in (parse_duration, parse_size):
            try:
                parse(text)
            except ValueError:
                continue


def uncommented(text: str) -> str:
    """Put `#key = value` in force and leave `# words` alone."""
    return re.sub(r"(?m)^#(?=[\w\[])", "", text)


def every_setting(model: type[BaseModel] = Settings, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Go through the keys of all settings; `*` stands for the name of a queue or a type."""
    for name in model.model_fields:
        key = (*above, name)
        yield key
        kind = kind_at(key)
        if get_origin(kind) is Mapping:
            key, kind = (*key, "*"), get_args(kind)[1]
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from every_setting(kind, key)


def key_of_any_name(key: tuple[str, ...]) -> tuple[str, ...]:
    """Return a key with a star for each name that somebody may choose."""
    return tuple("*" if get_origin(kind_at(key[:place])) is Mapping else part for place, part in enumerate(key))


def at(settings: Settings, key: str) -> Any:
    value: Any = settings
    for part in key.split("."):
        value = value[part] if isinstance(value, dict) else getattr(value, part)
    return value
