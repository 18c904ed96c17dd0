/**
 * All browsers that are signed in, in a dialog: each can be signed out from here, this one by the page's own button.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { SignIn } from "../wire.js"
 */

import { announce } from "../announcer.js";
import { element, Rows, setAttribute, setText } from "../element.js";
import { moment } from "../words.js";
import { button } from "./controls.js";

export class SignIns {
  #client;
  #heading = element("h2", { id: "sessions-heading", tabindex: -1 }, "Sessions");
  #list = element("ul", { class: "lines", "aria-labelledby": "sessions-heading" });
  #fault = element("p", { class: "fault", hidden: true });
  #dialog = element("dialog", { class: "card", "aria-labelledby": "sessions-heading" });
  #rows;

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
    this.#dialog.append(
      this.#heading,
      this.#list,
      this.#fault,
      button("Close", () => this.#dialog.close()),
    );
    this.#rows = new Rows(
      this.#list,
      (/** @type {SignIn} */ one) => one.id,
      () => new SignInRow((one) => void this.#revoke(one)),
    );
  }

  async open() {
    if (!this.#dialog.isConnected) document.body.append(this.#dialog);
    this.#dialog.showModal();
    this.#heading.focus();
    await this.#try(() => this.#refresh());
  }

  async #refresh() {
    this.#rows.update((await this.#client.call("GET", "sessions")).sessions); // as it is now
  }

  /** @param {SignIn} one */
  async #revoke(one) {
    await this.#try(async () => {
      await this.#client.closeSession(one.id);
      this.#heading.focus(); // the button goes with its row
      await this.#refresh();
      announce(`The session of ${nameOf(one)} is revoked.`);
    });
  }

  /** @param {() => Promise<void>} action */
  async #try(action) {
    try {
      setText(this.#fault, "");
      await action();
    } catch (error) {
      setText(this.#fault, /** @type {Error} */ (error).message);
    }
  }
}

class SignInRow {
  #name = element("strong");
  #facts = element("p", { class: "muted" });
  #revoke;
  #one = /** @type {SignIn | null} */ (null); // as last shown

  /** @param {(one: SignIn) => void} revoke */
  constructor(revoke) {
    this.#revoke = button("Revoke", () => this.#one && revoke(this.#one));
    this.element = element("li", {}, element("div", {}, this.#name, this.#facts), this.#revoke);
  }

  /** @param {SignIn} one */
  update(one) {
    this.#one = one;
    const used = one.last_used_at === null ? [] : [`last used ${moment(one.last_used_at)}`];
    setText(this.#name, one.current ? `${nameOf(one)} (this browser)` : nameOf(one));
    setText(this.#facts, [`from ${one.address}`, `signed in ${moment(one.created_at)}`, ...used].join(" · "));
    setAttribute(this.#revoke, "aria-label", `Revoke ${nameOf(one)}`);
    this.#revoke.hidden = one.current;
  }
}

/** @param {SignIn} one */
function nameOf(one) {
  return one.key_name ?? one.key_id;
}
