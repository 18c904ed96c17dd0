/** Elements and their patching: text by textContent only, nodes kept as long as what they show. */

/**
 * Make an element; `null` and `false` leave an attribute out.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{ [name: string]: string | number | boolean | null }} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(node, name, value);
  node.append(...children);
  return node;
}

/** @param {Element} node @param {string} name @param {string | number | boolean | null} value */
export function setAttribute(node, name, value) {
  const text = value === true ? "" : String(value);
  if (value === null || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

/** Show a text, and the node only while there is one. @param {HTMLElement} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
  node.hidden = text === "";
}

/** Find an element of the page that must be there. @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const node = document.getElementById(id);
  if (node === null) throw new Error(`The page has no #${id}.`);
  return node;
}

/**
 * The children of one node, one for each item: made once, updated in place, moved only when the order changes, so that
 * focus and selection survive.
 *
 * @template Item
 */
export class Rows {
  /** @type {Map<string, { element: HTMLElement, update: (item: Item) => void }>} */
  #rows = new Map();

  /**
   * @param {HTMLElement} parent  holds nothing else
   * @param {(item: Item) => string} keyOf
   * @param {() => { element: HTMLElement, update: (item: Item) => void }} make
   */
  constructor(parent, keyOf, make) {
    this.parent = parent;
    this.keyOf = keyOf;
    this.make = make;
  }

  /** @param {string} key @returns {HTMLElement | undefined} */
  find(key) {
    return this.#rows.get(key)?.element;
  }

  /** @param {Item[]} items */
  update(items) {
    const rows = new Map(items.map((item) => [this.keyOf(item), this.#rows.get(this.keyOf(item)) ?? this.make()]));
    for (const [key, row] of this.#rows) if (!rows.has(key)) row.element.remove();
    this.#rows = rows;
    this.#place();
    for (const item of items) rows.get(this.keyOf(item))?.update(item);
    this.parent.hidden = items.length === 0;
  }

  #place() {
    let place = this.parent.firstElementChild;
    for (const { element: node } of this.#rows.values()) {
      if (node === place) place = place.nextElementSibling;
      else this.parent.insertBefore(node, place);
    }
  }
}
