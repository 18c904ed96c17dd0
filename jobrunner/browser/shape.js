/**
 * A JSON Schema as a tree of what a form can draw: simple values, choices, lists of them, groups. Whatever is none of
 * these is typed as JSON. No page here.
 *
 * @import { Schema } from "./wire.js"
 *
 * @typedef {"string" | "number" | "integer" | "boolean" | "choice" | "list" | "group" | "json"} Kind
 *
 * @typedef {object} Shape
 * @property {string} name
 * @property {Kind} kind
 * @property {string} label
 * @property {string} description
 * @property {boolean} required
 * @property {boolean} nullable
 * @property {unknown} initial  the default, undefined where there is none
 * @property {unknown[]} choices
 * @property {Shape[]} members  of a group
 * @property {Shape | null} item  of a list
 * @property {Schema} schema  limits such as `minimum` and `maxLength`
 */

const PLAIN = ["string", "number", "integer", "boolean"];
const DEEPEST = 5;

/** Be what a payload looks like. @param {Schema | null} root @returns {Shape} */
export function payloadShape(root) {
  return describe("payload", root ?? {}, root ?? {}, true, 0);
}

/** @param {string} name @param {Schema} schema @param {Schema} root @param {boolean} required @param {number} depth @returns {Shape} */
function describe(name, schema, root, required, depth) {
  const own = follow(schema, root);
  const options = (own.anyOf ?? own.oneOf ?? typesOf(own)).map((/** @type {Schema} */ option) => follow(option, root));
  const solid = options.filter((/** @type {Schema} */ option) => option.type !== "null");
  const nullable = solid.length < options.length;
  const shape = solid.length === 1 ? { ...solid[0], ...own, type: solid[0].type ?? own.type } : own;
  const choices = choicesOf(shape, solid, nullable);
  const item = shape.type === "array" && shape.items ? describe("", shape.items, root, true, depth + 1) : null;
  const members = Object.entries(shape.type === "object" && depth < DEEPEST ? (shape.properties ?? {}) : {}).map(
    ([key, member]) => describe(key, member, root, (shape.required ?? []).includes(key), depth + 1),
  );
  const found = { name, label: shape.title ?? words(name), description: shape.description ?? "", required, nullable };
  return {
    ...found,
    kind: kindOf(shape, choices, members, item),
    initial: shape.default,
    choices,
    members,
    item,
    schema: shape,
  };
}

/** {"type": ["string", "null"]} is two options. @param {Schema} own @returns {Schema[]} */
function typesOf(own) {
  return Array.isArray(own.type) ? own.type.map((type) => ({ type })) : [own];
}

/** @param {Schema} shape @param {Schema[]} options @param {boolean} nullable @returns {unknown[]} */
function choicesOf(shape, options, nullable) {
  if (shape.enum) return shape.enum.filter((/** @type {unknown} */ one) => one !== null);
  if ("const" in shape) return [shape.const];
  if (options.length > 1 && options.every((option) => "const" in option)) return options.map((option) => option.const);
  return nullable && shape.type === "boolean" ? [true, false] : [];
}

/** @param {Schema} shape @param {unknown[]} choices @param {Shape[]} members @param {Shape | null} item @returns {Kind} */
function kindOf(shape, choices, members, item) {
  if (choices.length > 0) return "choice";
  if (PLAIN.includes(shape.type)) return shape.type;
  if (item && (item.kind === "choice" || PLAIN.includes(item.kind)) && !item.nullable) return "list";
  const closed = shape.type === "object" && shape.properties === undefined && shape.additionalProperties === false;
  return members.length > 0 || closed || shape.type === "null" ? "group" : "json";
}

/** rows_per_page: Rows per page. @param {string} name */
function words(name) {
  const text = name.replace(/[_-]+/g, " ").trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/**
 * Put what a reference points at in its place; what stands beside it wins.
 *
 * @param {Schema} schema
 * @param {Schema} root
 * @returns {Schema}
 */
function follow(schema, root, depth = 0) {
  const { $ref, allOf, ...own } = schema;
  const reference = $ref ?? (allOf?.length === 1 ? allOf[0].$ref : undefined);
  if (typeof reference !== "string" || !reference.startsWith("#/") || depth > 8) return schema;
  const target = pointerParts(reference.slice(1)).reduce((/** @type {any} */ at, key) => at?.[key], root);
  return { ...follow(target ?? {}, root, depth + 1), ...own };
}

/** Split a JSON pointer (RFC 6901). @param {string} pointer */
export function pointerParts(pointer) {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}
