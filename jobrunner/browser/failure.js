/**
 * Why a job failed: category, message, time, and whether the same again may help.
 *
 * @import { ErrorData } from "./wire.js"
 */

import { element, setText } from "./element.js";
import { moment } from "./words.js";

export class Failure {
  #code = element("strong");
  #message = element("span");
  #hint = element("small");

  constructor() {
    this.element = element("div", { class: "failure", hidden: true }, this.#code, this.#message, this.#hint);
  }

  /** @param {ErrorData | null} error */
  show(error) {
    this.element.hidden = error === null;
    if (error === null) return;
    setText(this.#code, error.code);
    setText(this.#message, error.message);
    const hint = error.retryable ? "The same again may work." : "The same again will most likely fail again.";
    setText(this.#hint, `${moment(error.occurred_at)} · ${hint}`);
  }
}
