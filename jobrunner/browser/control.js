/**
 * One control for one simple value: made of its shape, read and written as JSON.
 *
 * @import { Shape } from "./shape.js"
 *
 * @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control
 * @typedef {{ node: Control, read: () => unknown, write: (value: unknown) => void }} Made
 */

import { element, setAttribute } from "./element.js";
import { say } from "./messages.js";

const LONG = 200; // characters: above, more than one line is offered
/** @type {{ [format: string]: string }} */
const INPUTS = { date: "date", "date-time": "datetime-local", email: "email", uri: "url", password: "password" };

/** A value that cannot be sent, said beside its field. */
export class Unreadable extends Error {}

/** @param {Shape} shape @param {string} id @returns {Made} */
export function makeControl(shape, id) {
  const made = MAKERS[shape.kind]?.(shape, id) ?? json(shape, id);
  setAttribute(made.node, "part", "control");
  setAttribute(made.node, "aria-required", shape.required && shape.kind !== "boolean" ? "true" : null);
  if (shape.initial !== undefined) made.write(shape.initial);
  return { ...made, read: () => checked(made.read(), shape) };
}

/** @type {{ [kind: string]: (shape: Shape, id: string) => Made }} */
const MAKERS = { string: text, number: numeric, integer: numeric, boolean: check, choice: select };

/** @param {Shape} shape @param {string} id @returns {Made} */
function text(shape, id) {
  const type = INPUTS[shape.schema.format] ?? "text";
  const isLong =
    type === "text" && ((shape.schema.maxLength ?? 0) > LONG || String(shape.initial ?? "").includes("\n"));
  const node = isLong ? element("textarea", { id, rows: 3 }) : element("input", { id, type, autocomplete: "off" });
  const isTime = type === "datetime-local";
  const empty = shape.nullable ? null : shape.required || shape.initial ? "" : undefined;
  return {
    node,
    read: () => (node.value === "" ? empty : isTime ? new Date(node.value).toISOString() : node.value),
    write: (value) => (node.value = isTime && value ? localTime(String(value)) : String(value ?? "")),
  };
}

/** What an input of a local time takes: 2026-11-22T10:00. @param {string} iso */
function localTime(iso) {
  const when = new Date(iso);
  return new Date(when.getTime() - 60_000 * when.getTimezoneOffset()).toISOString().slice(0, 16);
}

/** @param {Shape} shape @param {string} id @returns {Made} */
function numeric({ kind, schema, nullable }, id) {
  const step = kind === "integer" ? 1 : "any";
  const { minimum: min = null, maximum: max = null } = schema;
  const node = element("input", { id, type: "number", step, min, max, autocomplete: "off" });
  const read = () => {
    if (node.validity.badInput) throw new Unreadable(say("not_number"));
    return node.value !== "" ? Number(node.value) : nullable ? null : undefined;
  };
  return { node, read, write: (value) => (node.value = String(value ?? "")) };
}

/** @param {Shape} _shape @param {string} id @returns {Made} */
function check(_shape, id) {
  const node = element("input", { id, type: "checkbox" });
  return { node, read: () => node.checked, write: (value) => (node.checked = value === true) };
}

/** @param {Shape} shape @param {string} id @returns {Made} */
function select({ choices, nullable, initial, required }, id) {
  const node = element("select", { id });
  const blank = nullable || (initial === undefined && !required);
  if (blank) node.append(element("option", { value: "" }, say(nullable ? "none" : "default")));
  choices.forEach((choice, n) => node.append(element("option", { value: n }, String(choice))));
  const write = (/** @type {unknown} */ value) => (node.value = value == null ? "" : String(choices.indexOf(value)));
  return { node, read: () => (node.value === "" ? (nullable ? null : undefined) : choices[Number(node.value)]), write };
}

/** @param {Shape} shape @param {string} id @returns {Made} */
function json({ nullable, name, required }, id) {
  const node = element("textarea", { id, rows: 3, class: "code", spellcheck: "false", placeholder: "JSON" });
  const read = () => {
    if (node.value.trim() === "") return name === "payload" && required ? {} : nullable ? null : undefined;
    try {
      return JSON.parse(node.value);
    } catch (error) {
      throw new Unreadable(say("not_json", { problem: /** @type {Error} */ (error).message }));
    }
  };
  return { node, read, write: (value) => (node.value = value == null ? "" : JSON.stringify(value, null, 2)) };
}

/** Say here what the server would say anyhow; it has the last word. @param {unknown} value @param {Shape} shape */
function checked(value, { schema, required }) {
  const fault = value === undefined ? (required ? say("needed") : "") : limitWords(value, schema);
  if (fault !== "") throw new Unreadable(fault);
  return value;
}

/** @param {unknown} value @param {{ [keyword: string]: any }} schema */
function limitWords(value, { minimum, maximum, minLength, maxLength, pattern }) {
  if (typeof value === "number") {
    if (value < minimum) return say("too_small", { n: minimum });
    return value > maximum ? say("too_large", { n: maximum }) : "";
  }
  if (typeof value !== "string") return "";
  const { length } = [...value];
  if (length < minLength) return length === 0 ? say("needed") : say("too_short", { n: minLength });
  if (length > maxLength) return say("too_long", { n: maxLength });
  return matches(value, pattern) ? "" : say("pattern");
}

/** A pattern that this language does not know is the server's to judge. @param {string} value @param {unknown} pattern */
function matches(value, pattern) {
  try {
    return typeof pattern !== "string" || new RegExp(pattern, "u").test(value);
  } catch {
    return true;
  }
}
