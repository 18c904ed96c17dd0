/**
 * A new job: the form that the type's schema makes, or the same as JSON; also an old job with another input.
 *
 * @import { Client } from "../jobrunner.js"
 * @import { Job, JobType } from "../wire.js"
 * @import { Place } from "./router.js"
 */

import { announce } from "../announcer.js";
import { element, setText } from "../element.js";
import { titleOf } from "../words.js";
import { commandFor } from "./command.js";
import { card, component, copyButton, link } from "./controls.js";
import { jobHref } from "./places.js";

export class NewPage {
  #client;
  #go;
  #title = element("h1", { tabindex: -1 }, "New job");
  #about = element("p", { class: "muted", hidden: true });
  #form = /** @type {any} */ (null);
  #place = element("div");
  #json = element("textarea", {
    id: "json",
    class: "code",
    rows: 10,
    spellcheck: "false",
    "aria-describedby": "json-fault",
  });
  #fault = element("p", { id: "json-fault", class: "fault", hidden: true });
  #command = element("code");
  #secured = /** @type {boolean | undefined} */ (undefined); // once it is known
  #from = "";
  #type = "";
  title = "New job";

  /** @param {Client} client @param {(address: string) => void} go */
  constructor(client, go) {
    this.#client = client;
    this.#go = go;
    const label = element("label", { for: "json" }, "Payload");
    const field = element("div", { class: "field" }, label, this.#json, this.#fault);
    const copy = copyButton(() => this.#command.textContent ?? "", "Copy command");
    const command = element("pre", { tabindex: 0, role: "group", "aria-label": "Command" }, this.#command);
    const json = card(
      "The same as JSON",
      element("p", { class: "muted" }, "Form and JSON follow each other."),
      field,
      command,
      copy,
    );
    const form = card("Input", this.#place);
    this.element = element(
      "div",
      { class: "page" },
      element("header", { class: "headline" }, this.#title, this.#about),
      element("div", { class: "columns even" }, form, json),
    );
    this.#json.addEventListener("input", () => this.#read());
    this.#place.addEventListener("input", () => setTimeout(() => this.#write()));
  }

  /** @param {Place} place */
  enter({ params }) {
    const [from, type] = [params.get("from") ?? "", params.get("type") ?? ""];
    if (this.#form !== null && from === this.#from && type === this.#type) return; // what was typed stays
    this.#from = from;
    this.#type = type;
    setText(this.#title, from ? "Edit and re-run" : "New job");
    setText(this.#about, "");
    void (from ? this.#again(from) : this.#show({ type }));
  }

  /** @param {{ type: string, retryOf?: string, payload?: unknown }} how */
  async #show({ type, retryOf, payload }) {
    const form = (this.#form = component("job-submit", { type: type || null, "retry-of": retryOf ?? null }));
    form.addEventListener("job-submitted", (/** @type {any} */ event) => this.#submitted(event.detail.job));
    this.#place.replaceChildren(form);
    if (payload !== undefined) form.value = payload;
    await customElements.whenDefined("job-submit");
    new MutationObserver(() => this.#write()).observe(form.shadowRoot, { childList: true, subtree: true });
  }

  /** @param {string} id */
  async #again(id) {
    try {
      const job = await this.#client.get(id);
      setText(this.#about, `A new job like “${titleOf(job)}”, with another input.`);
      this.#about.append(" ", link(jobHref(job), "The job before"));
      await this.#show({ type: job.type, retryOf: id, payload: job.payload });
    } catch (error) {
      setText(this.#about, /** @type {Error} */ (error).message);
      announce(/** @type {Error} */ (error).message);
      this.#form = null;
    }
  }

  /** @param {Job} job */
  #submitted(job) {
    this.#client.jobs.put(job);
    this.#form = null;
    this.#go(jobHref(job));
  }

  /** From the form to the JSON, unless somebody types there. */
  #write() {
    if (this.#form === null || document.activeElement === this.#json) return;
    const { value } = this.#form;
    this.#json.value = JSON.stringify(value ?? {}, null, 2);
    setText(this.#fault, "");
    void this.#showCommand();
  }

  /** From the JSON to the form. */
  #read() {
    try {
      this.#form.value = JSON.parse(this.#json.value);
      setText(this.#fault, "");
      void this.#showCommand();
    } catch (error) {
      setText(this.#fault, `Not JSON: ${/** @type {Error} */ (error).message}`);
    }
  }

  async #showCommand() {
    const chosen = this.#form?.shadowRoot?.querySelector("#type")?.value || this.#form?.getAttribute("type");
    const payload = this.#form?.value ?? {};
    const type = this.#form?.types.find((/** @type {JobType} */ one) => one.type === chosen);
    this.#secured ??= (await this.#client.session().catch(() => null))?.secured;
    setText(this.#command, commandFor(type, payload, this.#secured ?? false));
  }
}
