"""How the components look and sound: every state for axe, in any colours, without motion, from right to left, whatever
the texts are."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, expect

from tests.browser.components_page import Demo, demo_page  # noqa: F401 - a fixture
from tests.browser.pixels import far, row_of

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

MORE = [("dark", 1280), ("light", 1280), ("dark", 360)]  # looks that only the long form looks at

NOW = "2026-11-22T10:00:00.000Z"
ERROR = {"code": "WALK_ERROR", "message": "The way is closed.", "details": None, "retryable": True, "occurred_at": NOW}
STATES = ("queued", "processing", "unknown", "completed", "failed", "cancelled")
VARIANTS = ("full", "linear", "ring", "compact")

HOSTILE = [
    text
    for made in (
        "<img src=x onerror=alert({n})>",
        "<script>alert({n})</script>",
        '"><svg onload=alert({n})>',
        "javascript:alert({n})",
        "'-alert({n})-'",
        "{{title}}{{n}}${{alert({n})}}",
        "A" * 300 + "{n}",
        "\u202e\u2066evil {n}\u0000\u0007",
        "नमस्ते שלום مرحبا 👩‍👩‍👧‍👦 {n}",
        "</style><style>*{{display:none}}</style> {n}",
    )
    for text in (made.format(n=n) for n in range(10))
]


def a_job(status: str, **members: Any) -> dict[str, Any]:
    """Return a job as the server would send it."""
    percentage = {"processing": 62.0, "failed": 38.0, "completed": 100.0}.get(status)
    status = "processing" if status == "unknown" else status
    ended = status in {"completed", "failed", "cancelled"}
    stages = [("one", "completed"), ("two", status if status != "queued" else "queued"), ("three", "queued")]
    file = {"name": "de.mp3", "content_type": "audio/mpeg", "size": 41_213, "download_url": "api/v1/none"}
    page = {**file, "name": "story.html", "content_type": "text/html"}
    part = {"stage": None, "current_step": None, "estimated_time_remaining": None, "result_data": None}
    return {
        "job_id": f"0199f0c2-7a1e-7c3b-9a53-00000000000{len(status) % 10}",
        "type": "walk",
        "title": "Round the lake",
        "user_id": None,
        "tags": [],
        "metadata": {},
        "status": status,
        "waiting_for": "worker" if status == "queued" else None,
        "queue": "default",
        "priority": 7,
        "uploads": [],
        "created_at": NOW,
        "run_at": None,
        "deadline": None,
        "started_at": None if status == "queued" else NOW,
        "completed_at": NOW if ended else None,
        "cancel_requested_at": None,
        "queue_position": 2 if status == "queued" else None,
        "estimated_start": None,
        "estimated_completion": None,
        "estimated_duration": None,
        "progress_data": {
            "percentage": percentage,
            "current_step": "Walking",
            "estimated_time_remaining": 61 if percentage else None,
            "stage": "two",
        },
        "stages": [{"name": name, "label": f"Stage {name}", "description": None, "status": at} for name, at in stages],
        "parts": [
            {
                **part,
                "key": "de",
                "label": "German",
                "status": "completed",
                "percentage": 100,
                "error_data": None,
                "artifact": file,
            },
            {
                **part,
                "key": "fr",
                "label": "French",
                "status": "failed",
                "percentage": 38,
                "error_data": ERROR,
                "artifact": None,
            },
            {
                **part,
                "key": "ja",
                "label": "Japanese",
                "status": "processing",
                "percentage": None,
                "error_data": None,
                "artifact": None,
            },
        ],
        "parts_total": 3,
        "parts_completed": 1,
        "attempt": 2,
        "max_attempts": 3,
        "retry_count": 1,
        "can_cancel": not ended,
        "can_retry": status in {"failed", "cancelled"},
        "result_data": None,
        "error_data": ERROR if status == "failed" else None,
        "artifacts": [page] if ended else [],
        "parent_id": None,
        "depends_on": [],
        "retried_from": None,
        "cursor": "a-1",
        **members,
    }


async def show_all(demo: Demo, *, direction: str = "ltr") -> None:
    """Show every element in every state."""
    names = ("job-progress", "job-stages", "job-parts", "job-actions")
    body = "".join(
        f"<job-status variant={each} data-state={state}></job-status>" for state in STATES for each in VARIANTS
    )
    body += "".join(f"<{name} data-state={state}></{name}>" for state in STATES for name in names)
    body += (
        "<job-player data-state=completed></job-player><jobs-toasts></jobs-toasts><job-submit type=order></job-submit>"
    )
    body += (
        "<job-list></job-list><queue-stats href='?status={status}'></queue-stats><jobs-connection></jobs-connection>"
    )
    await demo.open(body, direction=direction)
    jobs = {state: a_job(state) for state in STATES}
    await demo.page.evaluate(
        """(jobs) => {
        for (const node of document.querySelectorAll("[data-state]")) node.job = jobs[node.dataset.state];
        const toasts = document.querySelector("jobs-toasts");
        toasts.show("Round the lake", { status: "completed", detail: "Completed", href: "#" });
        toasts.show("Round the lake", { status: "failed", detail: "Failed: closed" }); }""",
        jobs,
    )
    await expect(demo.page.locator("job-submit").get_by_label("Headline")).to_be_visible()
    await expect(demo.page.locator("jobs-connection")).to_contain_text("Live")


async def fits(demo: Demo) -> bool:
    """Tell whether nothing is wider than the page."""
    return bool(await demo.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize(
    ("scheme", "width"),
    [("light", 360), *(pytest.param(*look, marks=pytest.mark.slow) for look in MORE)],
)
async def test_axe_finds_nothing_in_any_state(demo: Demo, scheme: str, width: int) -> None:
    await demo.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await demo.page.set_viewport_size({"width": width, "height": 800})
    await show_all(demo)
    found = await Axe().run(demo.page)
    assert [
        (one["id"], one["nodes"][0]["target"], one["nodes"][0]["failureSummary"])
        for one in found.response["violations"]
    ] == []
    assert await fits(demo)
    assert await demo.clean()


@pytest.mark.slow
async def test_from_right_to_left_bars_fill_from_the_right_and_nothing_overflows(demo: Demo) -> None:
    await demo.page.set_viewport_size({"width": 360, "height": 800})
    await show_all(demo, direction="rtl")
    bar = demo.page.locator("job-status[data-state=processing][variant=linear] .bar").first
    outer, inner = await bar.bounding_box(), await bar.locator(".fill").bounding_box()
    assert outer
    assert inner
    assert inner["x"] > outer["x"] + 50
    assert inner["x"] + inner["width"] == pytest.approx(outer["x"] + outer["width"], abs=1)
    assert await fits(demo)


@pytest.mark.slow
async def test_a_hundred_hostile_texts_are_only_text(demo: Demo) -> None:
    assert len(HOSTILE) == 100
    await demo.page.set_viewport_size({"width": 360, "height": 800})
    elements = (
        "<job-status></job-status><job-status variant=compact></job-status><job-status variant=ring></job-status>"
    )
    await demo.open(f"{elements}<job-parts></job-parts><job-player></job-player><jobs-toasts></jobs-toasts>")
    wide = await demo.page.evaluate(
        """async ([texts, jobs]) => {
          const wide = [];
          const fill = (value, text) => typeof value === "string" && value === "@" ? text
            : Array.isArray(value) ? value.map((one) => fill(one, text))
            : value && typeof value === "object"
            ? Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fill(v, text)]))
            : value;
          for (const text of texts)
            for (const job of jobs) {
              const nodes = document.querySelectorAll("job-status, job-parts, job-player");
              for (const node of nodes) node.job = fill(job, text);
              document.querySelector("jobs-toasts").show(text, { status: "failed", detail: text });
              await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
              if (document.documentElement.scrollWidth > innerWidth) wide.push([job.status, text]);
              const title = document.querySelector("job-status").shadowRoot.querySelector("[role=heading]").textContent;
              if (title !== text) wide.push(["title", text]);
            }
          return wide;
        }""",
        [HOSTILE, [hostile("processing"), hostile("failed"), hostile("completed")]],
    )
    assert wide == []
    made = "node => node.shadowRoot ? node.shadowRoot.querySelectorAll('script, iframe, style, img[src=x]').length : 0"
    assert (
        await demo.page.locator("job-status, job-parts, jobs-toasts").evaluate_all(f"all => all.map({made})") == [0] * 5
    )
    assert await demo.clean()


def hostile(status: str) -> dict[str, Any]:
    """Return a job in which every text that somebody else may choose is `@`."""
    job = a_job(status)
    error = {**ERROR, "code": "@", "message": "@"}
    for part in job["parts"]:
        part.update(label="@", current_step="@", error_data=part["error_data"] and error)
    for stage in job["stages"]:
        stage.update(label="@", description="@")
    for file in [*job["artifacts"], job["parts"][0]["artifact"]]:
        file.update(name="@")
    progress = {**job["progress_data"], "current_step": "@"}
    return {**job, "title": "@", "type": "@", "progress_data": progress, "error_data": job["error_data"] and error}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.slow
async def test_in_forced_colours_a_bar_and_a_ring_are_still_seen(
    demo: Demo,
    browser: Browser,
    scheme: str,
) -> None:
    await demo.page.emulate_media(forced_colors="active", color_scheme="dark" if scheme == "dark" else "light")
    await demo.open("<job-progress></job-progress><job-progress variant=ring></job-progress>")
    for each in ("job-progress:first-of-type", "job-progress[variant=ring]"):
        await demo.show(
            each, a_job("processing", progress_data={**a_job("processing")["progress_data"], "percentage": 50})
        )
    await demo.page.wait_for_timeout(400)  # the bar moves to its place
    row = await row_of(browser, demo.page.locator(".bar:visible"))
    filled, empty = row[len(row) // 4], row[3 * len(row) // 4]
    assert far(filled, empty)
    assert far(row[0], empty) or far(row[-1], empty), "the track has no border"
    ring = await row_of(browser, demo.page.locator(".ring:visible"))
    right, left = ring[-len(ring) // 10 :], ring[: len(ring) // 10]
    assert max(map(sum, right)) - min(map(sum, right)) > 90 or max(map(sum, left)) - min(map(sum, left)) > 90


@pytest.mark.slow
async def test_without_motion_nothing_moves_and_an_unknown_bar_is_striped(
    demo: Demo,
    browser: Browser,
) -> None:
    await demo.page.emulate_media(reduced_motion="reduce")
    await demo.open("<job-progress></job-progress><job-status></job-status>")
    await demo.show("job-progress", a_job("unknown"))
    await demo.show("job-status", a_job("unknown"))
    running = (
        "node => node.shadowRoot.getAnimations({ subtree: true }).filter((one) => one.playState === 'running').length"
    )
    for each in ("job-progress", "job-status"):
        assert await demo.page.locator(each).evaluate(running) == 0
    first = await row_of(browser, demo.page.locator("job-progress .bar"))
    assert len(set(first)) >= 2
    assert await row_of(browser, demo.page.locator("job-progress .bar")) == first


@pytest.mark.slow
async def test_every_target_has_24_px_and_a_focus_of_2_px(demo: Demo) -> None:
    await show_all(demo)
    small = await demo.page.evaluate(
        """() => { const small = [];
        for (const host of document.querySelectorAll("main *"))
          for (const node of host.shadowRoot?.querySelectorAll("button, a, input, select, textarea, summary") ?? []) {
            const { width, height } = node.getBoundingClientRect();
            if (width > 0 && (width < 24 || height < 24))
              small.push([host.localName, node.outerHTML.slice(0, 80), width, height]);
          }
        return small; }"""
    )
    assert small == []
    await demo.page.locator("job-actions[data-state=processing]").get_by_role("button").focus()
    await demo.page.keyboard.press("Shift+Tab")
    await demo.page.keyboard.press("Tab")
    ring = "node => getComputedStyle(node.shadowRoot.activeElement).outline"
    assert "2px" in await demo.page.locator("job-actions[data-state=processing]").evaluate(ring)
