/**
 * Statistics of a span of time: what came, ended and failed, how long jobs waited and ran, by type; queues and server.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Health, Statistics } from "../wire.js"
 * @import { Place } from "./router.js"
 */

import { element, setAttribute, setText } from "../element.js";
import { bytes } from "../words.js";
import { onTick } from "../clock.js";
import { ChartFigure, stepLabels } from "./charts.js";
import { card, link } from "./controls.js";
import { durations } from "./durations.js";
import { notTooOften } from "./pace.js";
import { brief, count, share } from "./phrases.js";
import { href } from "./places.js";
import { QueueTable } from "./queues.js";
import { Skeleton } from "./skeleton.js";
import { Trouble } from "./trouble.js";
import { throughput } from "./throughput.js";
import { TypeTable } from "./type-table.js";

const RANGES = { "1h": "1 hour", "24h": "24 hours", "7d": "7 days", "30d": "30 days" };
const AGAIN_S = 15;

export class StatsPage {
  #client;
  #ranges = element("nav", { class: "segments", "aria-label": "Time" });
  #tiles = element("dl", { class: "tiles" });
  #ended = new ChartFigure();
  #failed = new ChartFigure();
  #depth = new ChartFigure();
  #submitted = new ChartFigure();
  #waits = new ChartFigure();
  #runs = new ChartFigure();
  #types;
  #queues;
  #server = element("dl", { class: "details wide" });
  #trouble = new Trouble(() => this.#ask());
  #skeleton = new Skeleton(8);
  #body;
  #range = "24h";
  #ticks = 0;
  #ask = notTooOften(1_000, () => this.#refresh());
  title = "Statistics";

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
    this.#types = new TypeTable();
    this.#queues = new QueueTable(client);
    for (const [range, words] of Object.entries(RANGES))
      this.#ranges.append(link(href(`stats?range=${range}`), words, { "data-range": range }));
    const charts = [
      card("Ended", this.#ended.element),
      card("Submitted", this.#submitted.element),
      card("Failed", this.#failed.element),
      card("Waiting", this.#depth.element),
      card("Wait by type", this.#waits.element),
      card("Run by type", this.#runs.element),
    ];
    this.#body = element(
      "div",
      { class: "stack", hidden: true },
      this.#tiles,
      element("div", { class: "charts" }, ...charts),
      card("By type", this.#types.element),
      card("Queues", this.#queues.element),
      card("Server", this.#server),
    );
    const title = element("h1", { tabindex: -1 }, "Statistics");
    this.element = element(
      "div",
      { class: "page" },
      element("header", { class: "headline row" }, title, this.#ranges),
      this.#skeleton.element,
      this.#trouble.element,
      this.#body,
    );
    onTick(() => this.#tick());
  }

  /** @param {Place} place */
  enter({ params }) {
    const asked = params.get("range") ?? "";
    this.#range = asked in RANGES ? asked : "24h";
    for (const node of this.#ranges.children)
      setAttribute(node, "aria-current", node.getAttribute("data-range") === this.#range ? "true" : null);
    this.#ask();
  }

  /** Ask again: the server may have been away. */
  refresh() {
    if (this.element.isConnected) this.#ask();
  }

  #tick() {
    this.#ticks += 1;
    if (
      this.#ticks % AGAIN_S === 0 &&
      document.visibilityState === "visible" &&
      document.documentElement.dataset.live !== "no"
    )
      this.refresh();
  }

  async #refresh() {
    const range = this.#range;
    try {
      const [stats, queues, health] = await Promise.all([
        this.#client.stats({ range }),
        this.#client.queues(),
        this.#client.health(),
      ]);
      if (range !== this.#range) return;
      this.#show(stats);
      this.#queues.show(queues);
      this.#showServer(health);
      this.#body.hidden = false;
      this.#trouble.hide();
    } catch (error) {
      if (this.#body.hidden) this.#trouble.show(error); // else what is known stays
    }
    this.#skeleton.done();
  }

  /** @param {Statistics} stats */
  #show(stats) {
    const { totals, series, step, types, estimates } = stats;
    const labels = stepLabels(
      series.map((one) => one.at),
      step,
    );
    const ended = totals.completed + totals.failed;
    const one = (
      /** @type {"submitted" | "failed" | "queued"} */ field,
      /** @type {string} */ name,
      /** @type {string} */ label,
    ) => ({ name, label, values: series.map((point) => point[field]) });
    this.#showTiles([
      ["Submitted", count(totals.submitted)],
      ["Completed", count(totals.completed)],
      ["Failed", count(totals.failed), ended > 0 ? `${share(totals.failed, ended)} of those that ended` : ""],
      ["Wait, p50", brief(totals.wait.p50), totals.wait.p95 === null ? "" : `p95: ${brief(totals.wait.p95)}`],
      ["Run, p50", brief(totals.run.p50), totals.run.p95 === null ? "" : `p95: ${brief(totals.run.p95)}`],
      ["Ended when estimated", share(estimates.within, estimates.made), estimates.made > 0 ? `of ${count(estimates.made)}` : ""],
    ]);
    this.#ended.show(throughput(stats));
    this.#submitted.show({
      title: "Submitted jobs over time",
      kind: "bars",
      labels,
      series: [one("submitted", "processing", "Submitted")],
    });
    this.#failed.show({
      title: "Failed jobs over time",
      kind: "bars",
      labels,
      series: [one("failed", "failed", "Failed")],
    });
    this.#depth.show({
      title: "Waiting jobs over time",
      kind: "lines",
      labels,
      series: [one("queued", "queued", "Waiting")],
    });
    this.#waits.show(durations(types, "wait"));
    this.#runs.show(durations(types, "run"));
    this.#types.show(types);
  }

  /** @param {[name: string, value: string, beside?: string][]} tiles */
  #showTiles(tiles) {
    if (this.#tiles.childElementCount === 0)
      for (const [name] of tiles)
        this.#tiles.append(
          element(
            "div",
            {},
            element("dt", {}, name),
            element("dd", {}, element("strong"), " ", element("span", { class: "muted" })),
          ),
        );
    tiles.forEach(([, value, beside], n) => {
      const [strong, span] = this.#tiles.children[n].querySelectorAll(/** @type {"span"} */ ("strong, span"));
      setText(strong, value);
      setText(span, beside ?? "");
    });
  }

  /** @param {Health} health */
  #showServer(health) {
    const rows = [
      ["State", health.status],
      ["Workers busy", health.workers && `${count(health.workers.busy)} of ${count(health.workers.total)}`],
      ["Connected watchers", health.watchers === undefined ? "" : count(health.watchers)],
      ["Loop lag", health.loop_lag_ms === undefined ? "" : `${health.loop_lag_ms} ms`],
      ["Disk free", health.disk_free === undefined ? "" : bytes(health.disk_free)],
      ["Writer", health.writer],
      ["Version", health.version],
      ["SQLite", health.sqlite_version],
    ];
    this.#server.replaceChildren(
      ...rows
        .filter(([, value]) => value)
        .map(([name, value]) => element("div", {}, element("dt", {}, name ?? ""), element("dd", {}, value ?? ""))),
    );
  }
}
