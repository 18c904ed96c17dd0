/** What can be done with the jobs that are chosen; there only while some are. @import { Selection } from "./selection.js" */

import { element, setText } from "../element.js";
import { button } from "./controls.js";
import { count } from "./phrases.js";

export class SelectionBar {
  #selection;
  #words = element("strong", { role: "status" });
  #all;
  total = 0;

  /** @param {Selection} selection @param {{ act: (action: "cancel" | "retry") => void, save: (kind: "json" | "csv") => void }} how */
  constructor(selection, { act, save }) {
    this.#selection = selection;
    this.#all = button("", () => selection.setAll(), { class: "quiet" });
    this.element = element(
      "div",
      { class: "bulk", hidden: true, role: "region", "aria-label": "Selected jobs" },
      this.#words,
      this.#all,
      button("Retry", () => act("retry"), { "data-bulk": "r" }),
      button("Cancel", () => act("cancel"), { "data-bulk": "c" }),
      button("JSON", () => save("json"), { "aria-label": "Export selected as JSON" }),
      button("CSV", () => save("csv"), { "aria-label": "Export selected as CSV" }),
      button("Clear", () => selection.clear(), { class: "quiet" }),
    );
    selection.addEventListener("change", () => this.#show());
  }

  #show() {
    const { size, all } = this.#selection;
    this.element.hidden = size === 0 && !all;
    setText(this.#words, all ? `All ${count(this.total)} selected` : `${count(size)} selected`);
    setText(this.#all, all || size >= this.total ? "" : `Select all ${count(this.total)} matching`);
  }
}
