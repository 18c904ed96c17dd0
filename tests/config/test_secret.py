"""Secrets are only named in the configuration, found at the start, and never shown."""

from __future__ import annotations

import traceback
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretBytes, ValidationError

from jobrunner.config import AuthSettings, Settings, load
from jobrunner.errors import ConfigError
from tests.config.reading import auth_of, fault, read

CANARY = "canary-5ad1f0c6b7e94f0e8a2d-31b9c4"  # 34 bytes
TWO = f"{CANARY}-the-other"
VARIABLE = "JOBRUNNER_AUTH__JWT_SECRETS"


def held(loaded: Settings) -> list[bytes]:
    return [secret.get_secret_value() for secret in auth_of(loaded).jwt_secrets]


class TestWhere:
    def test_a_secret_comes_from_the_environment_that_is_handed_over(self, written: Path) -> None:
        assert held(read(written, "auth.jwt_secrets = ['env:A']", {"A": CANARY})) == [CANARY.encode()]

    def test_a_secret_of_a_relative_file_lies_beside_the_configuration(
        self, written: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (written.parent / "elsewhere").mkdir()
        monkeypatch.chdir(written.parent / "elsewhere")
        (written.parent / "key").write_text(CANARY)
        assert held(read(written, "auth.jwt_secrets = ['file:key']")) == [CANARY.encode()]

    def test_without_a_configuration_file_a_relative_file_lies_in_the_current_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("key").write_text(CANARY)
        assert held(load(None, environ={VARIABLE: "file:key"})) == [CANARY.encode()]

    def test_the_environment_lists_references_by_commas_or_as_json_and_wins_over_the_file(self, written: Path) -> None:
        (written.parent / "b").write_text(TWO)
        for references in (f"env:A, file:{written.parent}/b", f'["env:A", "file:{written.parent}/b"]'):
            environ = {VARIABLE: references, "A": CANARY}
            loaded = read(written, "auth.jwt_secrets = ['env:NOT_SET']", environ)
            assert held(loaded) == [CANARY.encode(), TWO.encode()]

    @pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
    def test_one_newline_at_the_end_of_a_file_is_no_part_of_the_secret(self, written: Path, end: bytes) -> None:
        (written.parent / "key").write_bytes(b"\n " + CANARY.encode() + b"\n" + end)
        expected = b"\n " + CANARY.encode() + (b"\n" if end else b"")
        assert held(read(written, "auth.jwt_secrets = ['file:key']")) == [expected]

    def test_a_secret_may_be_bytes_that_are_no_text(self, written: Path) -> None:
        (written.parent / "key").write_bytes(bytes(range(128, 160)))
        environ = {"A": bytes(range(128, 160)).decode(errors="surrogateescape")}
        both = "auth.jwt_secrets = ['file:key', 'env:A']"
        assert held(read(written, both, environ)) == [bytes(range(128, 160))] * 2

    def test_a_secret_of_32_bytes_is_long_enough(self, written: Path) -> None:
        assert held(read(written, "auth.jwt_secrets = ['env:A']", {"A": CANARY[:32]})) == [CANARY[:32].encode()]

    def test_code_may_hand_over_a_secret_itself_but_no_short_one(self) -> None:
        assert AuthSettings(jwt_secrets=(SecretBytes(CANARY.encode()),)).jwt_secrets
        with pytest.raises(ValidationError, match="shorter than 32 bytes"):
            AuthSettings(jwt_secrets=(SecretBytes(CANARY[:31].encode()),))


class TestRefused:
    @pytest.mark.parametrize(
        ("reference", "words"),
        [
            ("env:NOT_SET", "the variable NOT_SET of the environment is not set"),
            ("env:EMPTY", "the variable EMPTY of the environment is empty"),
            ("env:SHORT", "the variable SHORT of the environment is shorter than 32 bytes"),
            ("file:missing", "missing cannot be read: No such file"),
            ("file:.", "cannot be read: Is a directory"),
            ("file:empty", "empty is empty"),
            ("file:newline", "newline is empty"),
            ("file:short", "short is shorter than 32 bytes"),
            ("file:huge", "huge holds more than 65536 bytes"),
            (f"file:{'x' * 300}", "cannot be read: File name too long"),
        ],
    )
    def test_a_secret_that_is_not_there_or_too_short_is_named_by_its_place(
        self, written: Path, reference: str, words: str
    ) -> None:
        contents = {"empty": "", "newline": "\n", "short": f"{CANARY[:31]}\n", "huge": CANARY * 2000}
        for name, content in contents.items():
            (written.parent / name).write_text(content)
        error = fault(written, f"[auth]\njwt_secrets = ['{reference}']", {"EMPTY": "", "SHORT": CANARY[:31]})
        assert (error.key, error.line) == ("auth.jwt_secrets", 2)
        assert words in error.detail
        assert CANARY[:8] not in everything_said(error)

    @pytest.mark.parametrize(
        "text",
        [
            f"[auth]\njwt_secrets = ['{CANARY}']",
            f"[auth]\njwt_secrets = '{CANARY}'",
            f"[auth]\njwt_secrets = 'env:{CANARY}'",
            f"[auth]\njwt_secrets = ['env:{CANARY}']",
            f"[auth]\njwt_secrets = ['env:A', '{CANARY}']",
            f"[auth]\njwt_secrets = [['{CANARY}']]",
            f"[auth]\njwt_secrets = [{{ secret = '{CANARY}' }}]",
            f"[auth]\njwt_secrets = {{ secret = '{CANARY}' }}",
            f"[auth]\njwt_secrets = ['''file:x\n{CANARY}''']",
            f"[auth]\njwt_secret = '{CANARY}'",
            f"[auth]\naudience = ''\njwt_secrets = ['{CANARY}']",
            f"auth = '{CANARY}'",
            f"[[auth]]\njwt_secrets = ['{CANARY}']",
            f"[auth]\njwks_url = 'https://user:{CANARY}@example.org/keys'",
            f"[auth]\njwks_url = '{CANARY}'",
        ],
    )
    def test_a_secret_that_stands_in_the_file_is_refused_and_not_shown(self, written: Path, text: str) -> None:
        error = fault(written, text, {"A": TWO})
        assert error.key.startswith("auth")
        assert CANARY[:8] not in everything_said(error)

    @pytest.mark.parametrize("text", ["7315519", "[7315519]", "[[7315519]]", "7315519.5", "true", "2026-11-22"])
    def test_what_is_no_text_is_refused_and_not_shown(self, written: Path, text: str) -> None:
        error = fault(written, f"[auth]\njwt_secrets = {text}")
        assert "what is given here (not shown) is not allowed; allowed: a list" in error.detail
        assert text.strip("[]") not in everything_said(error)

    @pytest.mark.parametrize(
        "text", [CANARY, f"env:A,{CANARY}", f'["{CANARY}"]', f'["{CANARY}', f'{{"a": "{CANARY}"}}']
    )
    def test_a_secret_that_stands_in_the_environment_is_refused_and_not_shown(self, text: str) -> None:
        with pytest.raises(ConfigError) as caught:
            load(None, environ={VARIABLE: text, "A": TWO})
        assert caught.value.source == VARIABLE
        assert CANARY[:8] not in everything_said(caught.value)

    def test_the_message_says_how_to_give_a_secret(self, written: Path) -> None:
        assert '["env:NAME"]' in fault(written, f"[auth]\njwt_secrets = ['{CANARY}']").detail
        assert '["file:PATH"]' in fault(written, f"[auth]\njwt_secrets = ['{CANARY}']").detail

    def test_the_error_does_not_carry_what_was_given_along(self, written: Path) -> None:
        error = fault(written, f"[auth]\njwt_secrets = ['{CANARY}']")
        assert (error.__cause__, error.__context__) == (None, None)

    @settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.recursive(st.just(CANARY) | st.integers(), lambda inner: st.lists(inner) | st.tuples(inner)))
    def test_no_error_of_pydantic_shows_it_either(self, value: object) -> None:
        with pytest.raises(ValidationError) as caught:
            AuthSettings.model_validate({"jwt_secrets": value, "audience": "", "jwks_url": CANARY})
        assert CANARY[:8] not in str(caught.value)


def test_settings_never_show_a_secret_that_they_hold(written: Path) -> None:
    loaded = read(written, "auth.jwt_secrets = ['env:A']", {"A": CANARY})
    ways = [repr(loaded), str(loaded), loaded.model_dump_json(), str(loaded.model_dump()), repr(loaded.auth)]
    ways += [str(loaded.model_dump(mode="json")), f"{auth_of(loaded).jwt_secrets}"]
    assert not [way for way in ways if CANARY[:8] in way]


def everything_said(error: BaseException) -> str:
    return "".join(traceback.format_exception(error)) + repr(error) + repr(vars(error))
