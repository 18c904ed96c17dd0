/** Which jobs come first, as a choice: the history has it where its table has no heads. */

import { element } from "../element.js";

export class SortChoice {
  element = element(
    "select",
    { class: "sort-choice", "aria-label": "Order" },
    element("option", { value: "-created_at" }, "Newest first"),
    element("option", { value: "created_at" }, "Oldest first"),
  );

  /** @param {(ascending: boolean) => void} choose */
  constructor(choose) {
    this.element.addEventListener("change", () => choose(this.element.value === "created_at"));
  }

  /** @param {boolean} ascending */
  show(ascending) {
    this.element.value = ascending ? "created_at" : "-created_at";
  }
}
