/**
 * Form fields: a label, a hint, a control and what is wrong with it. Each reads its own value; the server judges it.
 *
 * @import { Property } from "./schema.js"
 *
 * @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control
 */

import { element, setAttribute, setText } from "./element.js";
import { bytes } from "./words.js";

const LONG = 200; // characters: above, more than one line is offered

/** A value that cannot be sent, said beside its field. */
export class Unreadable extends Error {}

/** @template {Control} [Shape=Control] */
export class Field {
  #fault = element("p", { class: "fault", hidden: true });

  /**
   * @param {Shape} control  has an id
   * @param {{ label: string, description?: string, optional?: boolean, paths: string[][], read?: () => unknown }} field
   */
  constructor(control, { label, description = "", optional = false, paths, read = () => control.value }) {
    this.control = control;
    this.optional = optional;
    this.paths = paths;
    this.read = read;
    const hint = element("p", { class: "hint", id: `${control.id}-hint`, hidden: description === "" }, description);
    this.#fault.id = `${control.id}-fault`;
    setAttribute(control, "aria-describedby", `${hint.id} ${this.#fault.id}`);
    const name = element("label", { for: control.id }, label);
    if (optional) name.append(" ", element("span", { class: "muted" }, "optional"));
    this.element = element("div", { class: "field" }, name, hint, control, this.#fault);
    control.addEventListener("input", () => this.fail(""));
  }

  /** Say what is wrong; nothing is wrong with "". @param {string} fault */
  fail(fault) {
    const fold = this.control.closest("details");
    if (fold && fault !== "") fold.open = true;
    setText(this.#fault, fault);
    setAttribute(this.control, "aria-invalid", fault === "" ? null : "true");
  }
}

/**
 * Make the field of one property of the payload; `read` gives undefined for "left out".
 *
 * @param {Property} property
 * @param {string} id
 */
export function propertyField(property, id) {
  const [control, read] = CONTROLS[property.kind](property, id);
  return new Field(control, {
    label: property.label,
    description: property.description,
    optional: !property.required,
    paths: [property.name === null ? ["payload"] : ["payload", property.name]],
    read,
  });
}

/**
 * Make the field of one file: to be chosen or dropped.
 *
 * @param {string} name
 * @param {string} id
 * @param {number} index
 */
export function fileField(name, id, index) {
  const control = element("input", { type: "file", id, name });
  const field = new Field(control, {
    label: name === "file" ? "File" : name,
    paths: [
      ["uploads", name],
      ["uploads", String(index)],
    ],
    read: () => readFile(control),
  });
  const chosen = element("span", { class: "chosen", "aria-hidden": "true" });
  const show = () =>
    setText(chosen, control.files?.[0] ? fileWords(control.files[0]) : "Choose a file or drop it here");
  control.addEventListener("input", show);
  const zone = element("div", { class: "drop" });
  control.replaceWith(zone);
  zone.append(control, chosen);
  show();
  return field;
}

/** @param {File} file */
function fileWords(file) {
  return `${file.name} · ${bytes(file.size)}`;
}

/** @param {HTMLInputElement} control */
function readFile(control) {
  const file = control.files?.[0];
  if (!file) throw new Unreadable("Choose a file.");
  return file;
}

/**
 * @type {{ [kind in Property["kind"]]: (property: Property, id: string) => [control: Control, read: () => unknown] }}
 */
const CONTROLS = {
  string(property, id) {
    const isLong = (property.schema.maxLength ?? 0) > LONG || String(property.initial ?? "").includes("\n");
    const control = isLong
      ? element("textarea", { id, rows: 3 })
      : element("input", { id, type: "text", autocomplete: "off" });
    control.value = String(property.initial ?? "");
    const empty = property.nullable ? null : property.required || property.initial ? "" : undefined;
    return [control, () => (control.value === "" ? empty : control.value)];
  },
  number(property, id) {
    const { minimum = null, maximum = null } = property.schema;
    const step = property.kind === "integer" ? 1 : "any";
    const control = element("input", { id, type: "number", step, min: minimum, max: maximum, autocomplete: "off" });
    control.value = String(property.initial ?? "");
    return [control, () => readNumber(control, property)];
  },
  integer(property, id) {
    return CONTROLS.number(property, id);
  },
  boolean(property, id) {
    const control = element("input", { id, type: "checkbox" });
    control.checked = property.initial === true;
    return [control, () => control.checked];
  },
  choice(property, id) {
    const control = element("select", { id });
    const blank = property.nullable || (property.initial === undefined && !property.required);
    if (blank) control.append(element("option", { value: "" }, property.nullable ? "None" : "Default"));
    property.choices.forEach((choice, n) => control.append(element("option", { value: n }, String(choice))));
    const initial = property.choices.indexOf(property.initial);
    if (initial >= 0) control.value = String(initial);
    return [
      control,
      () => (control.value === "" ? (property.nullable ? null : undefined) : property.choices[Number(control.value)]),
    ];
  },
  json(property, id) {
    const control = element("textarea", { id, rows: 3, class: "code", spellcheck: "false", placeholder: "JSON" });
    control.value = property.initial == null ? "" : JSON.stringify(property.initial, null, 2);
    return [control, () => readJson(control.value, property)];
  },
};

/** @param {HTMLInputElement} control @param {Property} property */
function readNumber(control, property) {
  if (control.validity.badInput) throw new Unreadable("Not a number.");
  if (control.value === "") return property.nullable ? null : undefined;
  return Number(control.value);
}

/** @param {string} text @param {Property} property */
function readJson(text, property) {
  if (text.trim() === "") return property.name === null ? {} : property.nullable ? null : undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Unreadable(`Not JSON: ${/** @type {Error} */ (error).message}`);
  }
}
