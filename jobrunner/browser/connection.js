/** How the page stands to the server, in words. Reads the clock each second, changes nothing of the connection. */

import { setText } from "./element.js";
import { SILENCE_MS } from "./feed.js";
import { clock } from "./words.js";

/** @import { FeedState } from "./feed.js" */

/** Say whether what is shown may be out of date. @param {FeedState} feed @param {number} now */
export function isStale({ heardAt }, now) {
  return heardAt !== null && now - heardAt.getTime() >= SILENCE_MS;
}

/** @param {FeedState} feed @param {number} now @param {boolean} online @returns {string} */
export function connectionWords(feed, now, online) {
  const asOf = feed.heardAt === null ? "" : `, as of ${clock(feed.heardAt)}`;
  if (feed.state === "stopped") return `Stopped${asOf}: ${feed.problem?.message ?? ""}`;
  if (feed.state === "paused") return `Paused${asOf}`;
  if (isStale(feed, now)) return `Not live${asOf}`;
  if (feed.state === "live") return `Live · updated ${clock(feed.heardAt ?? new Date(now))}`;
  if (!online) return `Offline${asOf}`;
  if (feed.state === "waiting")
    return `Reconnecting in ${Math.max(Math.ceil(((feed.retryAt ?? now) - now) / 1_000), 0)} s`;
  return feed.heardAt === null ? "Connecting…" : "Reconnecting…";
}

export class Connection {
  #node;
  #feed = /** @type {FeedState} */ ({ state: "connecting", heardAt: null, retryAt: null, problem: null });

  /** @param {HTMLElement} node */
  constructor(node) {
    this.#node = node;
    setInterval(() => this.#redraw(), 1_000);
  }

  /** @param {FeedState} feed */
  show(feed) {
    this.#feed = feed;
    this.#redraw();
  }

  #redraw() {
    const now = Date.now();
    const stale = isStale(this.#feed, now);
    setText(this.#node, connectionWords(this.#feed, now, navigator.onLine));
    document.documentElement.dataset.live = stale ? "no" : "yes";
    this.#node.dataset.state = stale ? "stale" : this.#feed.state;
  }
}
