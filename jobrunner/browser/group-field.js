/**
 * Fields of fields: groups with a name for each, and lists of any number of simple values.
 *
 * @import { AnyField } from "./field.js"
 * @import { Shape } from "./shape.js"
 */

import { Unreadable } from "./control.js";
import { element } from "./element.js";
import { Framed, labelled, readField, ValueField } from "./field.js";
import { icon } from "./icons.js";
import { say } from "./messages.js";

/** @param {Shape} shape @returns {AnyField} */
export function makeField(shape) {
  if (shape.kind === "group") return new GroupField(shape);
  return shape.kind === "list" ? new ListField(shape) : new ValueField(shape);
}

/** @implements {AnyField} */
export class GroupField extends Framed {
  #members;
  #shape;
  #touched;

  /** @param {Shape} shape @param {boolean} [bare]  without a frame: the payload itself */
  constructor(shape, bare = false) {
    super(element(bare ? "div" : "fieldset", { class: "fields", part: bare ? null : "group" }));
    this.#shape = shape;
    this.optional = !shape.required;
    this.#touched = shape.required || shape.initial != null;
    this.#members = new Map(shape.members.map((member) => [member.name, makeField(member)]));
    const hint = element("p", { class: "hint", hidden: bare || shape.description === "" }, shape.description);
    this.element = this.control;
    if (!bare) this.element.append(element("legend", {}, ...labelled(shape.label, this.optional)));
    this.element.append(hint, ...this.#arranged(bare), this.fault);
    this.element.addEventListener("input", () => (this.#touched = true));
    if (shape.initial != null) this.write(shape.initial);
  }

  /** What must be filled in first; the rest of a payload is folded. @param {boolean} bare */
  #arranged(bare) {
    const fields = [...this.#members.values()];
    const [asked, offered] = [false, true].map((optional) =>
      fields.filter((field) => field.optional === optional).map((field) => field.element),
    );
    if (!bare || asked.length === 0 || offered.length < 2) return [...asked, ...offered];
    return [
      ...asked,
      element("details", {}, element("summary", {}, say("options")), element("div", { class: "fields" }, ...offered)),
    ];
  }

  read() {
    if (this.#shape.schema.type === "null") return null;
    if (!this.#touched) return this.#shape.nullable ? null : undefined;
    const read = [...this.#members].map(([name, field]) => /** @type {const} */ ([name, ...readField(field)]));
    if (read.some(([, , sound]) => !sound)) throw new Unreadable("");
    return Object.fromEntries(read.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  }

  /** @param {unknown} value */
  write(value) {
    if (value === null || typeof value !== "object") return;
    this.#touched = true;
    for (const [name, one] of Object.entries(value)) this.#members.get(name)?.write(one);
  }

  /** @param {string[]} path @param {string} detail */
  fail([name, ...rest], detail) {
    const member = this.#members.get(name);
    if (member) member.fail(rest, detail);
    else
      this.blame(
        [name, ...rest]
          .filter(Boolean)
          .join("/")
          .concat(name ? `: ${detail}` : detail),
      );
  }

  clear() {
    super.clear();
    for (const field of this.#members.values()) field.clear();
  }
}

/** Any number of simple values, each in a row of its own. @implements {AnyField} */
class ListField extends Framed {
  #shape;
  #rows = /** @type {ValueField[]} */ ([]);
  #list = element("div", { class: "items" });
  #add = element("button", { type: "button", class: "add" }, icon("plus"), say("add"));
  #touched = false;

  /** @param {Shape} shape */
  constructor(shape) {
    super(element("fieldset", { class: "fields", part: "group" }));
    this.#shape = shape;
    this.optional = !shape.required;
    const hint = element("p", { class: "hint", hidden: shape.description === "" }, shape.description);
    this.element = this.control;
    this.element.append(
      element("legend", {}, ...labelled(shape.label, this.optional)),
      hint,
      this.#list,
      this.#add,
      this.fault,
    );
    this.#add.addEventListener("click", () => this.#append().control.focus());
    this.element.addEventListener("input", () => (this.#touched = true));
    if (Array.isArray(shape.initial)) this.write(shape.initial);
    else for (let n = shape.required ? Math.max(shape.schema.minItems ?? 0, 1) : 0; n > 0; n -= 1) this.#append();
  }

  #append() {
    const item = /** @type {Shape} */ (this.#shape.item);
    const field = new ValueField({ ...item, label: `${this.#shape.label} ${this.#rows.length + 1}`, required: true });
    const name = field.element.querySelector("label")?.textContent ?? "";
    const remove = element(
      "button",
      { type: "button", class: "remove", "aria-label": say("remove", { name }) },
      icon("close"),
    );
    field.element.querySelector("label")?.classList.add("hidden");
    remove.addEventListener("click", () => this.#remove(field));
    field.control.after(remove);
    field.element.classList.add("item");
    this.#rows.push(field);
    this.#list.append(field.element);
    this.#touched = true;
    return field;
  }

  /** @param {ValueField} field */
  #remove(field) {
    this.#rows = this.#rows.filter((one) => one !== field);
    field.element.remove();
    this.#add.focus();
  }

  /** A row that was left empty is none. */
  read() {
    const empty = this.#rows.length === 0;
    if (empty && !this.#shape.required && !(this.#touched && this.#shape.initial !== undefined))
      return this.#shape.nullable ? null : undefined;
    const read = this.#rows.filter((row) => /** @type {any} */ (row.control).value !== "").map(readField);
    if (read.some(([, sound]) => !sound)) throw new Unreadable("");
    return read.map(([value]) => value);
  }

  /** @param {unknown} value */
  write(value) {
    for (const row of this.#rows) row.element.remove();
    this.#rows = [];
    for (const one of Array.isArray(value) ? value : []) this.#append().write(one);
  }

  /** @param {string[]} path @param {string} detail */
  fail([index, ...rest], detail) {
    const row = this.#rows[Number(index)];
    if (row) row.fail(rest, detail);
    else this.blame(detail);
  }

  clear() {
    super.clear();
    for (const row of this.#rows) row.clear();
  }
}
