"""A link opens one path, until its moment, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest

from jobrunner.access import links
from tests.clock import START

OWN = bytes(range(32))
PATH = "/api/v1/jobs/1/artifacts/story.txt"
ENDS = START + 300_000


def test_it_opens_its_path_until_its_moment() -> None:
    text = links.sign(OWN, PATH, ENDS)
    assert links.verify(OWN, PATH, text, START)
    assert links.verify(OWN, PATH, text, ENDS - 1)
    assert not links.verify(OWN, PATH, text, ENDS)


def test_it_needs_no_quoting_in_a_url() -> None:
    assert set(links.sign(OWN, PATH, ENDS)) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@pytest.mark.parametrize("path", ["", "/", PATH + "/", PATH[:-1], PATH + "x", PATH.upper(), "\ud800", PATH + "\0"])
def test_it_opens_no_other_path(path: str) -> None:
    assert not links.verify(OWN, path, links.sign(OWN, PATH, ENDS), START)


def test_another_secret_made_it_in_vain() -> None:
    assert not links.verify(OWN, PATH, links.sign(bytes(32), PATH, ENDS), START)


def test_no_character_of_it_can_be_changed() -> None:
    text = links.sign(OWN, PATH, ENDS)
    for at, character in enumerate(text):
        for other in "A9-_.":
            if other != character:
                assert not links.verify(OWN, PATH, text[:at] + other + text[at + 1 :], START)


def test_its_moment_cannot_be_moved_into_its_path_or_written_in_another_way() -> None:
    _, mac = links.sign(OWN, PATH, ENDS).split(".")
    for text in (f"0{ENDS}.{mac}", f"+{ENDS}.{mac}", f"{ENDS}0.{mac}", f" {ENDS}.{mac}", f"{ENDS}.{mac}=", f"-1.{mac}"):
        assert not links.verify(OWN, PATH, text, START)
    one = links.sign(OWN, "2:x", 1)
    assert not links.verify(OWN, ":x", f"12.{one.split('.')[1]}", 0)


def test_a_signature_by_the_bare_secret_is_no_link() -> None:
    mac = base64.urlsafe_b64encode(hmac.digest(OWN, f"{ENDS}:{PATH}".encode(), hashlib.sha256)).decode().rstrip("=")
    assert not links.verify(OWN, PATH, f"{ENDS}.{mac}", START)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "1.",
        ".x",
        "\0",
        "\ud800",
        "1" * 10**6,
        "\u0661." + "A" * 43,
        "1." + "é" * 43,
        "9" * 16 + "." + "A" * 43,
    ],
)
def test_any_other_text_opens_nothing_and_raises_nothing(text: str) -> None:
    assert not links.verify(OWN, PATH, text, START)
