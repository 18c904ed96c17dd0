/** Buttons, links and headings, made the same way everywhere. */

import { element } from "../element.js";
import { icon } from "../icons.js";

/**
 * @param {string} words
 * @param {() => unknown} act
 * @param {{ [name: string]: string | number | boolean | null }} [attributes]
 */
export function button(words, act, attributes = {}) {
  const node = element("button", { type: "button", ...attributes }, words);
  node.addEventListener("click", () => void act());
  return node;
}

/** @param {string} address @param {string} words @param {{ [name: string]: string | boolean | null }} [attributes] */
export function link(address, words, attributes = {}) {
  return element("a", { href: address, ...attributes }, words);
}

/**
 * One of the components, inside <jobs-client>.
 *
 * @param {string} name
 * @param {{ [name: string]: string | number | boolean | null }} [attributes]
 * @returns {any}
 */
export function component(name, attributes) {
  return element(/** @type {"div"} */ (name), attributes);
}

let made = 0;

/** A card with a heading that names it. @param {string} heading @param {...(Node | string)} children */
export function card(heading, ...children) {
  const id = `card-${(made += 1)}`;
  const head = element("div", { class: "card-head" }, element("h2", { id }, heading));
  return element("section", { class: "card", "aria-labelledby": id }, head, ...children);
}

/** A status as shape and word. @param {string} status @param {string} word */
export function badge(status, word) {
  return element("span", { class: "badge", "data-status": status }, icon(status), element("span", {}, word));
}

/** Copy a text; gone where the browser does not let a page do that (plain http). @param {() => string} text @param {string} [words] */
export function copyButton(text, words = "Copy") {
  const node = button(words, async () => {
    await navigator.clipboard.writeText(text());
    node.textContent = "Copied";
    setTimeout(() => (node.textContent = words), 2_000);
  });
  node.hidden = navigator.clipboard === undefined;
  return node;
}
