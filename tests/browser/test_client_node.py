"""The client without a browser, as on the server of a Next.js application: the same modules, in Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import jobrunner
from jobrunner.engine.webhook import signature_headers
from tests.process import ServerProcess

ROOM = Path(jobrunner.__file__).with_name("browser")
NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="no node")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    process = ServerProcess(tmp_path / "data", "tests.browser.handlers")
    process.start()
    yield process
    process.kill()


def run(tmp_path: Path, script: str) -> Any:
    """Run a module beside a copy of the client; return what it prints as JSON."""
    room = shutil.copytree(ROOM, tmp_path / "room")
    (room / "package.json").write_text('{"type": "module"}')
    (room / "main.js").write_text(f"import * as all from './jobrunner.js';\n{script}")
    done = subprocess.run([str(NODE), room / "main.js"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_job_is_submitted_given_its_file_watched_and_waited_for_and_the_process_can_end(
    tmp_path: Path, server: ServerProcess
) -> None:
    script = """
      const client = all.createClient({ baseUrl: URL });
      const seen = [];
      const job = await client.submit({ type: "copy", payload: {}, uploads: ["file"] });
      const stop = client.watch({}, (job) => seen.push(job.status));
      const waiting = client.wait(job.job_id);
      await client.upload(job.job_id, "file", new File(["abc"], "a.txt"));
      const { status } = await waiting;
      stop();
      console.log(JSON.stringify([status, seen.at(-1), client.jobs.get(job.job_id).status]));
    """.replace("URL", json.dumps(server.url))
    assert run(tmp_path, script) == ["completed", "completed", "completed"]


def test_to_load_it_asks_for_nothing_and_keeps_no_process_alive(tmp_path: Path) -> None:
    script = "console.log(JSON.stringify(all.createClient({ baseUrl: 'http://127.0.0.1:9' }).connection.state));"
    assert run(tmp_path, script) == "connecting"


def test_a_webhook_of_the_server_is_told_from_any_other(tmp_path: Path) -> None:
    secrets = ["a secret of the application, 32 bytes or more", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
    body, now = '{"event": "admit", "title": "größer"}', 1_790_000_000
    sent = [signature_headers(body.encode(), "admit_1", now, secret.encode()) for secret in secrets]
    script = """
      const [secrets, sent, body, now] = GIVEN;
      const tell = (...given) => all.verifyWebhook(...given).then((found) => found.title, (error) => error.message);
      const at = { now: now * 1_000 };
      const several = { ...sent[0], "webhook-signature": `v2,x v1,x ${sent[0]["webhook-signature"]}` };
      console.log(JSON.stringify([
        await tell(body, sent[0], secrets[0], at),
        await tell(new TextEncoder().encode(body), new Headers(sent[1]), secrets[1], at),
        await tell(body, several, secrets[0], at),
        await tell(body, sent[0], secrets[1], at),
        await tell(body + " ", sent[0], secrets[0], at),
        await tell(body, { ...sent[0], "webhook-id": "admit_2" }, secrets[0], at),
        await tell(body, {}, secrets[0], at),
        await tell(body, sent[0], secrets[0], { now: (now + 301) * 1_000 }),
        await tell(body, sent[0], secrets[0], { now: (now - 301) * 1_000 }),
      ]));
    """.replace("GIVEN", json.dumps([secrets, sent, body, now]))
    unsigned, untimely = "The webhook is not signed by this secret.", "The webhook is not of now."
    assert run(tmp_path, script) == ["größer"] * 3 + [unsigned] * 3 + [untimely] * 3


def test_templates_are_saved_and_submitted_and_types_have_addresses_of_their_own(
    tmp_path: Path, server: ServerProcess
) -> None:
    script = """
      const client = all.createClient({ baseUrl: URL });
      const submission = { type: "plain", payload: {}, priority: 8 };
      const saved = await client.saveTemplate({ name: "mine", submission });
      await client.saveTemplate({ ...pick(saved), name: "yours" });
      const job = await client.submitTemplate(saved.id, { title: "Mine" });
      const own = await client.submitTo("/hooks/a%20b/plain-job", {}, { query: { tags: ["x", "y"] }, fresh: true });
      const names = (await client.templates()).map(({ name }) => name);
      await client.deleteTemplate(saved.id);
      const left = (await client.templates()).length;
      console.log(JSON.stringify([job.title, job.priority, own.payload, own.tags, names, left]));
      function pick({ id, submission }) { return { id, submission }; }
    """.replace("URL", json.dumps(server.url))
    assert run(tmp_path, script) == ["Mine", 8, {"name": "a b"}, ["x", "y"], ["yours"], 0]


def test_one_part_is_done_again_and_children_and_those_that_wait_for_others_are_found(
    tmp_path: Path, server: ServerProcess
) -> None:
    script = """
      const client = all.createClient({ baseUrl: URL });
      const { job_id: id } = await client.submit({ type: "duet", payload: {} });
      const { error_data } = await client.wait(id);
      await client.retryPart(id, "a/two");
      const { status, parts } = await client.wait(id);
      const next = await client.submit({ type: "plain", payload: {}, depends_on: [id], delay: 3_600 });
      const open = (filter) =>
        new Promise((resolve) => client.watch(filter, { snapshot: ({ jobs }) => resolve(jobs.length) }));
      const seen = [await open({}), await open({ parent_id: id })];
      const { jobs } = await client.list({ parent_id: id });
      const results = parts.map((part) => part.result_data);
      const waits = next.depends_on[0] === id;
      console.log(JSON.stringify([error_data.code, status, results, waits, seen, jobs[0].title]));
      process.exit();
    """.replace("URL", json.dumps(server.url))
    assert run(tmp_path, script) == ["PARTS_FAILED", "completed", [1, 2], True, [1, 0], "Child"]
