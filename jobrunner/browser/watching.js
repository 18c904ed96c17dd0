/**
 * All who watch on a page, served by one feed: knows what they want, fetches what each begins with, and lets the
 * connection go while nobody looks. Shows nothing. Loaded when the first one watches.
 *
 * @import { Caller } from "./caller.js"
 * @import { Filter, Job, Place, Snapshot } from "./wire.js"
 * @import { Observer } from "./watcher.js"
 * @import { Connection } from "./link.js"
 * @import { JobChanged, JobStore } from "./store.js"
 */

import { byNumber, filtersOf } from "./changes.js";
import { Feed } from "./feed.js";
import { isVisible, onPresence } from "./presence.js";
import { JobrunnerError } from "./problem.js";
import { Watcher } from "./watcher.js";

const ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

export class Watching {
  #feed;
  // Mutable: who watches, whether a person has paused, whether a look at what is wanted is due, how to leave the page.
  #watchers = /** @type {Set<Watcher>} */ (new Set());
  #held = false;
  #due = false;
  #leave = () => {};

  /** @param {Caller} caller @param {JobStore} store @param {Connection} connection */
  constructor(caller, store, connection) {
    this.store = store;
    this.connection = connection;
    this.#feed = new Feed(caller, this, this.connection);
    this.store.addEventListener("change", (event) => {
      const { job, before } = /** @type {JobChanged} */ (event);
      for (const watcher of this.#watchers) guarded(() => watcher.hear(job, before));
      this.#feed.stir();
      this.#revise();
    });
  }

  /** @param {string[] | Filter} target @param {Observer} observer @returns {() => void} stop */
  watch(target, observer) {
    const watcher = new Watcher(target, observer);
    if (this.#watchers.size === 0) this.#leave = onPresence((how) => this.#look(how));
    this.#watchers.add(watcher);
    queueMicrotask(() => {
      if (this.#watchers.has(watcher)) guarded(() => watcher.greet(this.store));
      if (this.#refusal) this.#fail(watcher, this.#refusal);
    });
    this.#revise();
    return () => {
      if (this.#watchers.delete(watcher) && this.#watchers.size === 0) this.#leave();
      this.#revise();
    };
  }

  pause() {
    this.#held = true;
    this.#feed.close({ state: "paused" });
  }

  resume() {
    this.#held = false;
    this.#look("shown");
  }

  /** What something may still come of: ids, and filters as text. */
  wanted() {
    return [...this.#watchers].flatMap((watcher) => watcher.open);
  }

  /** Take a state, if somebody here watches it. @param {Job} job @param {{ live?: boolean }} [from] */
  take(job, from) {
    if ([...this.#watchers].some((watcher) => watcher.matches(job))) this.store.put(job, from);
  }

  /** Put a job in its place in the queue. @param {Place} place */
  put({ job_id: id, ...place }) {
    const job = this.store.get(id);
    if (job?.status === "queued") this.store.put({ ...job, ...place }, { live: true });
  }

  /**
   * Fetch what those begin with who have not, or all; be the cursor that all of it was had at.
   *
   * @param {AbortSignal} signal
   * @param {boolean} [all]
   */
  async fill(signal, all = false) {
    /** @type {Map<string, Watcher[]>} */
    const groups = new Map();
    for (const watcher of this.#watchers) {
      if (watcher.asked || (watcher.filled && !(all && watcher.open.length > 0))) continue;
      const name = watcher.ids ? "ids" : watcher.name;
      groups.set(name, [...(groups.get(name) ?? []), watcher]);
    }
    const cursors = await Promise.all([...groups.values()].map((watchers) => this.#begin(watchers, signal)));
    return cursors.filter((cursor) => cursor !== "").sort(byNumber)[0];
  }

  /** All begins anew. */
  reset() {
    for (const watcher of this.#watchers) watcher.filled = false;
  }

  /** @param {Error} problem */
  refused(problem) {
    for (const watcher of this.#watchers) this.#fail(watcher, problem);
  }

  /** @param {Watcher} watcher @param {Error} problem */
  #fail(watcher, problem) {
    guarded(() => watcher.observer.failed?.(problem));
  }

  /** @param {Watcher[]} watchers  of one filter, or all of ids @param {AbortSignal} signal */
  async #begin(watchers, signal) {
    for (const watcher of watchers) watcher.asked = true;
    try {
      const ids = [...new Set(watchers.flatMap((watcher) => watcher.ids ?? []))];
      const filters = watchers[0].ids ? filtersOf(ids.filter((id) => ID.test(id))) : [watchers[0].filter];
      const none = /** @type {Snapshot} */ ({ jobs: [], cursor: "", more: false });
      const page = filters.length > 0 ? await this.#feed.changes.page(filters, signal) : none;
      for (const job of page.jobs) this.store.put(job);
      const missing = [...(page.missing ?? []), ...ids.filter((id) => !ID.test(id))];
      for (const watcher of watchers) guarded(() => watcher.begin({ ...page, missing }, this.store));
      return page.cursor;
    } catch (error) {
      const lasting = error instanceof JobrunnerError && !error.passing && ![401, 403].includes(error.status);
      if (!lasting) throw error;
      for (const watcher of watchers) if (this.#watchers.delete(watcher)) this.#fail(watcher, error);
      return "";
    } finally {
      for (const watcher of watchers) watcher.asked = false;
    }
  }

  /** @param {"shown" | "hidden" | "check"} how */
  #look(how) {
    if (this.#held) return;
    if (how === "hidden") return this.#feed.runs && this.#feed.close({ state: "paused" });
    if (!this.#feed.runs) return this.#watchers.size > 0 && this.#feed.open();
    if (how === "check") this.#feed.turn();
    else this.#feed.wake();
  }

  /** Look, once for all changes of a moment, whether what is wanted comes. */
  #revise() {
    if (this.#due) return;
    this.#due = true;
    setTimeout(() => {
      this.#due = false;
      const wanted = this.wanted();
      const fresh = [...this.#watchers].some((watcher) => !watcher.filled && !watcher.asked);
      if (!this.#feed.runs) {
        if ((fresh || wanted.length > 0) && !this.#held && !this.#refusal && isVisible()) this.#feed.open();
      } else if (wanted.length === 0 && !fresh) this.#feed.close({ state: "stopped" });
      else if (!this.#feed.covers(wanted)) this.#feed.turn();
      else if (fresh) this.fill(new AbortController().signal).catch(() => this.#feed.turn());
    });
  }

  /** Why nothing is told any longer. */
  get #refusal() {
    return this.connection.state === "stopped" ? this.connection.problem : null;
  }
}

/** An observer that throws is its own affair. @param {() => unknown} tell */
function guarded(tell) {
  try {
    tell();
  } catch (error) {
    setTimeout(() => {
      throw error;
    });
  }
}
