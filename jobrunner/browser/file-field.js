/**
 * A field for one file: to be chosen, or dropped.
 *
 * @import { AnyField } from "./field.js"
 */

import { Unreadable } from "./control.js";
import { element, setAttribute, setText } from "./element.js";
import { Framed } from "./field.js";
import { icon } from "./icons.js";
import { say } from "./messages.js";
import { bytes } from "./words.js";

let made = 0;

/** One file: to be chosen, or dropped on its field. @implements {AnyField} */
export class FileField extends Framed {
  optional = false;
  #chosen = element("span", { class: "chosen", "aria-hidden": "true" });

  /** @param {string} name */
  constructor(name) {
    const control = element("input", {
      type: "file",
      id: `file-${(made += 1)}`,
      name,
      part: "control",
      "aria-required": "true",
    });
    super(control);
    this.input = control;
    const label = element("label", { for: control.id, part: "label" }, name === "file" ? say("file") : name);
    const zone = element("div", { class: "drop", part: "drop" }, control, icon("upload"), this.#chosen);
    setAttribute(control, "aria-describedby", this.fault.id);
    control.addEventListener("input", () => this.#show());
    this.element = element("div", { class: "field", part: "field" }, label, zone, this.fault);
    this.#show();
  }

  #show() {
    const file = this.input.files?.[0];
    this.clear();
    setText(this.#chosen, file ? `${file.name} · ${bytes(file.size)}` : say("choose"));
    this.#chosen.toggleAttribute("data-file", file !== undefined);
  }

  read() {
    const file = this.input.files?.[0];
    if (!file) throw new Unreadable(say("choose_first"));
    return file;
  }

  /** Take a file that was dropped; anything else empties it. @param {unknown} value */
  write(value) {
    const files = new DataTransfer();
    if (value instanceof File) files.items.add(value);
    this.input.files = files.files;
    this.#show();
  }

  /** @param {string[]} _path @param {string} detail */
  fail(_path, detail) {
    this.blame(detail);
  }
}
