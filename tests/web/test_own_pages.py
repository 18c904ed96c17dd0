"""Pages of one's own: what a page is made of is served, and nothing else that lies in the directory or around it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobrunner import Jobrunner
from jobrunner.errors import ConfigError
from jobrunner.web import pages
from jobrunner.web.own_pages import check_own_pages
from tests.config.reading import read
from tests.conftest import OpenRunner
from tests.web.api import Api
from tests.web.conftest import OpenApi, OpenPeople

SECRET = "not for others"
FILES = {
    "index.html": "<h1>All</h1>", "one/index.html": "<h1>One</h1>", "one/page.js": "run();", "two/a.css": "",
    "one/sound.wav": "RIFF....", "one/.hidden.js": SECRET, ".git/config.txt": SECRET, "one/__init__.py": SECRET,
    "one/data.db": SECRET, "one/README": SECRET,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A directory with pages, a secret beside it, and links to both."""
    folder = tmp_path / "pages"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (tmp_path / "secret.txt").write_text(SECRET)
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "up").symlink_to(tmp_path)
    (folder / "dot.js").symlink_to(folder / "one" / ".hidden.js")
    (folder / "code.js").symlink_to(folder / "one" / "__init__.py")
    (folder / "same.js").symlink_to(folder / "one" / "page.js")
    os.mkfifo(folder / "pipe.txt")
    return folder


@pytest.fixture
async def own(folder: Path, open_api: OpenApi) -> Api:
    """A server with the pages below /mine."""
    return await open_api(**{"pages./mine": str(folder)})


async def test_a_file_is_served_with_its_type_and_the_policy_of_the_dashboard(own: Api) -> None:
    for path, kind in {"index.html": "text/html", "one/page.js": "text/javascript", "two/a.css": "text/css"}.items():
        answer = await own("GET", f"/mine/{path}")
        assert (answer.status, answer.content.decode()) == (200, FILES[path])
        assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
        assert answer.headers["Content-Security-Policy"].startswith(pages.POLICY)
        for name in ("Cache-Control", "Cross-Origin-Opener-Policy"):
            assert answer.headers[name] == pages.HEADERS[name]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_directory_is_its_index_and_without_a_slash_leads_there(own: Api) -> None:
    assert (await own("GET", "/mine/")).content.decode() == FILES["index.html"]
    assert (await own("GET", "/mine/one/")).content.decode() == FILES["one/index.html"]
    for path, place in {"/mine": "/mine/", "/mine/one": "/mine/one/", "/mine/one?job=1": "/mine/one/?job=1"}.items():
        answer = await own("GET", path, allow_redirects=False)
        assert (answer.status, answer.headers["Location"]) == (307, place)


@pytest.mark.parametrize(
    "path",
    [
        "two", "two/", "up", "up/", "up/secret.txt", "out.txt", "dot.js", "code.js", "pipe.txt", "nothing.js",
        "one/.hidden.js", ".git/config.txt", "one/__init__.py", "one/data.db", "one/README", "one/page.js/",
        "one//page.js", "../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "one/%2e%2e/%2e%2e/secret.txt",
        "..%5csecret.txt", "/secret.txt", "%2fetc%2fhosts.txt", "a%00.js", "%ff.js", f"{'x' * 300}.js",
        "%252e%252e/secret.txt",
    ],
)  # fmt: skip
async def test_nothing_else_is_there(own: Api, path: str) -> None:
    answer = await own("GET", f"/mine/{path}", allow_redirects=False)
    assert (answer.status, answer.json["code"]) == (404, "unknown-route")
    assert SECRET.encode() not in answer.content


async def test_a_link_that_stays_inside_is_followed(own: Api) -> None:
    assert (await own("GET", "/mine/same.js")).content.decode() == FILES["one/page.js"]


async def test_the_directory_itself_may_be_named_by_a_link(folder: Path, tmp_path: Path, open_api: OpenApi) -> None:
    (tmp_path / "latest").symlink_to(folder)
    api = await open_api(**{"pages./mine": str(tmp_path / "latest")})
    assert (await api("GET", "/mine/one/page.js")).status == 200
    assert (await api("GET", "/mine/up/secret.txt")).status == 404


async def test_a_file_that_has_not_changed_is_not_sent_again_and_a_changed_one_is(own: Api, folder: Path) -> None:
    first = await own("GET", "/mine/one/page.js")
    again = await own("GET", "/mine/one/page.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.content) == (304, b"")
    (folder / "one" / "page.js").write_text("run_faster();")
    changed = await own("GET", "/mine/one/page.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (changed.status, changed.content) == (200, b"run_faster();")


async def test_a_sound_is_sent_in_the_ranges_that_a_player_asks_for(own: Api) -> None:
    answer = await own("GET", "/mine/one/sound.wav", headers={"Range": "bytes=4-"})
    assert (answer.status, answer.content, answer.headers["Content-Type"]) == (206, b"....", "audio/wav")
    beyond = await own("GET", "/mine/one/sound.wav", headers={"Range": "bytes=99-"})
    assert (beyond.status, beyond.json["code"]) == (416, "bad-range")


async def test_head_is_answered_and_nothing_can_be_written(own: Api) -> None:
    head = await own("HEAD", "/mine/one/page.js")
    assert (head.status, head.content, head.headers["Content-Length"]) == (200, b"", "6")
    for method in ("POST", "PUT", "DELETE"):
        assert (await own(method, "/mine/one/page.js")).status == 405


async def test_pages_lie_below_the_base_path(folder: Path, open_api: OpenApi) -> None:
    api = await open_api(**{"pages./mine": str(folder), "server.base_path": "/base"})
    assert (await api("GET", "/base/mine/one/page.js")).status == 200
    assert (await api("GET", "/mine/one/page.js")).status == 404
    answer = await api("GET", "/base/mine", allow_redirects=False)
    assert answer.headers["Location"] == "/base/mine/"


async def test_pages_inside_pages_win(folder: Path, tmp_path: Path, open_api: OpenApi) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.txt").write_text("inner")
    api = await open_api(**{"pages./mine": str(folder), "pages./mine/one": str(tmp_path / "inner")})
    assert (await api("GET", "/mine/one/a.txt")).content == b"inner"
    assert (await api("GET", "/mine/two/a.css")).status == 200
    assert (await api("GET", "/mine/one/page.js")).status == 404


async def test_with_rights_pages_are_everybodys_and_jobs_are_not(folder: Path, open_people: OpenPeople) -> None:
    people = await open_people(**{"pages./mine": str(folder)})
    assert (await people({}, "GET", "/mine/")).status == 200
    assert (await people({}, "GET", "/api/v1/jobs")).status == 401


@pytest.mark.parametrize("mount", ["/api", "/api/v1/mine", "/assets/mine", "/jobs", "/login", "/new/x", "/livez"])
async def test_pages_at_an_address_of_the_server_are_refused_before_it_starts(
    folder: Path, open_runner: OpenRunner, mount: str
) -> None:
    runner: Jobrunner = await open_runner(**{f"pages.{mount}": str(folder)})
    with pytest.raises(ConfigError, match="these are taken: /api, /assets, /jobs") as caught:
        check_own_pages(runner.settings)
    assert caught.value.key == f'pages."{mount}"'


def test_a_package_is_named_like_a_module_and_a_directory_from_where_the_file_is(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    text = "[pages]\n'/examples' = 'package:jobrunner.examples'\n'/mine' = 'mine'\n"
    settings = read(tmp_path / "config.toml", text)
    assert settings.pages["/mine"] == (tmp_path / "mine").resolve()
    assert (settings.pages["/examples"] / "__init__.py").is_file()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("'mine' = '.'", 'a path such as "/examples"'),
        ("'/' = '.'", 'a path such as "/examples"'),
        ("'/mine/' = '.'", 'a path such as "/examples"'),
        ("'/../x' = '.'", 'a path such as "/examples"'),
        ("'/{x}' = '.'", 'a path such as "/examples"'),
        ("'/mine' = 5", "the path of a directory, or"),
        ("'/mine' = ''", "the path of a directory, or"),
        ("'/mine' = 'missing'", "there is no directory"),
        ("'/mine' = 'config.toml'", "there is no directory"),
        ("'/mine' = 'package:jobrunner.nothing'", "there is no package jobrunner.nothing"),
        ("'/mine' = 'package:nothing.at.all'", "the package nothing.at.all cannot be imported"),
        ("'/mine' = 'package:jobrunner.version'", "there is no package jobrunner.version"),
        ("'/mine' = 'package:../x'", "the path of a directory, or"),
    ],
)
def test_what_is_no_directory_with_pages_is_named_with_its_line(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path / "config.toml", f"[pages]\n{line}\n")
    assert caught.value.line == 2
    assert words in caught.value.detail
