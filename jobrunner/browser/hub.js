/**
 * What all clients of one server and one subject on a page share: the jobs, the connection, and one stream, whose
 * modules are loaded when the first one watches.
 *
 * @import { Caller } from "./caller.js"
 * @import { Filter } from "./wire.js"
 * @import { Observer } from "./watcher.js"
 * @import { Watching } from "./watching.js"
 */

import { backoffMs, sleep } from "./backoff.js";
import { Connection } from "./link.js";
import { unreachable } from "./problem.js";
import { JobStore } from "./store.js";

export class Hub {
  store = new JobStore();
  connection = new Connection();
  #caller;
  #loading = /** @type {Promise<Watching> | undefined} */ (undefined);

  /** @param {Caller} caller */
  constructor(caller) {
    this.#caller = caller;
  }

  pause() {
    void this.#watching.then((watching) => watching.pause());
  }

  resume() {
    void this.#loading?.then((watching) => watching.resume());
  }

  /** @param {string[] | Filter} target @param {Observer} observer */
  watch(target, observer) {
    let stop = () => {};
    let over = false;
    void this.#watching.then((watching) => over || (stop = watching.watch(target, observer)));
    return () => {
      over = true;
      stop();
    };
  }

  get #watching() {
    return (this.#loading ??= this.#load());
  }

  /** @returns {Promise<Watching>} */
  async #load(failures = 0) {
    try {
      const { Watching } = await import("./watching.js");
      return new Watching(this.#caller, this.store, this.connection);
    } catch {
      const ms = backoffMs(failures, { maxMs: 8_000 });
      this.connection.tell({ state: "reconnecting", problem: unreachable(), retryAt: Date.now() + ms });
      await sleep(ms);
      return this.#load(failures + 1);
    }
  }
}
