/** A progress bar with a name and a value in words. It is no live region: the announcer speaks. */

import { element, setAttribute } from "./element.js";

export class ProgressBar {
  #fill = element("div", { class: "fill" });

  /** @param {{ [name: string]: string }} name  aria-label or aria-labelledby */
  constructor(name) {
    this.element = element(
      "div",
      { class: "bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100, ...name },
      this.#fill,
    );
  }

  /** Show how far it is; null moves without a number. @param {number | null} percentage @param {string} words */
  show(percentage, words) {
    setAttribute(this.element, "aria-valuenow", percentage === null ? null : Math.floor(percentage));
    setAttribute(this.element, "aria-valuetext", words);
    setAttribute(this.element, "data-unknown", percentage === null);
    this.#fill.style.inlineSize = percentage === null ? "" : `${Math.min(Math.max(percentage, 0), 100)}%`;
  }
}
