/**
 * A type's payload schema as a flat list of simple properties. What is not simple is typed as JSON. No page here.
 *
 * @import { Schema } from "./wire.js"
 *
 * @typedef {"string" | "number" | "integer" | "boolean" | "choice" | "json"} Kind
 *
 * @typedef {object} Property
 * @property {string | null} name  null: the payload as a whole
 * @property {Kind} kind
 * @property {string} label
 * @property {string} description
 * @property {boolean} required
 * @property {boolean} nullable
 * @property {unknown} initial  the default, undefined where there is none
 * @property {unknown[]} choices
 * @property {Schema} schema  limits such as `minimum` and `maxLength`
 */

const PLAIN = ["string", "number", "integer", "boolean"];

/** List what a payload is made of. @param {Schema | null} root @returns {Property[]} */
export function properties(root) {
  const top = follow(root ?? {}, root ?? {});
  if (top.type === "null") return [];
  const isOpen = top.type !== "object" || (top.properties === undefined && top.additionalProperties !== false);
  if (isOpen) return [{ ...describe("payload", top, top, true), name: null, kind: "json" }];
  const required = new Set(top.required ?? []);
  return Object.entries(top.properties ?? {}).map(([name, schema]) =>
    describe(name, schema, root ?? {}, required.has(name)),
  );
}

/** @param {string} name @param {Schema} schema @param {Schema} root @param {boolean} required @returns {Property} */
function describe(name, schema, root, required) {
  const own = follow(schema, root);
  const options = (own.anyOf ?? own.oneOf ?? [own]).map((/** @type {Schema} */ option) => follow(option, root));
  const solid = options.filter((/** @type {Schema} */ option) => option.type !== "null");
  const nullable = solid.length < options.length;
  const shape = solid.length === 1 ? { ...solid[0], ...own } : own;
  const choices =
    shape.enum ?? ("const" in shape ? [shape.const] : nullable && shape.type === "boolean" ? [true, false] : []);
  return {
    name,
    kind: choices.length > 0 ? "choice" : PLAIN.includes(shape.type) ? shape.type : "json",
    label: shape.title ?? name,
    description: shape.description ?? "",
    required,
    nullable,
    initial: shape.default,
    choices,
    schema: shape,
  };
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
