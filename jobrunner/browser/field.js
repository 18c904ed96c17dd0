/**
 * A field of a form: a label, a hint, a control, and what is wrong with it. Each reads its own value and takes the
 * faults that are said of it.
 *
 * @import { Shape } from "./shape.js"
 *
 * @typedef {object} AnyField
 * @property {HTMLElement} element
 * @property {boolean} optional
 * @property {() => unknown} read  undefined: left out; throws Unreadable
 * @property {(value: unknown) => void} write
 * @property {(path: string[], detail: string) => void} fail  says what is wrong at a path inside it
 * @property {() => void} clear  nothing is wrong
 */

import { makeControl, Unreadable } from "./control.js";
import { element, setAttribute, setText } from "./element.js";
import { say } from "./messages.js";

let made = 0;

/** Have a look at a whole form: read all, and say what cannot be read. @param {AnyField} field @returns {[value: unknown, sound: boolean]} */
export function readField(field) {
  try {
    field.clear();
    return [field.read(), true];
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    if (error.message) field.fail([], error.message);
    return [undefined, false];
  }
}

/** @param {string} label @param {boolean} optional @returns {(Node | string)[]} */
export function labelled(label, optional) {
  return optional ? [label, " ", element("span", { class: "muted" }, say("optional"))] : [label];
}

export class Framed {
  fault = element("p", { class: "fault", part: "fault", id: `fault-${(made += 1)}`, hidden: true });

  /** @param {HTMLElement} control  what the fault is about */
  constructor(control) {
    this.control = control;
  }

  /** @param {string} detail */
  blame(detail) {
    const fold = /** @type {HTMLDetailsElement | null} */ (this.control.closest("details:not([open])"));
    if (fold && detail !== "") fold.open = true;
    setText(this.fault, detail);
    setAttribute(this.control, "aria-invalid", detail === "" ? null : "true");
  }

  clear() {
    this.blame("");
  }
}

/** @implements {AnyField} */
export class ValueField extends Framed {
  #made;
  optional;

  /** @param {Shape} shape */
  constructor(shape) {
    const control = makeControl(shape, `value-${(made += 1)}`);
    super(control.node);
    this.#made = control;
    const { id } = control.node;
    this.optional = !shape.required;
    const hint = element(
      "p",
      { class: "hint", part: "hint", id: `${id}-hint`, hidden: shape.description === "" },
      shape.description,
    );
    const label = element("label", { for: id, part: "label" }, ...labelled(shape.label, this.optional));
    setAttribute(control.node, "aria-describedby", `${hint.id} ${this.fault.id}`);
    control.node.addEventListener("input", () => this.clear());
    this.element = element("div", { class: "field", part: "field" }, label, hint, control.node, this.fault);
  }

  read() {
    return this.#made.read();
  }

  /** @param {unknown} value */
  write(value) {
    this.#made.write(value);
  }

  /** @param {string[]} _path @param {string} detail */
  fail(_path, detail) {
    this.blame(detail);
  }
}
