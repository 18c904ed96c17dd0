/**
 * The types that a person may choose from, and the one that is chosen; one that is not available says why.
 *
 * @import { JobType } from "./wire.js"
 */

import { element, setText } from "./element.js";
import { say } from "./messages.js";

export class TypeChoice {
  #select = element("select", { id: "type", part: "control", "aria-describedby": "about" });
  #about = element("p", { class: "hint", id: "about", part: "hint", hidden: true });
  element = element("div", { class: "field", part: "field" });
  // Mutable: what the server offers, and what is chosen of it.
  all = /** @type {JobType[]} */ ([]);
  chosen = /** @type {JobType | null} */ (null);

  /** @param {() => void} changed  by a person */
  constructor(changed) {
    this.#select.addEventListener("change", () => {
      this.choose(this.#select.value);
      changed();
    });
  }

  /**
   * Offer types, or the one that is named and no other; false: all of it is as it was.
   *
   * @param {JobType[]} types @param {string | null | undefined} named
   */
  offer(types, named) {
    const name = this.chosen?.type;
    const same = JSON.stringify(types) === JSON.stringify(this.all) && name !== undefined && (named ?? name) === name;
    this.all = types;
    if (same) return false;
    const label = element("label", { for: "type", part: "label" }, say("type"));
    this.element.replaceChildren(...(named ? [] : [label, this.#select]), this.#about);
    const before = this.#select.value;
    this.#select.replaceChildren(...types.map(option));
    this.choose(named ?? usual(types, before));
    return true;
  }

  /** @param {string} name */
  choose(name) {
    this.chosen = this.all.find((one) => one.type === name) ?? null;
    this.#select.value = name;
    setText(this.#about, this.chosen?.description ?? "");
    this.element.hidden = this.element.children.length === 1 && this.#about.hidden;
  }

  /** Why nothing can be submitted; "" if something can. */
  get fault() {
    if (this.chosen?.available) return "";
    return this.chosen ? unavailableWords(this.chosen) : say("no_types");
  }
}

/** @param {JobType[]} types @param {string} before */
function usual(types, before) {
  const available = types.filter((one) => one.available);
  return (available.find((one) => one.type === before) ?? available[0])?.type ?? "";
}

/** @param {JobType} type */
function option(type) {
  const name = type.title && type.title !== type.type ? `${type.title} (${type.type})` : type.type;
  return element(
    "option",
    { value: type.type, disabled: !type.available },
    type.available ? name : unavailableWords(type),
  );
}

/** @param {JobType} type */
function unavailableWords(type) {
  return say("unavailable", { title: type.title ?? type.type, reason: type.unavailable_reason ?? "?" });
}
