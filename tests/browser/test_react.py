"""The hooks in a real React, bundled for this test only: in StrictMode, beside a real server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

import jobrunner
from tests.browser.components_page import POLICY, Demo, demo_page  # noqa: F401 - a fixture

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

BROWSER = Path(jobrunner.__file__).with_name("browser")
VERSIONS = ("18.3.1", "19.2.0")

APP = """
import React from "react";
import { createRoot } from "react-dom/client";
import { createClient } from "jobrunner/jobrunner.js";
import { createHooks } from "jobrunner/react.js";

const client = createClient({ baseUrl: new URL("/", location.href) });
const { useJobStatus, useJobs, useJobsCount, useAsyncJob, JobStatus, JobsBadge, JobErrorBoundary } =
  createHooks(React, client);
const e = React.createElement;
window.calls = [];
const parameters = new URLSearchParams(location.search);
const plain = (one) => one?.message ?? (one?.job_id ? "job" : one);
const note = (name) => (...values) => void calls.push([name, ...values.map(plain)]);

function Runner() {
  const [taken] = React.useState(parameters.get("job"));
  const job = useAsyncJob({ jobId: taken, pollInterval: Number(parameters.get("poll")) || undefined,
    onSuccess: note("success"), onError: note("error"), onProgress: note("progress") });
  window.hook = job;
  return e("section", { id: "runner" },
    e("output", { id: "status" }, [job.status, job.progress, job.progressMessage, job.isLoading && "loading",
      job.isPolling && "polling", job.isComplete && "complete", job.error?.message, JSON.stringify(job.result)]
      .map((one) => one === false ? "" : one).join("|")),
    e("button", { onClick: () => job.createJob({ type: "walk", title: "By React",
      payload: { gate: parameters.get("gate"), fails: parameters.has("fails") } }) }, "Create"),
    job.canCancel && e("button", { onClick: job.cancelCurrentJob }, "Stop"),
    e("button", { onClick: job.reset }, "Reset"));
}

function Overview() {
  const { jobs, isLoading } = useJobs({ type: "walk" });
  const count = useJobsCount({ type: "walk" });
  return e("ul", { id: "jobs", "data-count": count, "data-loading": isLoading },
    jobs.map((job) => e("li", { key: job.job_id }, `${job.title} ${job.status}`)));
}

function One({ id }) {
  const { status, progress } = useJobStatus(id);
  return e("p", { id: "one" }, `${status} ${progress}`);
}

function Breaks() {
  if (!window.mended) throw new Error("It broke.");
  return e("p", null, "Mended");
}

function App() {
  const id = parameters.get("job");
  return e("main", null, e("h1", null, "React"), e("h2", null, "Jobs"), e(Runner), e(Overview), id && e(One, { id }),
    id && e(JobStatus, { jobId: id, variant: "linear", headingLevel: 3, onComplete: note("complete") }),
    e(JobsBadge, { type: "walk" }),
    e(JobErrorBoundary, { onError: note("boundary") }, e(Breaks)));
}

createRoot(document.getElementById("root")).render(e(React.StrictMode, null, e(App)));
"""


@pytest.fixture(scope="session", params=[pytest.param(VERSIONS[0], marks=pytest.mark.slow), VERSIONS[1]])
def bundle(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Bundle the application with one React; skip where npm or its registry is missing."""
    room = tmp_path_factory.mktemp("react")
    npm = shutil.which("npm")
    wanted = ["esbuild@0.28.2", f"react@{request.param}", f"react-dom@{request.param}", str(BROWSER)]
    command = [
        npm or "npm",
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--install-links",
        "--prefix",
        str(room),
        *wanted,
    ]
    made = npm and subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    if not made or made.returncode != 0:
        why = f"npm install failed: {made.stderr[-500:]}" if made else "npm is missing"
        if os.environ.get("JOBRUNNER_REQUIRE_BROWSER") == "1":
            pytest.fail(why)
        pytest.skip(why)
    (room / "app.js").write_text(APP, encoding="utf-8")
    built = [str(room / "node_modules/.bin/esbuild"), "app.js", "--bundle", "--format=esm", "--log-level=warning"]
    built += ['--define:process.env.NODE_ENV="development"']
    done = subprocess.run(built, cwd=room, capture_output=True, text=True, check=True)
    return done.stdout


async def start(demo: Demo, bundle: str, query: str = "") -> None:
    """Open the application."""
    html = (
        '<!doctype html><html lang=en><title>React</title><div id=root></div><script type=module src="app.js"></script>'
    )

    async def answer(route: Route) -> None:
        is_script = "app.js" in route.request.url
        headers = {"Content-Type": "text/javascript" if is_script else "text/html", "Content-Security-Policy": POLICY}
        await route.fulfill(status=200, headers=headers, body=bundle if is_script else html)

    await demo.page.route(re.compile(r"/(react\?|app\.js)"), answer)
    demo.page.on("pageerror", lambda error: demo.faults.append(str(error)))
    await demo.page.goto(f"{demo.server.url}/react?gate={demo.gate}&{query}")


async def test_a_job_is_created_followed_and_told_of_once(demo: Demo, bundle: str) -> None:
    await start(demo, bundle)
    status = demo.page.locator("#status")
    await expect(status).to_have_text("|||||||null")
    await demo.page.get_by_role("button", name="Create").click()
    await expect(status).to_have_text("processing|25|One quarter||polling|||null")
    await expect(demo.page.locator("#jobs")).to_have_attribute("data-count", "1")
    demo.let_on(1)
    await expect(status).to_have_text("processing|75|Three quarters||polling|||null")
    demo.let_on(2)
    await expect(status).to_have_text('completed|100|Three quarters|||complete||{"steps":2}')
    await expect(demo.page.locator("#jobs li")).to_have_text(["By React completed"])
    await expect(demo.page.locator("#jobs")).to_have_attribute("data-count", "0")
    calls = [call for call in await demo.page.evaluate("calls") if call[0] != "boundary"]
    assert calls[-1] == ["success", {"steps": 2}, "job"]
    assert [call[0] for call in calls].count("success") == 1
    assert ["progress", 25, "One quarter", "job"] in calls
    await demo.page.get_by_role("button", name="Reset").click()
    await expect(status).to_have_text("|||||||null")


@pytest.mark.slow
async def test_a_reload_takes_up_the_job_and_a_failure_is_an_error(demo: Demo, bundle: str) -> None:
    job = await demo.submit(title="Taken up", payload={"fails": True})
    await start(demo, bundle, f"job={job['job_id']}")
    await expect(demo.page.locator("#status")).to_have_text("processing|25|One quarter||polling|||null")
    await expect(demo.page.locator("#one")).to_have_text("processing 25")
    await expect(demo.page.locator("job-status")).to_contain_text("One quarter")
    demo.let_on(1)
    demo.let_on(2)
    await expect(demo.page.locator("#status")).to_contain_text(
        "failed|75|Three quarters|||complete|The way is closed.|"
    )
    calls = await demo.page.evaluate("calls")
    assert [call for call in calls if call[0] == "error"] == [["error", "The way is closed.", "job"]]


@pytest.mark.slow
async def test_polling_instead_of_the_stream_gets_there_too(demo: Demo, bundle: str) -> None:
    job = await demo.submit(title="Polled")
    await start(demo, bundle, f"job={job['job_id']}&poll=100")
    demo.let_on(1)
    demo.let_on(2)
    await expect(demo.page.locator("#status")).to_contain_text("completed|100|")
    await expect(demo.page.locator("job-status .badge")).to_have_text("Completed")
    assert ["complete", "job"] in await demo.page.evaluate("calls")


@pytest.mark.slow
async def test_a_job_is_cancelled_from_its_hook(demo: Demo, bundle: str) -> None:
    await start(demo, bundle)
    await demo.page.get_by_role("button", name="Create").click()
    await demo.page.get_by_role("button", name="Stop").click()
    await expect(demo.page.locator("#status")).to_contain_text("cancelled|")
    await expect(demo.page.get_by_role("button", name="Stop")).to_have_count(0)


@pytest.mark.slow
async def test_the_boundary_shows_what_broke_and_tries_again(demo: Demo, bundle: str) -> None:
    await start(demo, bundle)
    await expect(demo.page.get_by_role("alert")).to_contain_text("It broke.")
    await demo.page.evaluate("window.mended = true")
    await demo.page.get_by_role("button", name="Try again").click()
    await expect(demo.page.get_by_text("Mended")).to_be_visible()
    assert ["boundary", "It broke."] in [call[:2] for call in await demo.page.evaluate("calls")]
