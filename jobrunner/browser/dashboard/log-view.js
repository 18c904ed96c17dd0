/**
 * The log of one job, as it is written. Keeps the newest lines only; is no live region: it would never be silent.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Job, LogLine } from "../wire.js"
 */

import { element, setText } from "../element.js";
import { clock } from "../words.js";
import { oncePerFrame } from "./pace.js";
import { counted } from "./phrases.js";

const MOST = 1_000;

export class LogView {
  #client;
  #lines = element("div", { class: "log", tabindex: 0, role: "group", "aria-label": "Log lines" });
  #left = element("p", { class: "muted", hidden: true });
  #none = element("p", { class: "muted" }, "Nothing has been logged.");
  #follow = element("input", { type: "checkbox", checked: true });
  #choice;
  #draw = oncePerFrame(() => this.#redraw());
  // Mutable: the job, how to stop following it, lines that are not drawn yet, the last line's number, how
  // many went, how far it was scrolled.
  #id = "";
  #stop = () => {};
  #fresh = /** @type {LogLine[]} */ ([]);
  #last = 0;
  #dropped = 0;
  #top = 0;

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
    this.#choice = element("label", { class: "check" }, this.#follow, "Follow");
    this.element = element("div", { class: "log-view" }, this.#left, this.#lines, this.#none, this.#choice);
    this.#lines.addEventListener("scroll", () => this.#scrolled());
    this.#follow.addEventListener("change", () => this.#draw());
  }

  /** @param {string} id */
  open(id) {
    this.close();
    if (id !== this.#id) this.#clear();
    this.#id = id;
    this.#stop = this.#client.followLogs(id, (line) => {
      if (line.n <= this.#last) return; // heard before
      this.#last = line.n;
      this.#fresh.push(line);
      this.#draw();
    });
  }

  /** What has ended writes no more. @param {Job} job */
  show(job) {
    this.#choice.hidden = job.completed_at !== null;
  }

  close() {
    this.#stop();
    this.#stop = () => {};
  }

  #clear() {
    this.#lines.replaceChildren();
    this.#fresh = [];
    this.#last = this.#dropped = 0;
    this.#follow.checked = true;
    this.#redraw();
  }

  /** Who scrolls up wants to read; who is back at the end wants to follow. */
  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#lines;
    if (scrollTop < this.#top) this.#follow.checked = false;
    if (scrollHeight - scrollTop - clientHeight < 24) this.#follow.checked = true;
    this.#top = scrollTop;
  }

  #redraw() {
    const fresh = this.#fresh.splice(0);
    const skipped = Math.max(fresh.length - MOST, 0);
    this.#lines.append(...fresh.slice(skipped).map(logRow));
    const over = Math.max(this.#lines.childElementCount - MOST, 0);
    for (let n = 0; n < over; n += 1) this.#lines.firstElementChild?.remove();
    this.#dropped += skipped + over;
    setText(this.#left, this.#dropped > 0 ? `${counted(this.#dropped, "earlier line")} left out here.` : "");
    this.#lines.hidden = this.#lines.childElementCount === 0;
    this.#none.hidden = !this.#lines.hidden;
    if (this.#follow.checked) this.#lines.scrollTop = this.#lines.scrollHeight;
  }
}

/** @param {LogLine} line */
export function logRow({ at, level, text, stream }) {
  const name = level === "info" ? "" : level;
  const words = [name, stream === "log" ? "" : stream].filter(Boolean).join(" ");
  return element(
    "div",
    { "data-level": level },
    element("time", { datetime: at }, clock(new Date(at))),
    element("span", { class: "level" }, words),
    element("span", {}, text),
  );
}
