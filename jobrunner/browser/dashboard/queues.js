/**
 * Queues: which are paused, as a notice on the overview, and all of them with a way to pause and resume.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Queue } from "../wire.js"
 */

import { announce } from "../announcer.js";
import { element, Rows, setAttribute, setText } from "../element.js";
import { duration, moment } from "../words.js";
import { button } from "./controls.js";
import { count } from "./phrases.js";
import { searchHref } from "./places.js";
import { written } from "./search.js";

/** @param {Queue} queue */
function nameOf(queue) {
  return queue.queue;
}

/** Lead to the jobs of a queue. @param {HTMLElement} node @param {Queue} queue @param {string} [status] */
function lead(node, { queue }, status) {
  const terms = [{ name: "queue", value: queue }, ...(status ? [{ name: "status", value: status }] : [])];
  setAttribute(node, "href", searchHref(written(terms)));
}

class QueueButton {
  #queue = /** @type {Queue | null} */ (null);

  /** @param {Client} client @param {(queue: Queue) => void} changed */
  constructor(client, changed) {
    this.element = button("Pause", async () => {
      const queue = this.#queue;
      if (queue === null) return;
      try {
        changed(await (queue.paused ? client.resumeQueue(queue.queue) : client.pauseQueue(queue.queue)));
        announce(`The queue ${queue.queue} is ${queue.paused ? "resumed" : "paused"}.`);
      } catch (error) {
        announce(/** @type {Error} */ (error).message);
      }
    });
  }

  /** @param {Queue} queue */
  show(queue) {
    this.#queue = queue;
    setText(this.element, queue.paused ? "Resume" : "Pause");
    setAttribute(this.element, "aria-label", `${this.element.textContent} queue ${queue.queue}`);
  }
}

export class PausedQueues {
  #rows;
  #queues = /** @type {Queue[]} */ ([]);
  element = element("ul", { class: "notices", hidden: true });

  /** @param {Client} client */
  constructor(client) {
    const changed = (/** @type {Queue} */ queue) =>
      this.show(this.#queues.map((one) => (one.queue === queue.queue ? queue : one)));
    this.#rows = new Rows(this.element, nameOf, () => new PausedRow(client, changed));
  }

  /** @param {Queue[]} queues */
  show(queues) {
    this.#queues = queues;
    this.#rows.update(queues.filter((queue) => queue.paused));
  }
}

class PausedRow {
  #words = element("span");
  #button;

  /** @param {Client} client @param {(queue: Queue) => void} changed */
  constructor(client, changed) {
    this.#button = new QueueButton(client, changed);
    this.element = element("li", { class: "notice" }, this.#words, this.#button.element);
  }

  /** @param {Queue} queue */
  update(queue) {
    const since = queue.paused_at ? ` since ${moment(queue.paused_at)}` : "";
    const waits = queue.queued > 0 ? `, ${count(queue.queued)} waiting` : "";
    setText(
      this.#words,
      `Queue ${queue.queue} is paused${since}${queue.paused_by ? ` by ${queue.paused_by}` : ""}${waits}.`,
    );
    this.#button.show(queue);
  }
}

export class QueueTable {
  #body = element("tbody");
  #rows;
  #queues = /** @type {Queue[]} */ ([]);

  /** @param {Client} client */
  constructor(client) {
    const heads = ["Queue", "Waiting", "Running", "Slots", "Oldest wait", "State"].map((word) =>
      element("th", { scope: "col" }, word),
    );
    const head = element("thead", {}, element("tr", {}, ...heads, element("td")));
    const changed = (/** @type {Queue} */ queue) =>
      this.show(this.#queues.map((one) => (one.queue === queue.queue ? queue : one)));
    this.#rows = new Rows(this.#body, nameOf, () => new QueueRow(client, changed));
    this.element = element(
      "div",
      { class: "scroll", tabindex: 0, role: "group", "aria-label": "Queues" },
      element("table", { class: "plain queues" }, head, this.#body),
    );
  }

  /** @param {Queue[]} queues */
  show(queues) {
    this.#queues = queues;
    this.#rows.update(queues);
  }
}

class QueueRow {
  #links = [1, 2, 3].map(() => element("a"));
  #cells = [1, 2, 3].map(() => element("td"));
  #button;

  /** @param {Client} client @param {(queue: Queue) => void} changed */
  constructor(client, changed) {
    const [name, ...counts] = this.#links;
    this.#button = new QueueButton(client, changed);
    this.element = element("tr", {}, element("th", { scope: "row" }, name));
    this.element.append(...counts.map((link) => element("td", {}, link)), ...this.#cells);
    this.element.append(element("td", {}, this.#button.element));
  }

  /** @param {Queue} queue */
  update(queue) {
    const oldest = queue.oldest_wait === null ? "–" : duration(queue.oldest_wait);
    const slots = queue.concurrency === null ? "–" : count(queue.concurrency);
    const words = [queue.queue, count(queue.queued), count(queue.processing)];
    this.#links.forEach((link, n) => {
      setText(link, words[n]);
      lead(link, queue, ["", "queued", "processing"][n]);
    });
    [slots, oldest, queue.paused ? "Paused" : "Open"].forEach((word, n) => setText(this.#cells[n], word));
    this.#button.show(queue);
  }
}

/** A line for each queue, where there are several. */
export class QueueLines {
  element = element("ul", { class: "queue-lines", "aria-label": "Queues", hidden: true });
  #rows = new Rows(this.element, nameOf, () => new QueueLine());

  /** @param {Queue[]} queues */
  show(queues) {
    this.#rows.update(queues.length > 1 ? queues : []);
  }
}

class QueueLine {
  #name = element("a", { class: "title" });
  #running = element("a");
  #waiting = element("a");
  element = element("li", {}, this.#name, this.#running, this.#waiting);

  /** @param {Queue} queue */
  update(queue) {
    const slots = queue.concurrency === null ? "" : ` of ${count(queue.concurrency)}`;
    setText(this.#name, queue.queue);
    setText(this.#running, `${count(queue.processing)}${slots} running`);
    setText(this.#waiting, `${count(queue.queued)} waiting`);
    lead(this.#name, queue);
    lead(this.#running, queue, "processing");
    lead(this.#waiting, queue, "queued");
  }
}
