/** What stands where something will be, if it takes long enough to be noticed. Says nothing to screen readers but that it loads. */

import { element } from "../element.js";

const PATIENCE_MS = 300;

export class Skeleton {
  element = element(
    "div",
    { class: "skeleton", hidden: true, role: "status" },
    element("span", { class: "visually-hidden" }, "Loading…"),
  );
  #timer;

  /** @param {number} lines */
  constructor(lines) {
    for (let n = 0; n < lines; n += 1) this.element.append(element("div", { class: "bone" }));
    this.#timer = setTimeout(() => (this.element.hidden = false), PATIENCE_MS);
  }

  done() {
    clearTimeout(this.#timer);
    this.element.remove();
  }
}
