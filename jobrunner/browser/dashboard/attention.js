/**
 * Needs attention: what failed in the last day, by type and error, with a way to run all of it again.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { FailureGroup } from "../wire.js"
 */

import { element, Rows, setAttribute, setText } from "../element.js";
import { moment } from "../words.js";
import { badge, button, card, link } from "./controls.js";
import { Bulk } from "./bulk.js";
import { notTooOften } from "./pace.js";
import { count, counted } from "./phrases.js";
import { href, searchHref } from "./places.js";
import { written } from "./search.js";

const DAY_MS = 86_400_000;
const SHOWN = 5;

export class Attention {
  #client;
  #list = element("ul", { class: "lines" });
  #none = element("p", { class: "muted" }, "Nothing has failed in the last 24 hours.");
  #more = link(searchHref("status:failed after:24h"), "", { hidden: true });
  #rows;

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
    const bulk = new Bulk(client, () => this.refresh());
    this.#rows = new Rows(
      this.#list,
      (/** @type {FailureGroup} */ group) => `${group.type} ${group.code}`,
      () => new GroupRow(bulk),
    );
    this.element = card("Needs attention", this.#list, this.#none, this.#more);
    this.refresh = notTooOften(2_000, () => this.#refresh());
  }

  async #refresh() {
    const groups = await this.#client.failures({ created_after: new Date(Date.now() - DAY_MS).toISOString() });
    this.#rows.update(groups.slice(0, SHOWN));
    this.#none.hidden = groups.length > 0;
    setText(
      this.#more,
      groups.length > SHOWN ? `${counted(groups.length - SHOWN, "more kind of failure", "more kinds of failure")}` : "",
    );
  }
}

class GroupRow {
  #title = element("a", { class: "title", "data-open": true });
  #facts = element("p", { class: "muted" });
  #code = element("strong");
  #message = element("span");
  #retry;
  #group = /** @type {FailureGroup | null} */ (null);

  /** @param {Bulk} bulk */
  constructor(bulk) {
    this.#retry = button("Retry all", () => this.#group && bulk.open("retry", filterOf(this.#group)), {
      "data-key": "r",
    });
    const head = element("div", { class: "name" }, this.#title, badge("failed", "Failed"));
    const failure = element("p", { class: "failure" }, this.#code, this.#message);
    this.element = element(
      "li",
      { "data-row": true, "data-status": "failed" },
      element("div", {}, head, this.#facts),
      this.#retry,
      failure,
    );
  }

  /** @param {FailureGroup} group */
  update(group) {
    this.#group = group;
    const words = written([
      { name: "status", value: "failed" },
      { name: "type", value: group.type },
      { name: "code", value: group.code },
      { name: "after", value: "24h" },
    ]);
    setText(this.#title, group.type);
    setAttribute(this.#title, "href", group.count === 1 ? href(`jobs/${group.job_id}`) : searchHref(words));
    setText(this.#facts, `${counted(group.count, "time")} in 24 h, last ${moment(group.last_at)}`);
    setText(this.#code, group.code);
    setText(this.#message, group.message);
    setText(this.#retry, group.count === 1 ? "Retry" : `Retry all ${count(group.count)}`);
    setAttribute(this.#retry, "aria-label", `${this.#retry.textContent} ${group.type}: ${group.code}`);
  }
}

/** @param {FailureGroup} group */
function filterOf(group) {
  return {
    status: "failed",
    type: group.type,
    code: group.code,
    created_after: new Date(Date.now() - DAY_MS).toISOString(),
  };
}
