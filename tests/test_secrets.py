"""Canaries: secrets are sent to every place of a real server that can be thought of, and then searched for everywhere.

What is sent as a credential may be nowhere but in the answer that hands it out; what is content may be in the database
and in answers, never in the log.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import resource
import shutil
import signal
import socket
import sqlite3
import time
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import jwt
import pytest

from jobrunner.storage.secret import own_secret
from tests.cli.program import at, offline_key, run
from tests.process import ServerProcess

HANDLERS = """
import asyncio, logging, os, sys, threading, warnings
import structlog
from jobrunner import Context, job, logs
from jobrunner.storage.reader import Reader

logs.configure(level=os.environ["LEVEL"])
log = structlog.get_logger("leaky")

async def counts(self, *args, **kwargs):
    hidden = os.environ["SECOND"]
    raise RuntimeError("the counts are broken")

Reader.counts = counts

@job("echo", uploads=[])
async def echo(context: Context, payload: object) -> object:
    return payload

@job("filed", uploads=["file"])
async def filed(context: Context, payload: object) -> None:
    await context.artifact("out.txt", b"out")

@job("breaking", max_attempts=1)
async def breaking(context: Context, payload: dict) -> None:
    password = payload["password"]
    raise KeyError("a key is missing")

@job("breaking_thread", max_attempts=1)
def breaking_thread(context, payload: dict) -> None:
    password = payload["password"]
    raise ValueError(payload["credential"])

@job("talking", max_attempts=1)
async def talking(context: Context, payload: dict) -> None:
    log.info("shop.asked", payload=payload, headers={"Authorization": payload["password"]}, url=payload["credential"])
    log.debug("shop.asked", password=payload["password"], session={"cookie": payload["password"]})
    logging.getLogger("shop").warning("asked with %s", payload["credential"])
    logging.getLogger("shop").debug("asked with %s", payload["credential"])
    warnings.warn(payload["credential"])
    asyncio.get_running_loop().call_soon(broken, payload["credential"])
    lost = asyncio.create_task(lose(payload["credential"]))
    await asyncio.wait([lost])
    thread = threading.Thread(target=broken, args=[payload["credential"]])
    thread.start()
    await asyncio.to_thread(thread.join)
    Falling().credential = payload["credential"]

def broken(credential):
    raise ConnectionError(credential)

async def lose(credential):
    raise ConnectionError(credential)

class Falling:
    def __del__(self):
        raise ConnectionError(self.credential)
"""


@dataclass(frozen=True)
class Canary:
    """A text that may be in no place but those that are named."""

    text: str
    may_be_in: frozenset[str] = frozenset()

    @property
    def traces(self) -> set[bytes]:
        """Return how it may look, whole or cut off, as it is or encoded."""
        whole = self.text.encode(errors="surrogateescape")
        secret = whole[-43:]  # 32 bytes as base64url: of a key, a cookie, a link, and the signature of a token
        pieces = {secret, secret[:20], secret[-20:]}
        return pieces | {base64.b64encode(whole), whole.hex().encode(), quote(secret).encode(), repr(secret).encode()}


@dataclass
class Evidence:
    """What a server has left everywhere, and the canaries that it was given."""

    data: Path
    canaries: dict[str, Canary] = field(default_factory=dict)
    answers: list[tuple[bytes, str]] = field(default_factory=list)  # with the name of the canary that it hands out
    statuses: set[int] = field(default_factory=set)
    log: str = ""
    command: bytes = b""

    def plant(self, name: str, text: str, *may_be_in: str) -> str:
        self.canaries[name] = Canary(text, frozenset(may_be_in))
        return text

    def found_in(self, place: str, content: bytes, *, handed_out: str = "") -> list[str]:
        """Return the names of the canaries that are where they must not be."""
        looked_for = {name: each for name, each in self.canaries.items() if place not in each.may_be_in}
        return [
            name
            for name, each in looked_for.items()
            if name != handed_out and any(trace in content for trace in each.traces)
        ]

    def found_in_answers(self) -> list[tuple[str, str]]:
        return [
            (name, answer.partition(b"\r\n")[0].decode())
            for answer, handed_out in self.answers
            for name in self.found_in("answers", answer, handed_out=handed_out)
        ]

    def found_in_files(self, data: Path) -> list[tuple[str, str]]:
        """Search the database with its log, the marker, the lock: all but the secret itself and files of jobs."""
        kept = [file for file in data.iterdir() if file.is_file() and file.name != "secret"]
        assert {"jobs.db", "lock"} <= {file.name for file in kept}
        return [(name, file.name) for file in kept for name in self.found_in("database", file.read_bytes())]


class Intruder:
    """Sends what it is told over HTTP and keeps all that comes back."""

    def __init__(self, server: ServerProcess, evidence: Evidence) -> None:
        self.server, self.evidence = server, evidence
        self.place = urlsplit(server.url)

    def __call__(
        self, method: str, path: str, body: Any = None, *, hands_out: str = "", **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        """Ask; headers are written with underscores."""
        connection = HTTPConnection(self.place.hostname or "", self.place.port, timeout=30)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body, sent = json.dumps(body).encode(), {"Content-Type": "application/json", **sent}
        connection.request(method, path if path.startswith("/") else f"/api/v1/{path}", body, sent)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        line = f"{method} {path[:15]} {answer.status}\r\n".encode()
        self.evidence.answers.append((line + str(answer.headers).encode() + content, hands_out))
        self.evidence.statuses.add(answer.status)
        return answer, content

    def raw(self, sent: bytes) -> None:
        """Send bytes that need not be HTTP."""
        with socket.create_connection((self.place.hostname, self.place.port), timeout=30) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            content = b""
            while chunk := connection.recv(65_536):
                content += chunk
        self.evidence.answers.append((content, ""))

    def ended(self, path: str, authorization: str, body: Any) -> str:
        """Submit a job, wait until it has ended, and return its id."""
        _answer, content = self("POST", path, body, Authorization=authorization, Prefer="wait=30")
        return str(json.loads(content)["job_id"])


def canary(name: str) -> str:
    """Return a text that is nowhere else."""
    return f"canary-{hashlib.sha256(name.encode()).hexdigest()}"


def signed(secret: str, **claims: object) -> str:
    return jwt.encode({"sub": "anna", "aud": "jobrunner", "exp": time.time() + 600, **claims}, secret, "HS256")


@pytest.fixture(scope="module", params=["info", "debug"])
def evidence(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """What is left when everything was tried on a server, at a level of its log."""
    directory = tmp_path_factory.mktemp("canaries")
    found = Evidence(directory / "data")
    (directory / "leaky.py").write_text(HANDLERS)
    first = found.plant("jwt secret of a file", canary("first"))
    second = found.plant("jwt secret of the environment", canary("second"))
    (directory / "jwt.secret").write_text(first)
    admin = found.plant("operator's key", offline_key(found.data, "admin"))
    own = own_secret(found.data)
    found.plant("own secret", own.decode(errors="surrogateescape"))
    found.plant("own secret in base64url", base64.urlsafe_b64encode(own).decode().rstrip("="))
    server = ServerProcess(
        found.data, "leaky", path=directory, LEVEL=request.param, SECOND=second,
        JOBRUNNER_AUTH__JWT_SECRETS=json.dumps([f"file:{directory / 'jwt.secret'}", "env:SECOND"]),
        JOBRUNNER_LIMITS__USERS=json.dumps({"greedy": {"submissions_per_minute": 1}}),
    )  # fmt: skip
    server.start()
    try:
        try_everything(server, found, admin, second)
    finally:
        server.kill()
    found.log = "\n".join(server.lines)
    return found


def try_everything(server: ServerProcess, found: Evidence, admin: str, secret: str) -> None:
    ask = Intruder(server, found)
    assert server.process is not None
    found.command = Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
    application = handed_out_credentials(ask, admin)
    wrong_credentials(ask, secret)
    content_of_all_kinds(ask, application, admin)
    every_refusal(ask, admin, secret)
    sick_disk(ask, server, admin)
    ask("GET", "session", Authorization=f"Bearer {admin}")
    ask("DELETE", f"keys/{application.split('_')[1]}", Authorization=f"Bearer {admin}")
    server.signal(signal.SIGTERM)
    assert server.wait() == 0


def handed_out_credentials(ask: Intruder, admin: str) -> str:
    """Get all that a server hands out: a key, tokens, a cookie, a link. Return the application's key."""
    plant, operator = ask.evidence.plant, f"Bearer {admin}"
    _, content = ask(
        "POST", "keys", {"name": "shop", "scopes": ["submit", "read"]}, Authorization=operator,
        hands_out="application's key",
    )  # fmt: skip
    application = plant("application's key", json.loads(content)["key"])
    answer, content = ask(
        "POST", "jobs", {"type": "filed", "user_id": "anna", "uploads": ["file"]},
        Authorization=f"Bearer {application}", hands_out="token of a job",
    )  # fmt: skip
    plant("token of a job", str(answer.headers["Jobrunner-Token"]))
    job = f"jobs/{json.loads(content)['job_id']}"
    ask("PUT", f"{job}/uploads/file", b"content", Authorization=operator)
    ask("GET", job, Authorization=operator, Prefer="wait=30")
    _, content = ask("POST", f"{job}/artifacts/out.txt/link", Authorization=operator, hands_out="link")
    url = json.loads(content)["url"]
    plant("link", url.rpartition("=")[2])
    ask("GET", url)
    ask("GET", f"{url}x")
    ask("GET", url.replace("out.txt", "other.txt"))
    ask("GET", url.replace("/artifacts/out.txt", ""))
    wish = {"user_id": "anna", "allow": ["read"]}
    _, content = ask("POST", "tokens", wish, Authorization=f"Bearer {application}", hands_out="issued token")
    ask("GET", "jobs", Authorization=f"Bearer {plant('issued token', json.loads(content)['token'])}")
    cookie = signed_in(ask, admin)
    ask("GET", "sessions", Cookie=f"jobrunner_session={cookie}")
    ask("POST", "jobs", {"type": "echo"}, Cookie=f"jobrunner_session={cookie}")
    ask("POST", "jobs", {"type": "echo"}, Cookie=f"jobrunner_session={cookie}", X_Requested_With="jobrunner")
    ask("GET", "keys", Authorization=operator)
    ask("DELETE", "session", Cookie=f"jobrunner_session={cookie}", X_Requested_With="jobrunner")
    ask("GET", "sessions", Cookie=f"jobrunner_session={cookie}")
    return application


def signed_in(ask: Intruder, admin: str) -> str:
    answer, _ = ask("POST", "session", {"key": admin}, hands_out="cookie")
    return ask.evidence.plant("cookie", str(answer.headers["Set-Cookie"]).partition("=")[2].partition(";")[0])


def wrong_credentials(ask: Intruder, secret: str) -> None:
    """Send what opens nothing, in every place where a credential might be sent, rightly or not."""
    plant = ask.evidence.plant
    tail = "canaryCANARYcanaryCANARYcanaryCANARY1234567"
    tokens = {
        "valid token": signed(secret, jti="valid"),
        "expired token": signed(secret, exp=1),
        "foreign token": signed(secret, aud="others"),
        "unsigned token": signed("a secret that nobody knows, 32 bytes"),
        "wrong key": f"jr_abcdefgh_{tail}",
        "no key": f"jr_{canary('no key')}",
        "garbage": canary("garbage"),
        "key of a foreign form": f"sk-live-{canary('foreign')}",
    }
    for name, text in tokens.items():
        plant(name, text)
        for scheme in ("Bearer", "bearer ", "Basic", "Token", "Negotiate"):
            ask("GET", "jobs", Authorization=f"{scheme} {text}")
        for header in ("X-Api-Key", "X-Auth-Token", "Proxy-Authorization", "Jobrunner-Token", "Last-Event-ID"):
            ask("GET", "events", **{header: text, "Accept": "application/json"})
        ask("GET", "jobs", Cookie=f"jobrunner_session={text}; other={text}")
        ask("POST", "session", {"key": text})
        ask("POST", "session", {"token": text, "key": 1})
        ask("GET", f"jobs?token={text}&access_token={text}")
        ask("GET", f"jobs/{text}", Authorization=f"Bearer {text}")
        ask("GET", f"/elsewhere/{text}")
        ask("GET", f"/assets/{text}.js")
        ask("GET", f"jobs/0198a000-0000-7000-8000-000000000001/artifacts/{text}?link={text}")
        ask("GET", "jobs", Prefer=f"wait={text}", traceparent=text, Authorization=f"Basic {text}")
        ask("OPTIONS", "jobs", Origin=f"https://{text}.example.org", Access_Control_Request_Method=text)
        ask.raw(f"GET /{text} HTTP/9.9\r\nAuthorization: Bearer {text}\r\nbad header {text}\r\n\r\n".encode())
        ask.raw(b"\xff\x00" + text.encode() + b"\x00\r\n\r\n")
        ask.raw(f"POST /api/v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: {text}\r\n\r\n".encode())


def content_of_all_kinds(ask: Intruder, application: str, admin: str) -> None:
    """Send secrets as content, which is kept and shown to whom it belongs, but never logged."""
    plant, operator = ask.evidence.plant, f"Bearer {admin}"
    credential = plant(
        "credential as content", "jr_hgfedcba_contentCONTENTcontentCONTENTcontentCONTENT1", "answers", "database"
    )
    password = plant("password as content", canary("password"), "answers", "database")
    payload = {"password": password, "credential": credential, "api_key": password, "nested": [{"token": credential}]}
    for type_ in ("echo", "breaking", "breaking_thread", "talking"):
        ask.ended("jobs", operator, {"type": type_, "payload": payload, "metadata": payload, "title": credential})
    key = plant("credential as an Idempotency-Key", signed(canary("idempotency")), "database")
    for body in ({"type": "echo"}, {"type": "echo"}, {"type": "talking"}):
        ask("POST", "jobs", body, Authorization=f"Bearer {application}", Idempotency_Key=f'"{key}"')
    ask("POST", "jobs", {"type": "echo"}, Authorization=operator, Idempotency_Key=key)
    name = plant("file name", canary("file"), "answers", "database")
    _, content = ask("POST", "jobs", {"type": "filed", "uploads": ["file"]}, Authorization=operator)
    upload = f"jobs/{json.loads(content)['job_id']}/uploads"
    disposition = f'attachment; filename="{name}"'
    ask("PUT", f"{upload}/{name}", b"content", Authorization=operator)
    ask("PUT", f"{upload}/file", b"content", Authorization=operator, Content_Disposition=disposition)
    ask("GET", f"{upload}/file", Authorization=operator)
    ask("GET", f"jobs?q={password}&user_id={password}&tag={password}", Authorization=operator)
    for document in ({"type": password}, {"type": "echo", password: password}, {"type": "echo", "priority": password}):
        ask("POST", "jobs", document, Authorization=operator)
    ask("POST", "jobs", f'{{"type": "{password}", "type": "{password}"'.encode(), Authorization=operator)
    ask("POST", "jobs/bulk", {"jobs": [{"type": password}, {"type": "echo"}]}, Authorization=operator)
    ask("POST", "keys", {"name": "a", "scopes": [password]}, Authorization=operator)


def every_refusal(ask: Intruder, admin: str, secret: str) -> None:
    """Provoke an error of each kind, by somebody with good credentials."""
    operator = f"Bearer {admin}"
    reader = f"Bearer {ask.evidence.plant('token of a reader', signed(secret, allow=['read']))}"
    greedy = signed(secret, sub="greedy", allow=["submit"])
    ask.evidence.plant("token of a greedy one", greedy)
    _, content = ask("POST", "jobs", {"type": "echo", "delay": 3_600}, Authorization=operator)
    job = json.loads(content)["job_id"]
    ask("POST", "jobs", b"{", Authorization=operator, Content_Type="application/json")
    ask("POST", "jobs", {"type": "echo"}, Authorization=reader)
    ask("GET", f"jobs/{job}", Authorization=reader)
    ask("PATCH", "jobs", Authorization=operator)
    ask("POST", f"jobs/{job}/retry", Authorization=operator)
    ask("POST", "jobs", b'"' + b"x" * 2_000_000 + b'"', Authorization=operator, Content_Type="application/json")
    ask("POST", "jobs", b"x", Authorization=operator, Content_Type="text/plain")
    for _ in range(2):
        ask("POST", "jobs", {"type": "echo"}, Authorization=f"Bearer {greedy}")
    ask("GET", "jobs/stats/counts", Authorization=operator)
    ask("GET", "/", Authorization="Basic eA==")
    ask("GET", "/login")


def sick_disk(ask: Intruder, server: ServerProcess, admin: str) -> None:
    """Let the disk take nothing for a while."""
    assert server.process is not None
    before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    ask("POST", "jobs", {"type": "echo"}, Authorization=f"Bearer {admin}")
    ask("POST", "keys", {"name": "a", "scopes": ["read"]}, Authorization=f"Bearer {admin}")
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)
    deadline = time.monotonic() + 30
    while ask("POST", "jobs", {"type": "echo"}, Authorization=f"Bearer {admin}")[0].status == 503:
        assert time.monotonic() < deadline
        time.sleep(0.05)  # a disk tells nobody that it is well again


def test_errors_of_every_kind_were_provoked(evidence: Evidence) -> None:
    assert evidence.statuses >= {200, 201, 202, 400, 401, 403, 404, 405, 409, 413, 415, 422, 429, 500, 503}
    for event in ("request.broke", "credentials.refused", "key.created", "session.opened", "storage.fell_ill"):
        assert f'"event": "{event}"' in evidence.log, event
    assert "ConnectionError" in evidence.log


def test_the_log_holds_no_secret(evidence: Evidence) -> None:
    assert evidence.found_in("log", evidence.log.encode()) == []


def test_no_answer_holds_a_secret_but_the_one_that_hands_it_out(evidence: Evidence) -> None:
    assert len(evidence.answers) > 200
    assert evidence.found_in_answers() == []


def test_the_data_directory_holds_no_credential_in_clear(evidence: Evidence) -> None:
    assert evidence.found_in_files(evidence.data) == []


def test_the_arguments_of_the_process_hold_no_secret(evidence: Evidence) -> None:
    assert b"serve" in evidence.command
    assert evidence.found_in("command", evidence.command) == []


@pytest.mark.parametrize(
    "name", ["operator's key", "cookie", "link", "valid token", "own secret", "password as content"]
)
def test_the_search_finds_what_is_planted_on_purpose(evidence: Evidence, tmp_path: Path, name: str) -> None:
    canary = evidence.canaries[name].text.encode(errors="surrogateescape")
    for trace in (canary, canary[-43:-10], base64.b64encode(canary), canary.hex().encode(), repr(canary).encode()):
        assert name in evidence.found_in("log", evidence.log.encode() + trace + b" and more")
    copy = replace(evidence, answers=[*evidence.answers, (b"HTTP/1.1 200 OK\r\n\r\n" + canary, "")])
    assert bool(copy.found_in_answers()) == ("answers" not in evidence.canaries[name].may_be_in)
    shutil.copytree(evidence.data, tmp_path / "data")
    with contextlib.closing(sqlite3.connect(tmp_path / "data" / "jobs.db")) as database:
        database.execute("CREATE TABLE planted (text)")
        database.execute("INSERT INTO planted VALUES (?)", (canary,))
        database.commit()
    planted = {found for found, _file in evidence.found_in_files(tmp_path / "data")}
    assert planted == ({name} - {each for each in [name] if "database" in evidence.canaries[each].may_be_in})


BAD = {
    "a literal secret": '[auth]\njwt_secrets = ["{}"]',
    "no list": '[auth]\njwt_secrets = "{}"',
    "another scheme": '[auth]\njwt_secrets = ["vault:{}"]',
    "a wrong name": '[auth]\njwt_secret = "{}"',
    "in a table": '[auth]\njwt_secrets = {{ first = "{}" }}',
    "a password in an address": '[auth]\njwks_url = "https://user:{}@provider.example.org/keys"',
    "not encrypted": '[auth]\njwks_url = "http://provider.example.org/{}"',
}


@pytest.mark.parametrize("command", ["check", "serve"])
@pytest.mark.parametrize("written", BAD.values(), ids=BAD)
def test_a_configuration_that_holds_a_secret_is_refused_without_showing_it(
    tmp_path: Path, written: str, command: str
) -> None:
    secret = canary("literal")
    (tmp_path / "config.toml").write_text(written.format(secret))
    code, out, err = run(None, command, "--config", str(tmp_path / "config.toml"), "--data-dir", str(tmp_path / "data"))
    assert code == 2
    assert "auth" in err
    assert secret[:20] not in out + err


@pytest.mark.slow
def test_commands_show_a_key_once_and_no_other_secret(tmp_path: Path) -> None:
    secret = canary("environment")
    secured = {"JOBRUNNER_AUTH__JWT_SECRETS": "env:SECRET", "SECRET": secret}
    code, key, said = at(tmp_path, "key", "create", "shop", "--scope", "read", **secured)
    assert (code, key.strip() in said) == (0, False)
    shown = [at(tmp_path, *argv, **secured) for argv in (["key", "list"], ["key", "list", "--json"], ["check"])]
    shown.append(at(tmp_path, "key", "revoke", key.split("_")[1], **secured))
    assert [code for code, _out, _err in shown] == [0] * 4
    assert not any(part in out + err for _code, out, err in shown for part in (secret, key.strip()[-43:]))


def test_wrong_credentials_are_counted_in_the_log_and_keep_nobody_out(tmp_path: Path) -> None:
    good = offline_key(tmp_path / "data", "admin")
    server = ServerProcess(tmp_path / "data", JOBRUNNER_AUTH__AUDIENCE="jobrunner")
    server.start()
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    wrong = [f"jr_abcdefgh_{'x' * 43}", canary("garbage"), signed(canary("other")), signed(canary("other"), exp=1)]

    def asked(credential: str) -> int:
        connection.request("GET", "/api/v1/session", headers={"Authorization": f"Bearer {credential}"})
        answer = connection.getresponse()
        answer.read()
        return answer.status

    began, before = time.monotonic(), len(server.lines)
    try:
        for number in range(1_000):
            assert asked(wrong[number % 4]) == 401
            assert number % 10 or asked(good) == 200
    finally:
        connection.close()
        server.stop()
    refusals = server.events("credentials.refused")
    assert 1 <= len(refusals) <= 1 + (time.monotonic() - began) / 10
    assert len(server.lines) - before <= len(refusals) + 1  # and that it was stopped
