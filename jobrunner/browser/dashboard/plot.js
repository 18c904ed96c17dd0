/**
 * The marks of a chart as SVG, for a width. Colours come from the style sheet by class; what is told apart by colour is
 * told apart by place or shape, too.
 *
 * @import { Series, WholeChart } from "./charts.js"
 *
 * @typedef {{ height: number, marks: Element[] }} Plot
 */

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 160;
const PAD = { left: 44, right: 8, top: 10, bottom: 22 };
const ROW = 36; // a line of words above its bar
const MOST_ROWS = 12;
const LEAST = 0.1; // a scale below this would make much of what no words tell apart

/** @param {string} tag @param {{ [name: string]: string | number }} attributes @param {string} [text] */
export function svg(tag, attributes, text) {
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

/** What happened, from left to right. @param {WholeChart} chart @param {number} width @returns {Plot} */
export function overTime({ labels, series, format, kind }, width) {
  const sums = labels.map((_, n) => series.reduce((sum, one) => sum + (one.values[n] ?? 0), 0));
  const values = series.flatMap((one) => one.values.filter((value) => value !== null));
  const top = ceiling(Math.max(0, ...(kind === "bars" ? sums : values)));
  const drawn = (kind === "bars" ? bars : lines)(series, labels.length, top, width);
  return { height: HEIGHT, marks: [...grid(top, width, format), ...dates(labels, width), ...drawn] };
}

/**
 * One row for each label: a bar as long as the first value, a line with an end up to the second, both in words.
 *
 * @param {WholeChart} chart @param {number} width @returns {Plot}
 */
export function byName({ labels, series: [lower, upper], format }, width) {
  const shown = labels.slice(0, MOST_ROWS);
  const most = Math.max(...upper.values.map(Number), LEAST);
  const marks = shown.flatMap((label, n) => {
    const [low, high] = [Number(lower.values[n]), Number(upper.values[n])];
    const [y, from, to] = [n * ROW, ((width - 2) * low) / most, Math.max(((width - 2) * high) / most, 2)];
    const words = `${format(low)}, ${format(high)}`;
    return [
      svg("text", { class: "mark", x: 0, y: y + 12 }, shortened(label, width - 7 * words.length)),
      svg("text", { class: "mark", x: width, y: y + 12, "text-anchor": "end" }, words),
      svg("path", { class: `line ${upper.name}`, d: `M0 ${y + 24}H${to.toFixed(1)}m0 -5v10` }),
      svg("path", { class: `area ${lower.name}`, d: `M0 ${y + 20}h${Math.max(from, 1).toFixed(1)}v8H0z` }),
    ];
  });
  return { height: shown.length * ROW, marks };
}

/** @param {string} text @param {number} room  in px */
function shortened(text, room) {
  const most = Math.max(Math.floor(room / 7), 4);
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
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
