/**
 * Who is signed in, at the head of the page: the way out, and what a person must know when there is no way in. Grants and
 * checks nothing: that is the server's.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { SignIns } from "./sign-ins.js"
 */

import { announce } from "../announcer.js";
import { byId, element, setText } from "../element.js";
import { button } from "./controls.js";
import { href } from "./places.js";

export class Account {
  #client;
  #who = element("span", { class: "muted" });
  #fault = element("span", { class: "fault", hidden: true });
  #parent = byId("account");
  #dialog = /** @type {SignIns | null} */ (null);

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
    this.#parent.append(
      this.#who,
      button("Sessions", () => this.#open(), { "aria-haspopup": "dialog" }),
      button("Sign out", () => this.#signOut()),
      this.#fault,
    );
  }

  /** Ask who is signed in, and show it. */
  async refresh() {
    const session = await this.#client.session().catch(() => null);
    if (session === null) return;
    const signedIn = session.via === "session";
    this.#parent.hidden = !signedIn;
    byId("insecure").hidden = session.secured || !session.insecure;
    byId("signed-out").hidden = true;
    if (!signedIn) return;
    const all = await this.#client.sessions().catch(() => []);
    setText(this.#who, `Signed in: ${all.find((one) => one.current)?.key_name ?? session.name}`);
  }

  /** Say that the server knows us no more; what the page shows stays. */
  end() {
    const words = byId("signed-out");
    if (!words.hidden) return;
    const link = /** @type {HTMLAnchorElement} */ (byId("sign-in"));
    link.href = href(`login?${new URLSearchParams({ next: location.pathname + location.search })}`);
    words.hidden = false;
    this.#parent.hidden = true;
    announce("Signed out.");
  }

  async #open() {
    const { SignIns } = await import("./sign-ins.js");
    this.#dialog ??= new SignIns(this.#client);
    await this.#dialog.open();
  }

  async #signOut() {
    try {
      await this.#client.signOut();
      location.replace(href("login")); // "back" must not lead here again
    } catch (error) {
      setText(this.#fault, /** @type {Error} */ (error).message);
      announce(/** @type {Error} */ (error).message);
    }
  }
}
