/**
 * Why a job failed: category, message, time, and whether the same again may help.
 *
 * @import { ErrorData } from "./wire.js"
 */

import { element, setText } from "./element.js";
import { say } from "./messages.js";
import { sheet } from "./style.js";
import { moment } from "./words.js";

export const failureSheet = sheet(`
.failure { display: grid; gap: 2px; padding: 10px 12px; border-radius: var(--control-radius); background: var(--status-tint); color: var(--status-text); white-space: pre-line; }
.failure strong { font: 600 13px/18px ui-monospace, monospace; }
.failure small { font-size: 12px; line-height: 18px; }
@media (forced-colors: active) { .failure { border: 1px solid CanvasText; } }
`);

export class Failure {
  #code = element("strong");
  #message = element("span");
  #hint = element("small");

  constructor() {
    this.element = element("div", { class: "failure", part: "failure", "data-status": "failed", hidden: true });
    this.element.append(this.#code, this.#message, this.#hint);
  }

  /** @param {ErrorData | null} error */
  show(error) {
    this.element.hidden = error === null;
    if (error === null) return;
    setText(this.#code, error.code);
    setText(this.#message, error.message);
    setText(this.#hint, `${moment(error.occurred_at)} · ${say(error.retryable ? "may_help" : "no_help")}`);
  }
}
