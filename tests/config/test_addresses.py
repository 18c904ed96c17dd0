"""Whom to trust is named exactly: proxies by address or network, sites as browsers write them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobrunner.config import ServerSettings, load
from jobrunner.errors import ConfigError
from tests.config.reading import fault, read


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("10.1.0.0/16", "10.1.0.0/16"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("192.168.7.9/32", "192.168.7.9"),
        ("10.1.0.0/255.255.0.0", "10.1.0.0/16"),
        ("FD00:0:0::/8", "fd00::/8"),
        ("fc00::/7", "fc00::/7"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("::ffff:10.1.0.0/112", "10.1.0.0/16"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
    ],
)
def test_a_trusted_proxy_is_kept_in_one_spelling(written: Path, given_: str, kept: str) -> None:
    assert read(written, f"server.trusted_proxies = ['{given_}', '{kept}']").server.trusted_proxies == (kept,)


@pytest.mark.parametrize(
    "network", ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "2000::/3", "::ffff:0:0/96", "::/80"]
)
def test_a_network_so_large_that_anybody_is_a_proxy_is_refused_with_the_reason(written: Path, network: str) -> None:
    error = fault(written, f"[server]\ntrusted_proxies = ['{network}']")
    assert (error.key, error.line) == ("server.trusted_proxies", 2)
    assert "anybody could say to come from anywhere" in error.detail


@pytest.mark.parametrize(
    "text",
    [
        "['proxy.example.org']", "['*']", "['10.0.0.1/8']", "['10.0.0']", "['10.0.0.1:80']", "['']", "[' 10.0.0.1']",
        "['fe80::1%eth0']", "[167772161]", "[true]", "[['10.0.0.1']]", "'10.0.0.1'", "5", "{ a = 1 }",
    ],
)  # fmt: skip
def test_what_is_no_address_and_no_network_is_refused(written: Path, text: str) -> None:
    error = fault(written, f"[server]\ntrusted_proxies = {text}")
    assert (error.key, error.line) == ("server.trusted_proxies", 2)
    assert "allowed: a list of addresses and networks" in error.detail


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("https://app.example.org", "https://app.example.org"),
        ("HTTPS://App.Example.ORG:443", "https://app.example.org"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://localhost:80", "http://localhost"),
        ("https://localhost:80", "https://localhost:80"),
        ("http://localhost:0080", "http://localhost"),
        ("http://[0:0::1]:3000", "http://[::1]:3000"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("capacitor://localhost", "capacitor://localhost"),
    ],
)
def test_an_origin_is_kept_as_a_browser_sends_it(written: Path, given_: str, kept: str) -> None:
    assert read(written, f"server.cors_origins = ['{given_}', '{kept}']").server.cors_origins == (kept,)


def test_a_star_alone_stands_for_all_origins(written: Path) -> None:
    assert read(written, "server.cors_origins = ['*']").server.cors_origins == ("*",)
    assert load(None, environ={"JOBRUNNER_SERVER__CORS_ORIGINS": "*"}).server.cors_origins == ("*",)


@pytest.mark.parametrize(
    "text",
    [
        "['*', 'https://a.example']", "['https://a.example', '*']", "['*', '*']", "['https://*.example.org']",
        "['https://a.example/']", "['https://a.example/x']", "['https://a.example?x']", "['https://a.example#x']",
        "['https://u@a.example']", "['a.example']", "['//a.example']", "['null']", "['file://']", "['']",
        "['https://a.example:']", "['https://a.example:0']", "['https://a.example:65536']", "['https://bücher.example']",
        "['https://.']", "['https://[::1']", "['https://[1:2]']", "['https://a b']", "[5]", "'https://a.example'", "5",
    ],
)  # fmt: skip
def test_what_is_no_exact_origin_is_refused(written: Path, text: str) -> None:
    error = fault(written, f"[server]\ncors_origins = {text}")
    assert (error.key, error.line) == ("server.cors_origins", 2)
    assert 'allowed: a list of exact origins, such as ["https://app.example.org"' in error.detail


def test_the_environment_lists_them_by_commas() -> None:
    environ = {
        "JOBRUNNER_SERVER__TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8",
        "JOBRUNNER_SERVER__CORS_ORIGINS": "https://a.example,http://b.example:81",
    }
    expected = ServerSettings(
        trusted_proxies=("127.0.0.1", "10.0.0.0/8"), cors_origins=("https://a.example", "http://b.example:81")
    )
    assert load(None, environ=environ).server == expected


@given(st.sampled_from(["TRUSTED_PROXIES", "CORS_ORIGINS"]), st.text())
def test_no_text_is_answered_otherwise_than_by_an_error_of_the_configuration(name: str, text: str) -> None:
    try:
        load(None, environ={f"JOBRUNNER_SERVER__{name}": text})
    except ConfigError as error:
        assert error.key == f"server.{name.lower()}"  # noqa: PT017 - most texts are refused, not all
