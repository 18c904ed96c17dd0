/** How long jobs of each type waited or ran, as a chart, the slowest first. @import { Totals } from "../wire.js" */

import { brief } from "./phrases.js";

/**
 * @param {(Totals & { type: string })[]} types
 * @param {"wait" | "run"} what
 * @returns {import("./charts.js").Chart}
 */
export function durations(types, what) {
  const known = types.filter((one) => one[what].p95 !== null);
  const slowest = known.sort((a, b) => Number(b[what].p95) - Number(a[what].p95));
  return {
    title: what === "wait" ? "How long jobs waited, by type" : "How long attempts ran, by type",
    kind: "rows",
    head: "Type",
    labels: slowest.map(({ type }) => type),
    format: brief,
    series: [
      { name: "half", label: "p50: half took no longer", values: slowest.map((one) => one[what].p50) },
      { name: "most", label: "p95: 95 of 100 took no longer", values: slowest.map((one) => one[what].p95) },
    ],
  };
}
