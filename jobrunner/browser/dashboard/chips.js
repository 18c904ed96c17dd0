/**
 * The statuses as chips with how many jobs each has; a press puts it into the search.
 *
 * @import { Client } from "../jobrunner.js"
 */

import { element, setText } from "../element.js";
import { icon } from "../icons.js";
import { count } from "./phrases.js";
import { filterOf, replaced, STATUSES, terms } from "./search.js";

const COUNTED = ["status", "type", "queue", "user"]; // what the server counts by

export class Chips {
  #client;
  #text = "";
  #chips = /** @type {Map<string, { node: HTMLElement, number: HTMLElement }>} */ (new Map());
  element = element("div", { class: "chips", role: "group", "aria-label": "Status" });
  refreshSoon = () => {};

  /** @param {Client} client @param {(text: string) => void} chosen */
  constructor(client, chosen) {
    this.#client = client;
    for (const status of ["", ...STATUSES]) {
      const number = element("span", { class: "number" });
      const word = status === "" ? "All" : status[0].toUpperCase() + status.slice(1);
      const node = element(
        "button",
        { type: "button", "data-status": status || null },
        ...(status ? [icon(status)] : []),
        word,
        number,
      );
      node.addEventListener("click", () => chosen(replaced(this.#text, "status", this.#isOn(status) ? "" : status)));
      this.#chips.set(status, { node, number });
      this.element.append(node);
    }
  }

  /** @param {string} text */
  show(text) {
    this.#text = text;
    for (const [status, { node }] of this.#chips) node.setAttribute("aria-pressed", String(this.#isOn(status)));
    void this.refresh(text);
  }

  /** @param {string} text */
  async refresh(text) {
    const { filter } = filterOf(replaced(text, "status", ""), Date.now());
    const countable = terms(text).every(({ name }) => COUNTED.includes(name));
    const counts = countable ? await this.#client.counts(filter).catch(() => null) : null;
    if (text !== this.#text) return;
    for (const [status, { number }] of this.#chips) {
      const found = counts?.[/** @type {"total"} */ (status || "total")];
      setText(number, found === undefined ? "" : count(found));
    }
  }

  /** @param {string} status */
  #isOn(status) {
    const on = terms(this.#text).flatMap(({ name, value }) =>
      name === "status" ? value.toLowerCase().split(",") : [],
    );
    return status === "" ? on.length === 0 : on.includes(status);
  }
}
