/** Throughput of the last day, small, on the overview. @import { Client } from "../jobrunner.js" */

import { ChartFigure, stepLabels } from "./charts.js";
import { card, link } from "./controls.js";
import { notTooOften } from "./pace.js";
import { href } from "./places.js";

export class Throughput {
  #figure = new ChartFigure();

  /** @param {Client} client */
  constructor(client) {
    this.element = card("Throughput, 24 h", this.#figure.element);
    this.element.firstElementChild?.append(link(href("stats"), "Statistics"));
    this.refresh = notTooOften(10_000, async () => this.#figure.show(throughput(await client.stats({ range: "24h" }))));
    client.jobs.addEventListener("change", (event) => {
      const { job, before } = /** @type {any} */ (event);
      if (this.element.isConnected && job.status !== before?.status) this.refresh();
    });
  }
}

/** @param {import("../wire.js").Statistics} stats @returns {import("./charts.js").Chart} */
export function throughput({ series, step }) {
  const of = (/** @type {"completed" | "failed" | "cancelled"} */ name, /** @type {string} */ label) => ({
    name,
    label,
    values: series.map((one) => one[name]),
  });
  return {
    title: "Ended jobs over time",
    kind: "bars",
    labels: stepLabels(
      series.map((one) => one.at),
      step,
    ),
    series: [of("completed", "Completed"), of("failed", "Failed"), of("cancelled", "Cancelled")],
  };
}
