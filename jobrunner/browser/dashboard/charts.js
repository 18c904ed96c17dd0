/**
 * Charts as SVG, drawn to the width there is, each with its numbers as a table. Colours come from the style sheet; a chart
 * is told apart by shape and legend, too.
 *
 * @typedef {{ name: string, label: string, values: (number | null)[] }} Series  `name` is its class
 * @typedef {{ title: string, labels: string[], series: Series[], format?: (value: number) => string, kind: "bars" | "lines" }} Chart
 */

import { element } from "../element.js";

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 160;
const NARROWEST = 200;
const PAD = { left: 44, right: 8, top: 10, bottom: 22 };
const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1, notation: "compact" });

/** @param {string} tag @param {{ [name: string]: string | number }} attributes @param {string} [text] */
function svg(tag, attributes, text) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  if (text !== undefined) node.textContent = text;
  return node;
}

/** A round number not below the highest value. @param {number} highest */
function ceiling(highest) {
  const power = 10 ** Math.floor(Math.log10(Math.max(highest, 1)));
  return ([1, 2, 4, 6, 8, 10].find((step) => step * power >= highest) ?? 10) * power;
}

export class ChartFigure {
  #picture = svg("svg", { class: "chart", height: HEIGHT, role: "img" });
  #legend = element("figcaption", { class: "legend" });
  #table = element("table", { class: "plain" });
  #empty = element("p", { class: "muted", hidden: true }, "Nothing happened in this time.");
  #fold;
  // Mutable: what was last drawn, as data and as text to compare with, and how wide.
  #chart = /** @type {Chart | null} */ (null);
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
    this.#chart = chart;
    this.#draw(chart);
    this.#fillTable(chart);
  }

  /** @param {number} width */
  #resize(width) {
    if (width < NARROWEST || width === this.#width) return;
    this.#width = width;
    if (this.#chart) this.#draw(this.#chart);
  }

  /** @param {Chart} chart */
  #draw({ title, labels, series, format = NUMBER.format, kind }) {
    const values = series.flatMap((one) => one.values.filter((value) => value !== null));
    const sums = labels.map((_, n) => series.reduce((sum, one) => sum + (one.values[n] ?? 0), 0));
    const top = ceiling(Math.max(0, ...(kind === "bars" ? sums : values)));
    const isEmpty = values.every((value) => value === 0);
    this.#empty.hidden = !isEmpty;
    this.#picture.toggleAttribute("hidden", isEmpty);
    this.#legend.hidden = isEmpty;
    this.#picture.setAttribute(
      "aria-label",
      `${title}. ${series.map((one) => summary(one, format)).join(" ")} The table below has all numbers.`,
    );
    this.#legend.replaceChildren(...series.map((one) => element("span", { class: `key ${one.name}` }, one.label)));
    const width = this.#width;
    this.#picture.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
    this.#picture.replaceChildren(
      ...grid(top, width, format),
      ...dates(labels, width),
      ...(kind === "bars" ? bars : lines)(series, labels.length, top, width),
    );
  }

  /** Only while it is open: it may be long. @param {Chart} chart */
  #fillTable({ title, labels, series, format = NUMBER.format }) {
    if (!this.#fold.open) return this.#table.replaceChildren();
    const head = ["Time", ...series.map((one) => one.label)].map((word) => element("th", { scope: "col" }, word));
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

/** @param {Series} series @param {(value: number) => string} format */
function summary({ label, values }, format) {
  const known = values.filter((value) => value !== null);
  return `${label}: highest ${format(Math.max(0, ...known))}, last ${format(known.at(-1) ?? 0)}.`;
}

/** @param {number} value @param {number} top */
function height(value, top) {
  return PAD.top + (1 - value / top) * (HEIGHT - PAD.top - PAD.bottom);
}

/** @param {number} top @param {number} width @param {(value: number) => string} format */
function grid(top, width, format) {
  const marks = top === 1 ? [0, 1] : [0, top / 2, top];
  return marks.flatMap((value) => {
    const y = height(value, top);
    return [
      svg("line", { class: "grid", x1: PAD.left, x2: width - PAD.right, y1: y, y2: y }),
      svg("text", { class: "mark", x: PAD.left - 8, y: y + 4, "text-anchor": "end" }, format(value)),
    ];
  });
}

/** @param {string[]} labels @param {number} width */
function dates(labels, width) {
  const last = labels.length - 1;
  const marks = /** @type {[number, string][]} */ ([
    [0, "start"],
    [Math.floor(last / 2), "middle"],
    [last, "end"],
  ]);
  return marks.map(([n, anchor]) => {
    const x = PAD.left + (last > 0 ? n / last : 0) * (width - PAD.left - PAD.right);
    return svg("text", { class: "mark", x, y: HEIGHT - 5, "text-anchor": anchor }, labels[n] ?? "");
  });
}

/** Each on top of the one before. @param {Series[]} series @param {number} length @param {number} top @param {number} width */
function bars(series, length, top, width) {
  const slot = (width - PAD.left - PAD.right) / Math.max(length, 1);
  const below = new Array(length).fill(0);
  const inner = Math.max(slot - Math.min(2, slot / 4), 0.5);
  return series.map(({ name, values }) => {
    const d = values.map((value, n) => {
      if (!value) return "";
      const [y0, y1] = [height(below[n], top), height((below[n] += value), top)];
      return `M${(PAD.left + n * slot).toFixed(1)} ${y0.toFixed(1)}V${y1.toFixed(1)}h${inner.toFixed(1)}V${y0.toFixed(1)}z`;
    });
    return svg("path", { class: `area ${name}`, d: d.join("") });
  });
}

/** A line with a break where nothing is known. @param {Series[]} series @param {number} length @param {number} top @param {number} width */
function lines(series, length, top, width) {
  const step = (width - PAD.left - PAD.right) / Math.max(length - 1, 1);
  return series.map(({ name, values }) => {
    let pen = "M";
    const d = values.map((value, n) => {
      if (value === null) return (pen = "M") && "";
      const point = `${pen}${(PAD.left + n * step).toFixed(1)} ${height(value, top).toFixed(1)}`;
      const dot = pen === "M" && (values[n + 1] ?? null) === null ? "h0.1" : ""; // alone, it would not be seen
      pen = "L";
      return point + dot;
    });
    return svg("path", { class: `line ${name}`, d: d.join("") });
  });
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
