/** A JSON value as a tree that folds; what is deep or long is made when it is opened. Shows, never edits. */

import { element } from "../element.js";
import { button, copyButton } from "./controls.js";
import { count } from "./phrases.js";

const AT_ONCE = 100;
const LONG = 1_000;

export class Tree {
  #shown = "";
  #body = element("div", { class: "tree" });
  element = element("div", { class: "json" });

  constructor() {
    const copy = copyButton(() => this.#shown, "Copy JSON");
    copy.classList.add("quiet");
    this.element.append(this.#body, copy);
  }

  /** @param {unknown} value */
  show(value) {
    const text = JSON.stringify(value, null, 2) ?? "null";
    if (text === this.#shown) return;
    this.#shown = text;
    this.#body.replaceChildren(node("", value, 0));
  }
}

/** @param {string} name @param {unknown} value @param {number} depth @returns {HTMLElement} */
function node(name, value, depth) {
  const label = name === "" ? [] : [element("span", { class: "key" }, name), ": "];
  if (value === null || typeof value !== "object" || Object.keys(value).length === 0)
    return element("div", { class: "leaf" }, ...label, leaf(value));
  const entries = Object.entries(value);
  const kind = Array.isArray(value) ? `[${count(entries.length)}]` : `{${count(entries.length)}}`;
  const children = element("div", { class: "children" });
  const fold = element(
    "details",
    { open: depth < 1 },
    element("summary", {}, ...label, element("span", { class: "muted" }, kind)),
    children,
  );
  const fill = () => children.childElementCount === 0 && fold.open && more(children, entries, 0, depth);
  fold.addEventListener("toggle", fill);
  fill();
  return fold;
}

/** @param {HTMLElement} parent @param {[string, unknown][]} entries @param {number} from @param {number} depth */
function more(parent, entries, from, depth) {
  const to = Math.min(from + AT_ONCE, entries.length);
  parent.append(...entries.slice(from, to).map(([name, value]) => node(name, value, depth + 1)));
  if (to === entries.length) return;
  const rest = button(`${count(entries.length - to)} more`, () => {
    more(parent, entries, to, depth);
    rest.remove();
  });
  parent.append(rest);
}

/** @param {unknown} value */
function leaf(value) {
  const text = JSON.stringify(value) ?? "null";
  const kind = typeof value === "string" ? "text" : "value";
  if (text.length <= LONG) return element("span", { class: kind }, text);
  const shown = element("span", { class: kind }, `${text.slice(0, LONG)}…`);
  const all = button(`All ${count(text.length)} characters`, () => {
    shown.textContent = text;
    all.remove();
  });
  return element("span", {}, shown, " ", all);
}
