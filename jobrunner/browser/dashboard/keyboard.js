/** Keys for all that a mouse can do. They can be switched off, and mean nothing while somebody writes. */

import { choice } from "./choices.js";

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";
const GO_MS = 1_500;
const PLACES = /** @type {{ [key: string]: string }} */ ({ o: "", j: "jobs", n: "new", s: "stats" });

export class Keyboard {
  #main;
  #does;
  #went = 0; // when `g` was pressed

  /**
   * @param {HTMLElement} main
   * @param {{ go: (path: string) => void, help: () => void, search: () => void, pause: () => void, theme: () => void, escape: () => void }} does
   */
  constructor(main, does) {
    this.#main = main;
    this.#does = does;
    document.addEventListener("keydown", (event) => this.#press(event));
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const target = event.composedPath()[0];
    const typing = target instanceof Element && target.matches(TYPING);
    const elsewhere = document.querySelector("dialog[open], :popover-open") !== null;
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.isComposing ||
      elsewhere ||
      choice("shortcuts", "on") !== "on"
    )
      return;
    if (typing) {
      if (event.key === "Escape") /** @type {HTMLElement} */ (target).blur();
      return;
    }
    if (this.#mean(event.key)) event.preventDefault();
  }

  /** @param {string} key @returns {boolean} whether it means something */
  #mean(key) {
    const going = Date.now() - this.#went < GO_MS;
    this.#went = key === "g" ? Date.now() : 0;
    if (going && key in PLACES) return this.#done(() => this.#does.go(PLACES[key]));
    const act = {
      "?": this.#does.help,
      "/": this.#does.search,
      p: this.#does.pause,
      t: this.#does.theme,
      Escape: this.#does.escape,
      j: () => this.#step(1),
      k: () => this.#step(-1),
      x: () =>
        this.#row()
          ?.querySelector(/** @type {"input"} */ ("input[type=checkbox]"))
          ?.click(),
      r: () => this.#button("r")?.click(),
      c: () => this.#button("c")?.click(),
      e: () => this.#button("e")?.click(),
    }[key];
    return act ? this.#done(act) : false;
  }

  /** @param {() => unknown} act */
  #done(act) {
    act();
    return true;
  }

  #rows() {
    return [...this.#main.querySelectorAll("[data-row]")].filter((row) => openerOf(row));
  }

  #row() {
    return document.activeElement?.closest("[data-row]") ?? null;
  }

  /** @param {number} by */
  #step(by) {
    const rows = this.#rows();
    const at = rows.findIndex((row) => row === this.#row());
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + by, 0), rows.length - 1)];
    if (next) openerOf(next)?.focus();
  }

  /** What is chosen comes first, then the row with the focus, then the page's own job. @param {string} key */
  #button(key) {
    const seen = (/** @type {ParentNode | null} */ where, /** @type {string} */ name) =>
      [...(where?.querySelectorAll(/** @type {"button"} */ (`[${name}="${key}"]`)) ?? [])].find((node) =>
        node.checkVisibility(),
      );
    const row = this.#row();
    const inside = { r: "retry", c: "cancel" }[key];
    const shadow =
      row?.querySelector("job-status")?.shadowRoot?.querySelector("job-actions")?.shadowRoot ??
      row?.querySelector("job-status")?.shadowRoot;
    const own = shadow?.querySelector(/** @type {"button"} */ (`[part~="${inside}"]`));
    return (
      seen(this.#main, "data-bulk") ??
      seen(row, "data-key") ??
      (own?.checkVisibility() ? own : null) ??
      (row ? null : seen(this.#main.querySelector("header"), "data-key"))
    );
  }
}

/** The link of a row: ours, or that of the component in it. @param {Element} row @returns {HTMLElement | null} */
function openerOf(row) {
  return (
    row.querySelector(/** @type {"a"} */ ("[data-open]")) ??
    row.querySelector("job-status")?.shadowRoot?.querySelector("a") ??
    null
  );
}
