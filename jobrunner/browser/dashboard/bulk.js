/**
 * Cancel or retry many: says first what would happen, then does it, then says what did. Decides nothing itself.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Filter } from "./search.js"
 * @import { Selected } from "../wire.js"
 */

import { announce } from "../announcer.js";
import { element, setText } from "../element.js";
import { button } from "./controls.js";
import { count, counted } from "./phrases.js";

const WORDS = {
  cancel: { verb: "Cancel", done: "cancelled or asked to stop" },
  retry: { verb: "Retry", done: "queued again" },
};

export class Bulk {
  #client;
  #changed;
  #heading = element("h2", { id: "bulk-heading", tabindex: -1 });
  #words = element("p");
  #reasons = element("ul", { class: "reasons" });
  #go = button("", () => this.#run(false), { class: "primary" });
  #close = button("Close", () => this.#dialog.close());
  #dialog = element("dialog", { class: "card", "aria-labelledby": "bulk-heading" });
  // Mutable: what is about to be done.
  #action = /** @type {keyof typeof WORDS} */ ("cancel");
  #filter = /** @type {Filter} */ ({});
  #busy = false;

  /** @param {Client} client @param {() => void} changed */
  constructor(client, changed) {
    this.#client = client;
    this.#changed = changed;
    const buttons = element("div", { class: "actions" }, this.#go, this.#close);
    this.#dialog.append(this.#heading, this.#words, this.#reasons, buttons);
  }

  /** @param {keyof typeof WORDS} action @param {Filter} filter */
  async open(action, filter) {
    this.#action = action;
    this.#filter = Object.keys(filter).length > 0 ? filter : { status: "all" };
    if (!this.#dialog.isConnected) document.body.append(this.#dialog);
    setText(this.#heading, `${WORDS[action].verb} jobs`);
    setText(this.#words, "Looking at what would happen…");
    this.#reasons.replaceChildren();
    this.#go.hidden = true;
    this.#dialog.showModal();
    this.#heading.focus();
    await this.#run(true);
  }

  /** @param {boolean} dryRun */
  async #run(dryRun) {
    if (this.#busy) return;
    this.#busy = true;
    setText(this.#close, "Close");
    try {
      const call = this.#action === "cancel" ? this.#client.cancelMany : this.#client.retryMany;
      this.#show(await call.call(this.#client, this.#filter, { dryRun }), dryRun);
      if (!dryRun) this.#changed();
    } catch (error) {
      setText(this.#words, /** @type {Error} */ (error).message);
    }
    this.#busy = false;
  }

  /** @param {Selected} answer @param {boolean} dryRun */
  #show({ matched, changed, refused, more }, dryRun) {
    const { verb, done } = WORDS[this.#action];
    const kept = matched - changed;
    const words = dryRun
      ? `Of ${counted(matched, "job")}, ${count(changed)} would be ${done}${kept > 0 ? ` and ${count(kept)} would stay as they are` : ""}.`
      : `${counted(changed, "job")} ${changed === 1 ? "was" : "were"} ${done}${kept > 0 ? `; ${count(kept)} stayed as they are` : ""}.`;
    setText(this.#words, more ? `${words} There are more: do it again after this.` : words);
    this.#reasons.replaceChildren(...reasons(refused).map((reason) => element("li", {}, reason)));
    setText(this.#go, dryRun && changed > 0 ? `${verb} ${counted(changed, "job")}` : "");
    if (!dryRun) this.#heading.focus();
    announce(words);
  }
}

/** The same reason once, with how often. @param {Selected["refused"]} refused */
function reasons(refused) {
  const times = /** @type {Map<string, number>} */ (new Map());
  for (const { reason } of refused) times.set(reason, (times.get(reason) ?? 0) + 1);
  return [...times].map(([reason, many]) => `${count(many)} × ${reason}`);
}
