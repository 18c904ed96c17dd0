/**
 * Says above every page that the newest code of the handlers is not in force (`serve --reload`), and why. Does not go on
 * asking where that is not told.
 *
 * @import { Client } from "../jobrunner.js"
 */

import { onTick } from "../clock.js";
import { byId, element, setText } from "../element.js";

const EVERY_S = 10;

export class ReloadNotice {
  #client;
  #why = element("pre", { tabindex: 0, role: "group", "aria-label": "What is wrong with it" });
  #parent = byId("reload");
  // Mutable: the seconds since it was asked, and whether there is an answer to this at all.
  #seconds = 0;
  #told = true;

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
    this.#parent.append(element("strong", {}, "The newest code of the handlers is not in force."), this.#why);
    onTick(() => this.#tick());
  }

  async refresh() {
    const health = await this.#client.health().catch(() => null); // the next time tells
    if (health === null) return;
    this.#told = health.reload_error !== undefined;
    setText(this.#why, health.reload_error ?? "");
    this.#parent.hidden = this.#why.hidden;
  }

  #tick() {
    this.#seconds += 1;
    const live = document.visibilityState === "visible" && document.documentElement.dataset.live !== "no";
    if (this.#told && live && this.#seconds % EVERY_S === 0) void this.refresh();
  }
}
