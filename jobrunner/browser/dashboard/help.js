/** Help: the keys, and what can be searched for. */

import { element } from "../element.js";
import { button } from "./controls.js";

const KEYS = [
  ["?", "This help"],
  ["/", "Search jobs"],
  ["g then o, j, n, s", "Overview, jobs, new job, statistics"],
  ["j, k", "Next and previous job"],
  ["Enter", "Open it"],
  ["x", "Select it; with Shift and the mouse a range"],
  ["r, c", "Retry, cancel: the selected ones, or the one with the focus"],
  ["e", "Why it failed, below its row"],
  ["p", "Pause and resume live updates"],
  ["t", "Theme: auto, light, dark"],
  ["Esc", "Close, leave the field, clear the selection"],
];
const WORDS = [
  ["status:failed", "also queued, processing, completed, cancelled; several with commas"],
  ["type:translate", "a type of job; written twice: either"],
  ["tag:x  user:anna  queue:gpu", "what a job was given"],
  ["code:TIMEOUT", "the error it failed with"],
  ["after:2d  before:2026-11-01", "submitted since an age (m, h, d, w) or a date, or until then"],
  ["id:…", "one job"],
  ["anything else", "words in the title"],
];

/** @param {string[][]} rows */
function list(rows) {
  return element(
    "dl",
    { class: "keys" },
    ...rows.map(([name, words]) =>
      element("div", {}, element("dt", {}, element("kbd", {}, name)), element("dd", {}, words)),
    ),
  );
}

export class Help {
  #heading = element("h2", { id: "help-heading", tabindex: -1 }, "Help");
  #dialog = element("dialog", { class: "card help", "aria-labelledby": "help-heading" });

  open() {
    if (!this.#dialog.isConnected) {
      const close = button("Close", () => this.#dialog.close());
      const note = element(
        "p",
        { class: "muted" },
        "Shortcuts can be switched off in Settings, and mean nothing while you write.",
      );
      this.#dialog.append(
        this.#heading,
        element("h3", {}, "Keyboard"),
        list(KEYS),
        note,
        element("h3", {}, "Search"),
        list(WORDS),
        close,
      );
      document.body.append(this.#dialog);
    }
    this.#dialog.showModal();
    this.#heading.focus();
  }
}
