/**
 * <queue-stats type queue user-id range href>: five tiles: what waits and runs now, and what ended, lately or ever.
 *
 * @import { Counts, Job } from "./wire.js"
 */

import { element, Rows, setAttribute, setText } from "./element.js";
import { icon, reshape } from "./icons.js";
import { STREAM_ATTRIBUTES, streamFilter } from "./job-filter.js";
import { define, JobsElement, reflect } from "./jobs-element.js";
import { number, say } from "./messages.js";
import { sheet } from "./style.js";

const TOGETHER_MS = 300;
const NOW = ["queued", "processing"];
const ENDED = ["completed", "failed", "cancelled"];

/** @typedef {{ status: string, count: number | null, range: string, href: string | null }} Tile */

export class QueueStats extends JobsElement {
  static observedAttributes = [...STREAM_ATTRIBUTES, "range", "href"];
  static sheets = [
    sheet(`
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(132px, 1fr)); gap: 8px; }
.tile { display: grid; gap: 2px; block-size: 100%; padding: 12px; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); color: var(--text); text-decoration: none; }
a.tile:hover { border-color: var(--status-solid); }
.name { display: flex; align-items: center; flex-wrap: wrap; gap: 2px 6px; font-size: 13px; line-height: 18px; font-weight: 600; color: var(--status-text); }
.name .muted { font-weight: 400; }
.value { font-size: 28px; line-height: 36px; font-weight: 600; }
`),
  ];

  #list = element("ul", { class: "tiles", part: "base" });
  #rows = new Rows(
    this.#list,
    (/** @type {Tile} */ tile) => tile.status,
    () => new TileRow(),
  );
  // Mutable: the counts of now, those of the ended within the range, and a refresh on its way.
  counts = /** @type {Counts | null} */ (null);
  #ended = /** @type {{ [status: string]: number } | null} */ (null);
  #timer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined);
  #refused = false;

  constructor() {
    super();
    this.root.append(this.#list);
  }

  start() {
    this.#refused = false;
    this.#ended = null;
    this.keep(() => clearTimeout(this.#timer));
    const soon = () => (this.#timer ??= setTimeout(() => void this.#ask(), TOGETHER_MS));
    const moved = (/** @type {Job} */ job, /** @type {Job | undefined} */ before) =>
      job.status !== before?.status && soon();
    this.keep(this.client.watch(streamFilter(this), { job: moved, snapshot: soon }));
    void this.#ask();
  }

  draw() {
    const range = this.#ended === null ? "" : (this.getAttribute("range") ?? "");
    const tile = (/** @type {string} */ status) => ({
      status,
      count:
        (ENDED.includes(status) ? this.#ended?.[status] : undefined) ??
        this.counts?.[/** @type {keyof Counts} */ (status)] ??
        null,
      range: ENDED.includes(status) ? range.replace(/(\d)([hd])/, "$1 $2") : "",
      href: this.getAttribute("href")?.replaceAll("{status}", status) ?? null,
    });
    this.#rows.update([...NOW, ...ENDED].map(tile));
  }

  /** Who may not see the statistics sees the counts of all time. */
  async #ask() {
    this.#timer = undefined;
    const filter = streamFilter(this);
    const range = this.getAttribute("range");
    const statistics = range !== null && !this.#refused && !("user_id" in filter) && !("tag" in filter);
    const [counts, stats] = await Promise.all([
      this.client.counts(filter).catch(() => null), // the next change asks again
      statistics ? this.client.stats({ range, ...filter }).catch(() => null) : null,
    ]);
    this.#refused = statistics && stats === null && counts !== null;
    this.counts = counts ?? this.counts;
    this.#ended = stats === null ? this.#ended : { .../** @type {any} */ (stats).totals };
    this.redraw();
  }
}

class TileRow {
  #icon = icon("queued");
  #name = element("span");
  #range = element("span", { class: "muted" });
  #value = element("span", { class: "value", part: "tile-value" });
  #link = element("a", { class: "tile", part: "tile" });
  #plain = element("div", { class: "tile", part: "tile" });
  element = element("li", {}, this.#link, this.#plain);

  constructor() {
    this.#plain.append(element("span", { class: "name" }, this.#icon, this.#name, this.#range), this.#value);
  }

  /** @param {Tile} tile */
  update({ status, count, range, href }) {
    const shown = href === null ? this.#plain : this.#link;
    if (!shown.firstChild) shown.append(...(href === null ? this.#link : this.#plain).childNodes);
    this.#link.hidden = href === null;
    this.#plain.hidden = href !== null;
    setAttribute(this.#link, "href", href);
    setAttribute(this.element, "data-status", status);
    reshape(this.#icon, status);
    setText(this.#name, say(status));
    setText(this.#range, range);
    setText(this.#value, count === null ? "–" : number(count));
  }
}

reflect(QueueStats, [...STREAM_ATTRIBUTES, "range", "href"]);
define("queue-stats", QueueStats);
