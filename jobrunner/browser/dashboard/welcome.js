/**
 * The very first thing somebody sees: how to submit a job, to copy or at one press.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { JobType } from "../wire.js"
 */

import { announce } from "../announcer.js";
import { element, setText } from "../element.js";
import { commandFor } from "./command.js";
import { button, copyButton, link } from "./controls.js";
import { href, jobHref } from "./places.js";

const EXAMPLE =
  "month,region,units,revenue\n" +
  Array.from(
    { length: 24 },
    (_, n) =>
      `2026-${String((n >> 1) + 1).padStart(2, "0")}-01,${n % 2 ? "South" : "North"},${40 + n * 3 + (n % 5) * 7},${(40 + n * 3) * 12}`,
  ).join("\n");

export class Welcome {
  #client;
  #go;
  #snippet = element("code");
  #run = button("Run an example", () => this.#example(), { class: "primary" });
  #fault = element("p", { class: "fault", hidden: true });
  // Mutable: what can be submitted, once it is known.
  #type = /** @type {JobType | undefined} */ (undefined);
  #asked = false;
  element = element("section", { class: "card welcome", hidden: true, "aria-label": "First steps" });

  /** @param {Client} client @param {(address: string) => void} go */
  constructor(client, go) {
    this.#client = client;
    this.#go = go;
    const command = element("pre", { tabindex: 0, role: "group", "aria-label": "Command" }, this.#snippet);
    const buttons = element("div", { class: "actions" }, this.#run, link(href("new"), "New job", { class: "button" }));
    this.element.append(
      element(
        "p",
        {},
        "Jobs show up here the moment they are submitted: by your application, by this page, or from a terminal:",
      ),
      element(
        "div",
        { class: "snippet" },
        command,
        copyButton(() => this.#snippet.textContent ?? ""),
      ),
      buttons,
      this.#fault,
    );
  }

  /** @param {boolean} isNew */
  show(isNew) {
    this.element.hidden = !isNew;
    if (isNew && !this.#asked) void this.#offer();
    this.#asked = isNew;
  }

  async #offer() {
    const [types, session] = await Promise.all([this.#client.types(), this.#client.session()]);
    this.#type = types.filter((type) => type.available).sort((a, b) => needs(a) - needs(b))[0];
    this.#run.hidden = this.#type === undefined;
    setText(this.#fault, this.#type ? "" : "No type of job is available: name your handlers in [workers] imports.");
    this.#snippet.textContent = commandFor(this.#type, {}, session.secured);
  }

  async #example() {
    const type = this.#type;
    if (type === undefined) return;
    const isTable = type.uploads.length === 1 && type.type === "data_story";
    if (needs(type) > 0 && !isTable) return this.#go(href(`new?type=${encodeURIComponent(type.type)}`));
    try {
      const job = await this.#client.submit({
        type: type.type,
        title: "Example",
        payload: {},
        ...(isTable && { uploads: type.uploads }),
      });
      this.#go(jobHref(job));
      if (isTable)
        await this.#client.upload(
          job.job_id,
          type.uploads[0],
          new File([EXAMPLE], "example.csv", { type: "text/csv" }),
        );
    } catch (error) {
      setText(this.#fault, /** @type {Error} */ (error).message);
      announce(/** @type {Error} */ (error).message);
    }
  }
}

/** How much has to be given. @param {JobType} type */
function needs(type) {
  return type.uploads.length + (type.payload_schema?.required ?? []).length;
}
