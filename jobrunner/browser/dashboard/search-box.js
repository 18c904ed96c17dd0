/**
 * The field for a search, with words that may follow (the combobox pattern of WAI-ARIA). Tells what was typed, finds
 * nothing.
 *
 * @import { Client } from "../jobrunner.js"
 */

import { element, setAttribute } from "../element.js";
import { completions, STATUSES } from "./search.js";

const PAUSE_MS = 250;
const SHOWN = 8;
const AGES = ["1h", "24h", "7d", "30d"];

export class SearchBox {
  #heard;
  #list = element("ul", { id: "completions", role: "listbox", "aria-label": "Completions", hidden: true });
  #input = element("input", {
    id: "search",
    type: "search",
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": "completions",
    "aria-label": "Search jobs",
    "aria-describedby": "search-fault",
    autocomplete: "off",
    autocapitalize: "none",
    spellcheck: "false",
    placeholder: "Search: words, status:failed, type:…, tag:…, after:2d",
  });
  #fault = element("p", { id: "search-fault", class: "fault", hidden: true });
  #timer = 0;
  #active = -1;
  #from = 0;
  /** Values that may follow a qualifier. @type {{ [name: string]: string[] }} */
  #known = {};
  element = element("div", { class: "search", role: "search" }, this.#input, this.#list, this.#fault);

  /** @param {(text: string) => void} heard */
  constructor(heard) {
    this.#heard = heard;
    this.#input.addEventListener("input", () => this.#typed());
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#input.addEventListener("focus", () => this.#offer());
    this.#input.addEventListener("blur", () => this.#close());
    this.#list.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the field keeps the focus
      this.#take([...this.#list.children].indexOf(/** @type {Element} */ (event.target)));
    });
  }

  /** Ask which types and queues there are. @param {Client} client */
  async offer(client) {
    const types = /** @type {any[]} */ (await client.types().catch(() => []));
    const queue = [...new Set(types.map((type) => type.queue))];
    this.#known = { status: STATUSES, type: types.map((type) => type.type), queue, after: AGES, before: AGES };
  }

  focus() {
    this.#input.focus();
    this.#input.select();
  }

  /** @param {string} text @param {string} fault */
  show(text, fault) {
    if (document.activeElement !== this.#input) this.#input.value = text;
    this.#fault.textContent = fault;
    this.#fault.hidden = fault === "";
    setAttribute(this.#input, "aria-invalid", fault === "" ? null : "true");
  }

  #typed() {
    this.#offer();
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#tell(), PAUSE_MS);
  }

  #tell() {
    clearTimeout(this.#timer);
    this.#heard(this.#input.value.trim());
  }

  #offer() {
    const caret = this.#input.selectionStart ?? this.#input.value.length;
    const { from, options } = completions(this.#input.value.slice(0, caret), this.#known);
    this.#from = from;
    const nodes = options
      .slice(0, SHOWN)
      .map((one, n) => element("li", { id: `completion-${n}`, role: "option" }, one));
    this.#list.replaceChildren(...nodes);
    this.#setOpen(nodes.length > 0);
    this.#activate(-1);
  }

  #close() {
    this.#setOpen(false);
    this.#activate(-1);
  }

  /** @param {boolean} open */
  #setOpen(open) {
    this.#list.hidden = !open;
    setAttribute(this.#input, "aria-expanded", String(open));
  }

  /** @param {number} index */
  #activate(index) {
    this.#active = index;
    [...this.#list.children].forEach((node, n) => setAttribute(node, "aria-selected", String(n === index)));
    setAttribute(this.#input, "aria-activedescendant", index < 0 ? null : `completion-${index}`);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const size = this.#list.hidden ? 0 : this.#list.children.length;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && size > 0) this.#activate((this.#active + step + size + (this.#active < 0 && step < 0 ? 1 : 0)) % size);
    else if (event.key === "Enter" && this.#active >= 0) this.#take(this.#active);
    else if (event.key === "Tab" && this.#active >= 0) this.#take(this.#active);
    else if (event.key === "Enter") this.#enter();
    else if (event.key === "Escape" && size > 0) this.#close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #enter() {
    this.#close();
    this.#tell();
  }

  /** @param {number} index */
  #take(index) {
    const option = this.#list.children[index]?.textContent;
    if (!option) return;
    const { value, selectionStart } = this.#input;
    const caret = selectionStart ?? value.length;
    const done = value.slice(0, this.#from) + option + (option.endsWith(":") ? "" : " ");
    this.#input.value = done + value.slice(caret).trimStart();
    this.#input.setSelectionRange(done.length, done.length);
    this.#typed();
  }
}
