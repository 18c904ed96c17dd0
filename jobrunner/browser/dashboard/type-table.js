/**
 * The statistics of each type as a table.
 *
 * @import { Totals } from "../wire.js"
 *
 * @typedef {Totals & { type: string }} TypeStats
 */

import { element, Rows, setAttribute, setText } from "../element.js";
import { brief, count, share } from "./phrases.js";
import { searchHref } from "./places.js";
import { written } from "./search.js";

const HEADS = [
  "Type",
  "Submitted",
  "Completed",
  "Failed",
  "Failure rate",
  "Wait p50",
  "Wait p95",
  "Run p50",
  "Run p95",
];

export class TypeTable {
  #body = element("tbody");
  #rows = new Rows(
    this.#body,
    (/** @type {TypeStats} */ one) => one.type,
    () => new TypeRow(),
  );
  #none = element("p", { class: "muted" }, "Nothing happened in this time.");
  #scroll = element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "By type" });
  element = element("div", {}, this.#scroll, this.#none);

  constructor() {
    const head = element("tr", {}, ...HEADS.map((word) => element("th", { scope: "col" }, word)));
    this.#scroll.append(element("table", { class: "plain" }, element("thead", {}, head), this.#body));
  }

  /** @param {TypeStats[]} types */
  show(types) {
    this.#rows.update(types);
    this.#scroll.hidden = types.length === 0;
    this.#none.hidden = types.length > 0;
  }
}

class TypeRow {
  #link = element("a");
  #cells = HEADS.slice(1).map(() => element("td"));
  element = element("tr", {}, element("th", { scope: "row" }, this.#link), ...this.#cells);

  /** @param {TypeStats} one */
  update({ type, submitted, completed, failed, failure_rate: rate, wait, run }) {
    setText(this.#link, type);
    setAttribute(this.#link, "href", searchHref(written([{ name: "type", value: type }])));
    const counts = [submitted, completed, failed].map(count);
    const words = [
      ...counts,
      rate === null ? "–" : share(rate, 1),
      ...[wait.p50, wait.p95, run.p50, run.p95].map(brief),
    ];
    this.#cells.forEach((cell, n) => setText(cell, words[n]));
  }
}
