/** The way to the pages before and after, named by what is there: newer or older jobs; and how many rows a page has. */

import { element, setText } from "../element.js";
import { button } from "./controls.js";

export class Pager {
  #before;
  #after;
  #sizes;
  #size = element("select", {});
  #rows = element("label", { class: "rows", hidden: true }, "Rows", this.#size);

  /** @param {number[]} sizes @param {{ turn: (step: number) => void, resize: (size: number) => void }} does */
  constructor(sizes, { turn, resize }) {
    this.#sizes = sizes;
    this.#before = button("", () => turn(-1), { hidden: true });
    this.#after = button("", () => turn(1), { hidden: true });
    this.#size.append(...sizes.map((size) => element("option", { value: size }, String(size))));
    this.#size.addEventListener("change", () => resize(Number(this.#size.value)));
    this.element = element("nav", { class: "pager", "aria-label": "Pages of jobs" }, this.#rows, this.#before);
    this.element.append(this.#after);
  }

  /** @param {{ isFirst: boolean, isLast: boolean, ascending: boolean, size: number, total: number }} where */
  show({ isFirst, isLast, ascending, size, total }) {
    setText(this.#before, isFirst ? "" : ascending ? "Older" : "Newer");
    setText(this.#after, isLast ? "" : ascending ? "Newer" : "Older");
    this.#size.value = String(size);
    this.#rows.hidden = total <= this.#sizes[0];
  }
}
