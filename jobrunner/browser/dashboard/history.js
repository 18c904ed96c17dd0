/**
 * All jobs there are: searched, paged, chosen, cancelled, retried, exported. What is searched for stands in the address.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Job } from "../wire.js"
 * @import { Place } from "./router.js"
 */

import { announce } from "../announcer.js";
import { element, setText } from "../element.js";
import { Bulk } from "./bulk.js";
import { Chips } from "./chips.js";
import { button, link } from "./controls.js";
import { JobTable } from "./job-table.js";
import { notTooOften } from "./pace.js";
import { Pager } from "./pager.js";
import { count, counted } from "./phrases.js";
import { href } from "./places.js";
import { filterOf, finds } from "./search.js";
import { SearchBox } from "./search-box.js";
import { Selection } from "./selection.js";
import { SelectionBar } from "./selection-bar.js";
import { Skeleton } from "./skeleton.js";
import { SortChoice } from "./sort-choice.js";
import { Trouble } from "./trouble.js";

const SIZES = [25, 50, 100]; // rows of a page

export class History {
  #client;
  #go;
  #selection = new Selection();
  #title = element("h1", { tabindex: -1 }, "Jobs");
  #search;
  #chips;
  #bar;
  #table;
  #sort = new SortChoice((ascending) => this.#move({ ascending, page: 1 }));
  #range = element("p", { class: "muted", role: "status" });
  #fresh = button("", () => this.#reload(), { class: "fresh", hidden: true });
  #skeleton = new Skeleton(12);
  #trouble = new Trouble(() => this.#load());
  #none = element("div", { class: "card empty", hidden: true });
  #exports = /** @type {HTMLElement[]} */ ([]);
  #pager = new Pager(SIZES, {
    turn: (step) => this.#turn(step),
    resize: (size) => this.#move({ size, page: 1 }),
  });
  // Mutable: what the address asks for, what was found, which question is the last, and which jobs came since.
  #asked = { text: "", page: 1, size: SIZES[0], ascending: false };
  #found = ""; // what was asked for the jobs that are shown
  #filter = /** @type {import("./search.js").Filter} */ ({});
  #total = 0;
  #question = 0;
  #arrived = /** @type {Set<string>} */ (new Set());
  #shown = false;
  title = "Jobs";

  /** @param {Client} client @param {(address: string, how?: { replace?: boolean }) => void} go */
  constructor(client, go) {
    this.#client = client;
    this.#go = go;
    this.#search = new SearchBox((text) => this.#move({ text, page: 1 }, true));
    this.#chips = new Chips(client, (text) => this.#move({ text, page: 1 }));
    this.#table = new JobTable(client, this.#selection, () =>
      this.#move({ ascending: !this.#asked.ascending, page: 1 }),
    );
    const bulk = new Bulk(client, () => {
      this.#selection.clear();
      this.#reload();
    });
    this.#bar = new SelectionBar(this.#selection, {
      act: (action) => void bulk.open(action, this.#chosen()),
      save: (kind) => void this.#export(this.#chosen(), kind),
    });
    this.element = this.#build();
    this.#table.element.hidden = true;
    this.#chips.refreshSoon = notTooOften(2_000, () => this.#chips.refresh(this.#asked.text));
    client.jobs.addEventListener("change", (event) => this.#heard(/** @type {any} */ (event)));
  }

  #build() {
    const save = (/** @type {"json" | "csv"} */ kind) => this.#export(this.#filter, kind);
    this.#exports = [
      button("Export JSON", () => save("json"), { hidden: true }),
      button("Export CSV", () => save("csv"), { hidden: true }),
    ];
    const tools = element("div", { class: "tools" }, this.#range, this.#sort.element, ...this.#exports);
    const head = element(
      "header",
      { class: "headline row" },
      this.#title,
      link(href("new"), "New job", { class: "button primary" }),
    );
    const list = element(
      "div",
      { class: "list" },
      this.#bar.element,
      this.#fresh,
      this.#skeleton.element,
      this.#table.element,
      this.#none,
      this.#trouble.element,
      this.#pager.element,
    );
    return element("div", { class: "page" }, head, this.#search.element, this.#chips.element, tools, list);
  }

  /** @param {Place} place */
  enter({ params }) {
    this.#shown = true;
    const [page, size] = [Number(params.get("page") ?? 1), Number(params.get("size"))];
    const text = params.get("q") ?? "";
    if (text !== this.#asked.text) this.#selection.clear();
    this.#asked = {
      text,
      page: Number.isInteger(page) && page > 0 ? page : 1,
      size: SIZES.includes(size) ? size : SIZES[0],
      ascending: params.get("sort") === "created_at",
    };
    void this.#load();
  }

  leave() {
    this.#shown = false;
  }

  /** Ask again: the server may have been away. */
  refresh() {
    if (this.#shown) void this.#load();
  }

  focusSearch() {
    this.#search.focus();
  }

  /** Leave what is chosen. */
  escape() {
    this.#selection.clear();
  }

  /** @param {Partial<{ text: string, page: number, size: number, ascending: boolean }>} change @param {boolean} [replace] */
  #move(change, replace = false) {
    const { text, page, size, ascending } = { ...this.#asked, ...change };
    const params = new URLSearchParams({
      ...(text && { q: text }),
      ...(ascending && { sort: "created_at" }),
      ...(page > 1 && { page: String(page) }),
      ...(size !== SIZES[0] && { size: String(size) }),
    });
    this.#go(href(params.size > 0 ? `jobs?${params}` : "jobs"), { replace });
  }

  /** @param {number} step */
  #turn(step) {
    this.#move({ page: this.#asked.page + step });
    window.scrollTo(0, 0);
    this.#title.focus({ preventScroll: true });
  }

  #reload() {
    if (this.#asked.page === 1 && !this.#asked.ascending) return void this.#load();
    this.#move({ page: 1, ascending: false });
  }

  async #load() {
    const { text, page, size, ascending } = this.#asked;
    const { filter, faults } = filterOf(text, Date.now());
    const question = (this.#question += 1);
    this.#filter = filter;
    this.#search.show(text, faults.join("\n"));
    this.#chips.show(text);
    void this.#search.offer(this.#client);
    if (faults.length > 0) return this.#skeleton.done();
    this.#table.element.setAttribute("aria-busy", "true");
    try {
      const sort = ascending ? "created_at" : "-created_at";
      const found = await this.#client.list({ ...filter, sort, page, page_size: size });
      if (question === this.#question) this.#show(found.jobs, found.total ?? found.jobs.length);
    } catch (error) {
      if (question === this.#question) this.#fail(/** @type {Error} */ (error));
    }
  }

  /** @param {Job[]} jobs @param {number} total */
  #show(jobs, total) {
    const { text, page, size, ascending } = this.#asked;
    const first = (page - 1) * size;
    this.#found = JSON.stringify(this.#asked);
    this.#total = total;
    this.#arrived.clear();
    this.#skeleton.done();
    this.#table.show(jobs, ascending);
    this.#table.element.removeAttribute("aria-busy");
    this.#table.element.hidden = jobs.length === 0;
    this.#sort.show(ascending);
    this.#showRange();
    this.#pager.show({ isFirst: page === 1, isLast: first + jobs.length >= total, ascending, size, total });
    this.#fresh.hidden = true;
    this.#trouble.hide();
    for (const node of this.#exports) node.hidden = total === 0;
    this.#bar.total = total;
    this.#showNone(jobs.length === 0, text !== "");
  }

  #showRange() {
    const first = (this.#asked.page - 1) * this.#asked.size;
    const last = Math.min(first + this.#asked.size, this.#total);
    setText(this.#range, last > first ? `${count(first + 1)}–${count(last)} of ${count(this.#total)}` : "");
  }

  /** @param {boolean} isNone @param {boolean} isSearch */
  #showNone(isNone, isSearch) {
    this.#none.hidden = !isNone;
    if (!isNone) return;
    const words = isSearch ? "No job matches this search." : "No jobs yet.";
    const way = isSearch
      ? button("Clear the search", () => this.#move({ text: "", page: 1 }))
      : link(href("new"), "Submit the first one", { class: "button" });
    this.#none.replaceChildren(element("p", {}, words), way);
  }

  /** What was found stays, unless something else is asked for. @param {Error} error */
  #fail(error) {
    if (JSON.stringify(this.#asked) !== this.#found) this.#show([], 0);
    this.#none.hidden = true;
    this.#skeleton.done();
    this.#table.element.removeAttribute("aria-busy");
    this.#trouble.show(error);
  }

  /** A job that is new waits behind a button: nothing jumps. @param {{ job: Job, before?: Job }} change */
  #heard({ job, before }) {
    if (!this.#shown) return;
    if (job.status !== before?.status) this.#chips.refreshSoon();
    if (before || this.#table.ids.includes(job.job_id) || this.#question === 0 || !finds(job, this.#filter)) return;
    this.#arrived.add(job.job_id);
    setText(this.#fresh, counted(this.#arrived.size, "new job"));
  }

  /** @returns {import("./search.js").Filter} */
  #chosen() {
    return this.#selection.all ? this.#filter : { job_id: this.#selection.ids };
  }

  /** @param {import("./search.js").Filter} filter @param {"json" | "csv"} kind */
  async #export(filter, kind) {
    try {
      const { exportJobs } = await import("./export.js");
      const done = await exportJobs(this.#client, filter, kind, (n) =>
        setText(this.#range, `Reading ${count(n)} jobs…`),
      );
      announce(`${counted(done, "job")} exported.`);
    } catch (error) {
      announce(/** @type {Error} */ (error).message);
    }
    this.#showRange();
  }
}
