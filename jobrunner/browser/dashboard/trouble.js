/** What stands where nothing could be had: why, and a way to try again. */

import { announce } from "../announcer.js";
import { element, setText } from "../element.js";
import { button } from "./controls.js";

export class Trouble {
  #words = element("p", { class: "fault" });
  element = element("div", { class: "card empty", hidden: true }, this.#words);

  /** @param {() => unknown} again */
  constructor(again) {
    this.element.append(button("Try again", again));
  }

  /** @param {unknown} error */
  show(error) {
    setText(this.#words, /** @type {Error} */ (error).message);
    if (this.element.hidden) announce(this.#words.textContent ?? "");
    this.element.hidden = false;
  }

  hide() {
    this.element.hidden = true;
  }
}
