/**
 * Charts as SVG, drawn to the width there is, each with its numbers as a table.
 *
 * @typedef {{ name: string, label: string, values: (number | null)[] }} Series  `name` is its class
 * @typedef {{ title: string, labels: string[], series: Series[], kind: "bars" | "lines" | "rows",
 *   format?: (value: number) => string, head?: string }} Chart  `head`: what the labels are
 * @typedef {Required<Chart>} WholeChart
 */

import { element } from "../element.js";
import { byName, overTime, svg } from "./plot.js";

const NARROWEST = 200;
const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1, notation: "compact" });

export class ChartFigure {
  #picture = svg("svg", { class: "chart", role: "img" });
  #legend = element("figcaption", { class: "legend" });
  #table = element("table", { class: "plain" });
  #empty = element("p", { class: "muted", hidden: true }, "Nothing happened in this time.");
  #fold;
  // Mutable: what was last drawn, as data and as text to compare with, and how wide.
  #chart = /** @type {WholeChart | null} */ (null);
  #drawn = "";
  #width = 600;
  element = element("figure", { class: "figure" });

  constructor() {
    const scroll = element(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": "Numbers" },
      this.#table,
    );
    this.#fold = element("details", {}, element("summary", {}, "Show as table"), scroll);
    this.#fold.addEventListener("toggle", () => this.#chart && this.#fillTable(this.#chart));
    new ResizeObserver(([entry]) => this.#resize(entry.contentRect.width)).observe(this.element);
    this.element.append(this.#legend, this.#picture, this.#empty, this.#fold);
  }

  /** @param {Chart} chart */
  show(chart) {
    const drawn = JSON.stringify([chart.labels, chart.series]);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#chart = { format: NUMBER.format, head: "Time", ...chart };
    this.#draw(this.#chart);
    this.#fillTable(this.#chart);
  }

  /** @param {number} width */
  #resize(width) {
    if (width < NARROWEST || width === this.#width) return;
    this.#width = width;
    if (this.#chart) this.#draw(this.#chart);
  }

  /** @param {WholeChart} chart */
  #draw(chart) {
    const { title, series, kind } = chart;
    const values = series.flatMap((one) => one.values.filter((value) => value !== null));
    const isEmpty = values.every((value) => value === 0 && kind !== "rows");
    this.#empty.hidden = !isEmpty;
    this.#picture.toggleAttribute("hidden", isEmpty);
    this.#legend.hidden = isEmpty;
    this.#picture.setAttribute(
      "aria-label",
      `${title}. ${series.map((one) => summary(one, chart)).join(" ")} The table below has all numbers.`,
    );
    this.#legend.replaceChildren(...series.map((one) => element("span", { class: `key ${one.name}` }, one.label)));
    const { height, marks } = (kind === "rows" ? byName : overTime)(chart, this.#width);
    this.#picture.setAttribute("height", String(height));
    this.#picture.setAttribute("viewBox", `0 0 ${this.#width} ${height}`);
    this.#picture.replaceChildren(...marks);
  }

  /** Only while it is open: it may be long. @param {WholeChart} chart */
  #fillTable({ title, labels, series, format, head: first }) {
    if (!this.#fold.open) return this.#table.replaceChildren();
    const head = [first, ...series.map((one) => one.label)].map((word) => element("th", { scope: "col" }, word));
    const rows = labels.map((label, n) => {
      const cells = series.map(({ values }) =>
        element("td", {}, values[n] == null ? "–" : format(/** @type {number} */ (values[n]))),
      );
      return element("tr", {}, element("th", { scope: "row" }, label), ...cells);
    });
    this.#table.replaceChildren(
      element("caption", { class: "visually-hidden" }, title),
      element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, ...rows),
    );
  }
}

/** @param {Series} series @param {WholeChart} chart */
function summary({ label, values }, { format, kind }) {
  const known = values.filter((value) => value !== null);
  const last = kind === "rows" ? "" : `, last ${format(known.at(-1) ?? 0)}`;
  return `${label}: highest ${format(Math.max(0, ...known))}${last}.`;
}

/** Times of a series' steps as short words. @param {string[]} times @param {number} stepS */
export function stepLabels(times, stepS) {
  const day = times.length * stepS > 2 * 86_400;
  const words = new Intl.DateTimeFormat(
    undefined,
    day
      ? { month: "short", day: "numeric", ...(stepS < 86_400 && { hour: "2-digit", hourCycle: "h23" }) }
      : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
  );
  return times.map((at) => words.format(new Date(at)));
}
