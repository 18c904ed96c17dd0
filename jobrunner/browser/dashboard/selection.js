/** Which jobs are chosen: some by their ids, or all that a search finds. Knows no page. */

export class Selection extends EventTarget {
  /** @type {Set<string>} */
  #ids = new Set();
  #all = false;
  #anchor = ""; // where a range begins

  get ids() {
    return [...this.#ids];
  }

  /** Whether it is all that is found, on this page or not. */
  get all() {
    return this.#all;
  }

  get size() {
    return this.#ids.size;
  }

  /** @param {string} id */
  has(id) {
    return this.#all || this.#ids.has(id);
  }

  /**
   * Choose or leave one; with `range` all from the last one that was chosen.
   *
   * @param {string} id
   * @param {boolean} on
   * @param {string[]} shown  in their order
   * @param {boolean} range
   */
  set(id, on, shown, range) {
    if (this.#all) this.#ids = new Set(shown);
    this.#all = false;
    const [from, to] = [shown.indexOf(range ? this.#anchor : id), shown.indexOf(id)].sort((a, b) => a - b);
    for (const one of from < 0 ? [id] : shown.slice(from, to + 1)) this.#ids[on ? "add" : "delete"](one);
    this.#anchor = id;
    this.#tell();
  }

  /** @param {string[]} ids @param {boolean} on */
  setMany(ids, on) {
    if (this.#all) this.#ids.clear();
    this.#all = false;
    for (const id of ids) this.#ids[on ? "add" : "delete"](id);
    this.#tell();
  }

  setAll() {
    this.#all = true;
    this.#tell();
  }

  clear() {
    if (this.#ids.size === 0 && !this.#all) return;
    this.#ids.clear();
    this.#all = false;
    this.#tell();
  }

  #tell() {
    this.dispatchEvent(new Event("change"));
  }
}
