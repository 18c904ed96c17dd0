/**
 * <job-actions job-id>: the buttons that ask for cancel and retry. Decides neither: the server says what can be done, a
 * page may prevent it by `job-action`.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { Job } from "./wire.js"
 */

import { announce } from "./announcer.js";
import { element, setAttribute, setText } from "./element.js";
import { JobElement } from "./job-element.js";
import { define } from "./jobs-element.js";
import { say } from "./messages.js";
import { sheet } from "./style.js";
import { titleOf } from "./words.js";

/**
 * @typedef {object} Asker  the element that shows the buttons
 * @property {Client} client
 * @property {(type: string, detail: object, cancelable?: boolean) => boolean} tell
 * @property {(job: Job) => void} take
 */

/**
 * Ask for an action, of a job or of one part, unless the page prevents it; what stands against it is shown and spoken.
 *
 * @param {Asker} asker
 * @param {{ job: Job, action: "cancel" | "retry", part?: string }} wish
 * @param {HTMLElement} fault
 */
export async function ask(asker, wish, fault) {
  if (!asker.tell("job-action", wish, true)) return;
  setText(fault, "");
  const { client } = asker;
  const { job, action, part } = wish;
  try {
    const answer = await (part === undefined ? client[action](job.job_id) : client.retryPart(job.job_id, part));
    asker.take(client.jobs.get(job.job_id) ?? answer); // the stream may be ahead of the answer
  } catch (error) {
    setText(fault, /** @type {Error} */ (error).message);
    announce(fault.textContent ?? "");
  }
}

export class Actions {
  #asker;
  #cancel = element("button", { type: "button", part: "button cancel" });
  #retry = element("button", { type: "button", part: "button retry" });
  fault = element("p", { class: "fault", part: "fault", hidden: true });
  // Mutable: the state shown, whether an action is under way, and what takes the focus when no button is left.
  #job = /** @type {Job | null} */ (null);
  #asking = false;
  heir = /** @type {() => HTMLElement | null} */ (() => null);

  /** @param {Asker} asker */
  constructor(asker) {
    this.#asker = asker;
    this.element = element("span", { class: "actions", part: "actions" }, this.#cancel, this.#retry);
    this.#cancel.addEventListener("click", () => void this.#ask("cancel"));
    this.#retry.addEventListener("click", () => void this.#ask("retry"));
  }

  /** @param {Job | null} job @param {boolean} [offered] */
  show(job, offered = true) {
    if (job?.status !== this.#job?.status) setText(this.fault, "");
    this.#job = job;
    const focused = this.#focused();
    this.#name(this.#cancel, "cancel", offered && job !== null && job.can_cancel && job.cancel_requested_at === null);
    this.#name(this.#retry, "retry", offered && job !== null && job.can_retry);
    if (focused?.hidden) ([this.#cancel, this.#retry].find((button) => !button.hidden) ?? this.heir())?.focus();
  }

  /** @param {HTMLButtonElement} button @param {"cancel" | "retry"} action @param {boolean} offered */
  #name(button, action, offered) {
    setText(button, say(action));
    button.hidden = !offered;
    if (this.#job) setAttribute(button, "aria-label", say("of", { action: say(action), title: titleOf(this.#job) }));
  }

  #focused() {
    const root = /** @type {ShadowRoot} */ (this.element.getRootNode());
    return [this.#cancel, this.#retry].find((button) => button === root.activeElement);
  }

  /** @param {"cancel" | "retry"} action */
  async #ask(action) {
    if (this.#job === null || this.#asking) return;
    this.#asking = true;
    await ask(this.#asker, { job: this.#job, action }, this.fault);
    this.#asking = false;
  }
}

export const actionsSheet = sheet(`.actions { display: inline-flex; flex-wrap: wrap; align-items: center; gap: 8px; }`);

export class JobActions extends JobElement {
  static sheets = [actionsSheet];

  #actions = new Actions(this);

  constructor() {
    super();
    this.root.append(element("div", { part: "base" }, this.#actions.element, this.#actions.fault));
  }

  draw() {
    this.#actions.show(this.job);
  }
}

define("job-actions", JobActions);
