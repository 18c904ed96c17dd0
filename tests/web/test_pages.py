"""The files of the pages: sent packed and only when they have changed, and nothing but what is listed."""

from __future__ import annotations

import gzip

import pytest

from jobrunner.web.chunks import CHUNKS, Chunks
from jobrunner.web.pages import slim
from tests.web.api import Api
from tests.web.people import People
from tests.web.test_modules import SOURCES


async def test_a_file_is_sent_packed_to_who_can_unpack_it(api: Api) -> None:
    plain = await api("GET", "/assets/dashboard/main.js", headers={"Accept-Encoding": "identity"})
    packed = await api("GET", "/assets/dashboard/main.js", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    unpacked = gzip.decompress(packed.content) if packed.content[:2] == b"\x1f\x8b" else packed.content
    assert unpacked == plain.content
    assert "Accept-Encoding" in packed.headers["Vary"]


async def test_a_file_that_has_not_changed_is_not_sent_again(api: Api) -> None:
    first = await api("GET", "/assets/page.css")
    again = await api("GET", "/assets/page.css", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = await api("GET", "/assets/page.css", headers={"If-None-Match": '"other"'})
    assert other.status == 200


async def test_modules_are_sent_joined_and_lead_to_where_they_are(api: Api) -> None:
    for name, text in {name: Chunks(SOURCES)[name] for name in ("jobrunner.js", "components.js", *CHUNKS)}.items():
        answer = await api("GET", f"/assets/{name}")
        assert (answer.status, answer.content.decode()) == (200, text), name
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        known = {"If-None-Match": answer.headers["ETag"]}
        assert (await api("GET", f"/assets/{name}", headers=known)).status == 304


@pytest.mark.parametrize("name", ["nothing.js", "dashboard/nothing.js", "dashboard", "%2e%2e/wire.py", "..%2fwire.py"])
async def test_what_is_not_listed_is_not_there(api: Api, name: str) -> None:
    assert (await api("GET", f"/assets/{name}")).status == 404


@pytest.mark.parametrize(
    ("path", "up"),
    [("/", "./"), ("/jobs", "./"), ("/jobs/", "../"), ("/jobs/x", "../"), ("/login", "./"), ("/login/", "../")],
)
async def test_the_document_of_every_page_finds_its_files_from_where_it_stands(api: Api, path: str, up: str) -> None:
    text = (await api("GET", path)).content.decode()
    assert f'src="{up}assets/{"login" if "login" in path else "dashboard/main"}.js"' in text


async def test_who_is_not_signed_in_is_led_back_to_the_page_that_was_wanted(people: People) -> None:
    for wanted, login in {"/": "/login", "/jobs?q=status:failed": "/login?next=/jobs?q%3Dstatus:failed"}.items():
        answer = await people({}, "GET", wanted, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (303, login)


@pytest.mark.parametrize(
    ("source", "served"),
    [
        (b"/** Words. */\n\nexport {};\n", b"export {};\n"),
        (b"const a = /** @type {any} */ (b);\n", b"const a = (b);\n"),
        (b"  /** @type {any} */ (a).b();\n  /* more */\n  c();\n", b"(a).b();\nc();\n"),
        (b"  a(); // why\n  // and so on\n  b();\n", b"a();\nb();\n"),
        (b'const a = "https://b/*c*/";\n', b'const a = "https://b/*c*/";\n'),
    ],
)
def test_a_module_is_sent_without_what_only_people_read(source: bytes, served: bytes) -> None:
    assert slim(source) == served
