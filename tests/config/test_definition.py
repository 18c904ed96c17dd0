"""Types that the configuration defines: what is allowed, and that no secret is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.reading import fault, read

SERVICE = "[types.a]\nurl = 'http://127.0.0.1:8000/a'\n"


def test_stages_are_names_or_tables(written: Path) -> None:
    stages = read(written, f"{SERVICE}stages = ['one', {{ name = 'two', label = 'Two' }}]").types["a"].stages
    assert [(stage.name, stage.label) for stage in stages] == [("one", ""), ("two", "Two")]


@pytest.mark.parametrize(
    "text",
    [
        "url = 'ftp://127.0.0.1/a'",
        "url = 'http://user:word@127.0.0.1/a'",
        "url = '/a'",
        "cancel_url = 'http://127.0.0.1/a'",
        f"{SERVICE[10:]}report_timeout = '0s'",
        f"{SERVICE[10:]}stages = 'reading'",
        f"{SERVICE[10:]}uploads = ['a/b']",
        f"{SERVICE[10:]}payload = 5",
        f"{SERVICE[10:]}payload = {{ '1a' = {{}} }}",
        f"{SERVICE[10:]}payload = {{ a = {{ type = 'object' }} }}",
        f"{SERVICE[10:]}payload = {{ a = {{ type = 'integer', pattern = 'a' }} }}",
        f"{SERVICE[10:]}payload = {{ a = {{ minimum = 1 }} }}",
        f"{SERVICE[10:]}payload = {{ a = {{ items = 'integer' }} }}",
        f"{SERVICE[10:]}payload = {{ a = {{ choices = ['a', 1] }} }}",
        f"{SERVICE[10:]}payload = {{ a = {{ choices = [] }} }}",
    ],
)
def test_what_makes_no_sense_is_refused(written: Path, text: str) -> None:
    assert fault(written, f"[types.a]\n{text}").key.startswith("types.a")


@pytest.mark.parametrize("headers", ["'top secret'", "{ A = 'top secret' }", "{ A = 5 }", "{ 'a b' = 'env:T' }"])
def test_a_header_names_where_its_value_is_and_nothing_else_is_shown(written: Path, headers: str) -> None:
    error = fault(written, f"{SERVICE}headers = {headers}", {"T": "top secret"})
    assert error.key.startswith("types.a.headers")
    assert "top secret" not in str(error)


@pytest.mark.parametrize("value", ["", "two\nlines", "größe", "a" * 9_000])
def test_a_header_holds_what_can_stand_in_one(written: Path, value: str) -> None:
    error = fault(written, f"{SERVICE}headers = {{ A = 'env:T' }}", {"T": value})
    assert "cannot stand in a header" in str(error)


def test_the_value_of_a_header_is_in_no_repr(written: Path) -> None:
    settings = read(written, f"{SERVICE}headers = {{ A = 'env:T' }}", {"T": "top secret"})
    assert settings.types["a"].headers["A"].get_secret_value() == b"top secret"
    assert "top secret" not in repr(settings)


class TestPublicUrl:
    @pytest.mark.parametrize("url", ["http://10.0.0.7:8000/a", "https://analysis.example.org/a", "http://analysis/a"])
    def test_a_service_on_another_machine_needs_it(self, written: Path, url: str) -> None:
        service = f"[types.a]\nurl = '{url}'\n"
        assert fault(written, service).key == "server.public_url"
        read(written, f"{service}[server]\npublic_url = 'https://jobs.example.org/jobrunner'")

    @pytest.mark.parametrize("url", ["http://127.0.0.1/a", "http://localhost:1/a", "http://[::1]:1/a"])
    def test_one_on_this_machine_does_not(self, written: Path, url: str) -> None:
        assert read(written, f"[types.a]\nurl = '{url}'\n").server.public_url is None

    @pytest.mark.parametrize("url", ["jobs.example.org", "https://jobs.example.org/", "https://a/b?c", "https://u@a"])
    def test_it_is_what_paths_can_be_added_to(self, written: Path, url: str) -> None:
        assert fault(written, f"[server]\npublic_url = '{url}'").key == "server.public_url"
