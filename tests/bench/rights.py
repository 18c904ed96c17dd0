"""What rights cost: `python -m tests.bench.rights submissions|wrong`. It asserts nothing.

Needs wrk. All servers are up during the whole run and are asked in turns, in another order in each round: what a noisy
machine does to one it does to all of them, so their ratios say more than their figures. Beside requests a second there
is the processor time that the server needed for each request, which another program on the machine hardly changes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from tests.process import ServerProcess

SECRET = "a secret of the application, 32 bytes or more"
USERS = tuple(f"user-{n}" for n in range(200))
ONE = json.dumps({"type": "noop"})
SCRIPT = """
wrk.method = os.getenv("METHOD")
wrk.headers["Content-Type"] = "application/json"
local requests = {}
for line in io.lines(os.getenv("ASKED")) do
  local credential, body = line:match("^([^\\t]*)\\t(.*)$")
  requests[#requests + 1] = {credential ~= "" and "Bearer " .. credential or nil, body}
end
local n = 0
request = function()
  n = n % #requests + 1
  wrk.headers["Authorization"] = requests[n][1]
  return wrk.format(nil, nil, nil, requests[n][2])
end
done = function(summary, latency, requests)
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    summary.errors.status, latency:percentile(50), latency:percentile(99)))
end
"""
OK, UNAUTHORIZED = 200, 401
PER_HOUR = 1_000_000
TICK_S = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Load:
    """What wrk has seen in one go."""

    requests: int
    seconds: float
    refused: int
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


@dataclass(frozen=True)
class Variant:
    """A server, and what is sent to it in turn."""

    server: ServerProcess
    credentials: tuple[str, ...] = ("",)
    bodies: tuple[str, ...] = (ONE,)

    @property
    def asked(self) -> str:
        turns = max(len(self.credentials), len(self.bodies))
        pairs = zip(cycle(self.credentials), cycle(self.bodies), strict=False)
        return "".join(f"{credential}\t{body}\n" for credential, body in islice(pairs, turns))


def load(variant: Variant, seconds: int, *, method: str = "POST", path: str = "jobs", clients: int = 32) -> Load:
    """Ask as fast as answers come."""
    with tempfile.TemporaryDirectory() as directory:
        script, asked = Path(directory, "ask.lua"), Path(directory, "asked")
        script.write_text(SCRIPT)
        asked.write_text(variant.asked)
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "-s", str(script)]
        done = subprocess.run(
            [*command, f"{variant.server.url}/api/v1/{path}"],
            env={**os.environ, "METHOD": method, "ASKED": str(asked)},
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", done.stdout)
    assert found, done.stdout + done.stderr
    requests, took, refused, p50, p99 = map(int, found.groups())
    return Load(requests, took / 1e6, refused, p50 / 1e3, p99 / 1e3)


def processor_s(server: ServerProcess) -> float:
    """Return how much processor time a server has used."""
    assert server.process is not None
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


@contextmanager
def served(*, auth: bool, code: Path | None = None, **more: str) -> Iterator[ServerProcess]:
    """Serve the no-op, with rights or without, by the code of this checkout or of another one."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as directory:
        settings = {"JOBRUNNER_QUEUES__DEFAULT__MAX_QUEUED": "10000000", **more}
        if auth:
            settings |= {"JOBRUNNER_AUTH__JWT_SECRETS": '["env:THEIRS"]', "THEIRS": SECRET}
        server = ServerProcess(
            Path(directory), "tests.bench.handlers", path=code, PYTHONSAFEPATH="1" if code else "", **settings
        )
        server.start()
        try:
            yield server
        finally:
            server.stop()


def key_of(server: ServerProcess, *scopes: str) -> str:
    """Stop a server, make a key where its data is, and start it again."""
    server.stop()
    command = [sys.executable, "-m", "jobrunner", "key", "create", "bench", "--data-dir", str(server.data_dir)]
    given = [word for scope in scopes for word in ("--scope", scope)]
    environment = {**os.environ, "JOBRUNNER_CONFIG": os.devnull}
    done = subprocess.run([*command, *given], capture_output=True, text=True, check=True, env=environment)
    server.start()
    return done.stdout.strip()


def signed(**claims: object) -> str:
    """Return a user's token as an application signs it."""
    told = {"sub": "anna", "aud": "jobrunner", "exp": time.time() + 86_400, "allow": ["read", "submit"], **claims}
    return jwt.encode(told, SECRET, "HS256")


def body_for(user_id: str) -> str:
    """Return what an application submits for a user."""
    return json.dumps({"type": "noop", "user_id": user_id})


def compare(variants: Mapping[str, Variant], rounds: int, seconds: int) -> None:
    """Measure single submissions of all variants in turns; the first one is what the others are compared with."""
    rates: dict[str, list[float]] = {name: [] for name in variants}
    costs: dict[str, list[float]] = {name: [] for name in variants}
    names = list(variants)
    for each in variants.values():
        load(each, 1)
    for number in range(rounds):
        shift = number % len(names)
        for name in names[shift:] + names[:shift]:
            before = processor_s(variants[name].server)
            seen = load(variants[name], seconds)
            assert not seen.refused, f"{name}: {seen}"
            rates[name].append(seen.rate)
            costs[name].append((processor_s(variants[name].server) - before) / seen.requests * 1e6)
    print(f"single durable submissions, 32 clients, {rounds} rounds of {seconds} s each, medians:")
    first = names[0]
    for name in names:
        ratio = median(a / b for a, b in zip(rates[name], rates[first], strict=True))
        cost = median(a / b for a, b in zip(costs[name], costs[first], strict=True))
        print(
            f"{name:28} {median(rates[name]):6.0f}/s ({ratio - 1:+.1%}; {min(rates[name]):.0f} to "
            f"{max(rates[name]):.0f})   {median(costs[name]):5.0f} us of processor each ({cost - 1:+.1%})"
        )


def submissions(rounds: int, seconds: int, before: Path | None) -> None:
    """Compare single submissions with no rights, a key and tokens."""
    with served(auth=False) as open_, served(auth=True) as secured:
        keys = {name: key_of(secured, *scopes) for name, scopes in (("all", ["admin"]), ("some", ["submit", "read"]))}
        variants = {
            "no [auth]": Variant(open_),
            "no [auth], again": Variant(open_),
            "operator's key": Variant(secured, (keys["all"],)),
            "application's key, token back": Variant(secured, (keys["some"],)),
            "no [auth], 200 user_ids": Variant(open_, bodies=tuple(map(body_for, USERS))),
            "200 users' tokens": Variant(secured, tuple(signed(sub=user) for user in USERS)),
        }
        if before is None:
            compare(variants, rounds, seconds)
            return
        with served(auth=False, code=before) as earlier:
            compare({**variants, "before rights": Variant(earlier)}, rounds, seconds)


def wrong(seconds: int) -> None:
    """Send what opens nothing, as fast as it is refused and 278 times a second, beside one who holds a good key."""
    ours = generate_private_key(65_537, 2_048)
    known = {**jwt.get_algorithm_by_name("RS256").to_jwk(ours.public_key(), as_dict=True), "kid": "1"}
    rsa = jwt.encode({"sub": "anna"}, generate_private_key(65_537, 2_048), "RS256", {"kid": "1"})
    made = {
        "nothing wrong": (),
        "wrong keys": tuple(f"jr_{n:08d}_{'x' * 43}" for n in range(10_000)),
        "garbage": tuple(f"garbage-{n}" for n in range(10_000)),
        "expired tokens": tuple(signed(exp=1, jti=n) for n in range(10_000)),
        "tokens of another secret": tuple(
            jwt.encode({"sub": "anna", "jti": n}, SECRET[::-1], "HS256") for n in range(10_000)
        ),
        "signed by RS256": tuple(f"{rsa[:-5]}{n:05d}" for n in range(10_000)),
    }
    with tempfile.NamedTemporaryFile("w") as keys:
        keys.write(json.dumps({"keys": [known]}))
        keys.flush()
        with served(auth=True, JOBRUNNER_AUTH__JWKS_FILE=keys.name) as server:
            pester(server, made, seconds)


def pester(server: ServerProcess, made: Mapping[str, tuple[str, ...]], seconds: int) -> None:
    """Send each kind of wrong credential, slowly and fast."""
    good = key_of(server, "admin")
    for name, credentials in made.items():
        for rate in (PER_HOUR / 3_600, None) if credentials else (0,):
            before, lines = processor_s(server), len(server.lines)
            with ThreadPoolExecutor(2) as pool:
                probe = pool.submit(probed, server, good, seconds)
                sent = pool.submit(offered, server, credentials, rate, seconds)
            took, (refused, as_fast) = probe.result(), sent.result()
            used = (processor_s(server) - before) / seconds
            print(
                f"{name:26} {refused / seconds:6.0f}/s refused{as_fast}; good requests: {len(took) / seconds:4.0f}/s, "
                f"p50 {median(took):5.1f} ms, p99 {quantiles(took, n=100)[-1]:5.1f} ms; "
                f"log lines {len(server.lines) - lines}; processor {used:4.0%}"
            )


def offered(server: ServerProcess, credentials: tuple[str, ...], rate: float | None, seconds: int) -> tuple[int, str]:
    """Send credentials at a rate, or as fast as wrk can; return how many were refused."""
    if rate is None:
        seen = load(Variant(server, credentials), seconds, method="GET", path="jobs")
        return seen.refused, f" (p99 {seen.p99_ms:.0f} ms)"
    began, refused = time.perf_counter(), 0
    connection = HTTPConnection("127.0.0.1", server.port)
    for n in range(round(rate * seconds)):
        time.sleep(max(0, began + n / rate - time.perf_counter()))
        refused += asked(connection, credentials[n % len(credentials)]) == UNAUTHORIZED
    time.sleep(max(0, began + seconds - time.perf_counter()))
    return refused, ""


def probed(server: ServerProcess, good: str, seconds: int) -> list[float]:
    """Return how many milliseconds a good request has taken, each of those that were sent every 10 ms."""
    connection, took = HTTPConnection("127.0.0.1", server.port), []
    ends = time.perf_counter() + seconds
    while (began := time.perf_counter()) < ends:
        assert asked(connection, good) == OK
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(max(0, began + 0.01 - time.perf_counter()))
    return took


def asked(connection: HTTPConnection, credential: str) -> int:
    """Ask for a page of jobs."""
    connection.request("GET", "/api/v1/jobs", headers={"Authorization": f"Bearer {credential}"})
    answer = connection.getresponse()
    answer.read()
    return answer.status


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["submissions", "wrong"])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--before", type=Path, help="another checkout, to compare its submissions without rights")
    arguments = parser.parse_args()
    if arguments.what == "submissions":
        submissions(arguments.rounds, arguments.seconds, arguments.before)
    else:
        wrong(arguments.seconds)
