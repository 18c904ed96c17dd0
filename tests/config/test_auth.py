"""The table `[auth]` turns rights on; what it says of tokens is checked before anything starts."""

from __future__ import annotations

import re
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from jobrunner.config import AuthSettings, Settings, load
from tests.config.reading import auth_of, fault, read

SHIPPED = Path(__file__).parents[2] / "config.toml"
EXAMPLES = ("jwt_secrets", "jwks_url", "jwks_file", "issuer", "admission_secret", "headers")


class TestPresence:
    def test_without_the_table_there_are_no_rights(self, written: Path) -> None:
        assert read(written, "").auth is None

    def test_an_empty_table_turns_rights_on(self, written: Path) -> None:
        assert read(written, "[auth]").auth == AuthSettings()

    def test_the_environment_alone_turns_rights_on(self) -> None:
        environ = {"JOBRUNNER_AUTH__AUDIENCE": "x", "JOBRUNNER_AUTH__LEEWAY": "0s", "JOBRUNNER_AUTH__DEFAULT_ALLOW": ""}
        expected = AuthSettings(audience="x", leeway=timedelta(0), default_allow=())
        assert load(None, environ=environ).auth == expected

    def test_an_unknown_setting_is_answered_with_the_nearest_known_one(self, written: Path) -> None:
        assert fault(written, "[auth]\naudienc = 'x'").detail == "is no setting; did you mean auth.audience?"

    def test_the_shipped_file_shows_the_defaults_of_the_table_that_it_leaves_out(self, written: Path) -> None:
        lines = re.sub(r"(?m)^#(?=[\w\[])", "", SHIPPED.read_text()).splitlines()
        loaded = read(written, "\n".join(line for line in lines if not line.startswith(EXAMPLES)))
        assert loaded.auth == AuthSettings()
        assert load(SHIPPED, environ={}).auth is None


class TestHost:
    @pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "LOCALHOST"])
    def test_this_machine_is_served_without_rights(self, written: Path, host: str) -> None:
        assert read(written, f"server.host = '{host}'").server.host == host

    @pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", "localhost.example.org"])
    def test_others_are_served_with_rights_or_when_it_was_meant_only(self, written: Path, host: str) -> None:
        error = fault(written, f"[server]\nhost = '{host}'")
        assert (error.key, error.line) == ("server.host", 2)
        assert "needs [auth], or --insecure" in error.detail
        assert read(written, f"[server]\nhost = '{host}'\n[auth]").server.host == host
        assert read(written, f"[server]\nhost = '{host}'\ninsecure = true").server.host == host

    def test_a_host_that_a_flag_gives_needs_the_same(self) -> None:
        with pytest.raises(Exception, match=r"^command line: server\.host: .*\[auth\], or --insecure"):
            load(None, environ={}, overrides={"server.host": "::"})


class TestKeysOfOthers:
    @pytest.mark.parametrize(
        "url",
        [
            "https://id.example.org/jwks.json",
            "https://id.example.org:8443/a/b?c=d",
            "http://127.0.0.1:9/keys",
            "http://localhost/keys",
            "http://[::1]:9/",
        ],
    )
    def test_keys_may_come_over_https_or_from_this_machine(self, written: Path, url: str) -> None:
        assert auth_of(read(written, f"auth.jwks_url = '{url}'")).jwks_url == url

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "id.example.org",
            "http://id.example.org/jwks.json",
            "http://localhost.example.org/",
            "http://127.0.0.1@example.org/",
            "https://user:word@example.org/",
            "https://example.org/#x",
            "https://",
            "https://:443/",
            "https://a b/",
            "https://example.org:99999/",
            "https://[::1/",
            "http://127.0.0.1\\\\@example.org/",
            "ftp://example.org/",
            "file:///etc/passwd",
        ],
    )
    def test_keys_that_somebody_could_change_on_the_way_are_refused(self, written: Path, url: str) -> None:
        error = fault(written, f'[auth]\njwks_url = "{url}"')
        assert (error.key, error.line) == ("auth.jwks_url", 2)
        assert 'allowed: an address that begins with "https://"' in error.detail

    def test_a_file_of_keys_lies_beside_the_configuration(self, written: Path) -> None:
        (written.parent / "jwks.json").write_text("{}")
        assert auth_of(read(written, "auth.jwks_file = 'jwks.json'")).jwks_file == written.parent / "jwks.json"

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ("'missing.json'", "missing.json cannot be read: No such file"),
            ("'.'", "cannot be read: Is a directory"),
            ("''", "is not allowed; allowed: the path of a file"),
            ("5", "is not allowed; allowed: the path of a file"),
            ('"a\\u0000b"', "is not allowed; allowed: the path of a file"),
        ],
    )
    def test_a_file_of_keys_that_cannot_be_read_is_named(self, written: Path, given: str, words: str) -> None:
        assert words in fault(written, f"[auth]\njwks_file = {given}").detail

    def test_keys_come_from_one_place_only(self, written: Path) -> None:
        (written.parent / "jwks.json").write_text("{}")
        error = fault(written, "[auth]\njwks_url = 'https://example.org/'\njwks_file = 'jwks.json'")
        assert (error.key, error.line) == ("auth.jwks_file", 3)
        assert "only one of jwks_url and jwks_file" in error.detail

    @pytest.mark.parametrize(("key", "given"), [("jwks_url", "https://example.org/"), ("jwks_file", "jwks.json")])
    def test_without_cryptography_it_is_said_how_to_install_it(
        self, written: Path, monkeypatch: pytest.MonkeyPatch, key: str, given: str
    ) -> None:
        monkeypatch.setitem(sys.modules, "cryptography", None)  # how Python says: not to be imported
        (written.parent / "jwks.json").write_text("{}")
        error = fault(written, f"[auth]\n{key} = '{given}'")
        assert (error.key, error.line) == (f"auth.{key}", 2)
        assert 'pip install "jobrunner[jwks]"' in error.detail
        assert read(written, "[auth]").auth == AuthSettings()


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("algorithms = ['HS256']", "RS256, RS384"),
        ("algorithms = ['none']", "RS256, RS384"),
        ("algorithms = ['rs256']", "RS256, RS384"),
        ("algorithms = ['RS256', 'ES256K']", "RS256, RS384"),
        ("algorithms = ['RS256\\n']".replace("'", '"'), "RS256, RS384"),
        ("algorithms = []", "at least one"),
        ("algorithms = 'RS256'", "a list"),
        ("audience = ''", "text of 1 to 1000"),
        ("audience = ['a']", "text of 1 to 1000"),
        ("issuer = ''", "text of 1 to 1000"),
        ("leeway = '301s'", 'at most "5m"'),
        ("leeway = 10", 'at most "5m"'),
        ("default_allow = ['admin']", '"submit:TYPE"'),
        ("default_allow = ['read', 'write']", '"submit:TYPE"'),
        ("default_allow = ['submit:']", '"submit:TYPE"'),
        ("default_allow = ['submit:a b']", '"submit:TYPE"'),
        ("default_allow = ['read:x']", '"submit:TYPE"'),
        ("default_allow = 'read'", "a list"),
        ("token_ttl = '0s'", "above zero"),
        ("session_ttl = 'never'", "above zero"),
    ],
)
def test_a_wrong_value_is_answered_with_its_line_and_what_is_allowed(written: Path, text: str, allowed: str) -> None:
    error = fault(written, f"[auth]\n{text}")
    assert error.line == 2
    assert "is not allowed; allowed: " in error.detail
    assert allowed in error.detail


def test_everything_that_may_be_said_of_tokens_is_read(written: Path) -> None:
    algorithms = [f"{family}{bits}" for family in ("RS", "PS", "ES") for bits in (256, 384, 512)] + ["EdDSA"]
    allow = ["read", "submit", "submit:data_story", "cancel", "retry", "upload"]
    text = f"[auth]\nalgorithms = {algorithms}\ndefault_allow = {allow}\nleeway = '5m'\naudience = 'a'\nissuer = 'b'"
    expected = AuthSettings(
        algorithms=tuple(algorithms), default_allow=tuple(allow), leeway=timedelta(minutes=5), audience="a", issuer="b"
    )
    assert read(written, text) == Settings(auth=expected)
