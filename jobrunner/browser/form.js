/**
 * A new job: its type, what the type wants to know, its files. What a person typed stays until the server has taken it.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { Job, JobType, Submission } from "./wire.js"
 */

import { takeDrops } from "./drop.js";
import { element, setText } from "./element.js";
import { Field, fileField, propertyField, Unreadable } from "./fields.js";
import { JobrunnerError, newKey } from "./jobrunner.js";
import { pointerParts, properties } from "./schema.js";
import { Uploading } from "./uploading.js";

/** @typedef {{ submission: Submission, files: [name: string, file: File][] }} Draft */

export class JobForm {
  #client;
  #heard;
  #type = new Field(element("select", { id: "type" }), { label: "Type", paths: [["type"]] });
  #title = new Field(element("input", { id: "title", autocomplete: "off" }), {
    label: "Title",
    optional: true,
    paths: [["title"]],
  });
  #about = element("p", { class: "hint", hidden: true });
  #own = element("div", { class: "fields" });
  #optional = element("div", { class: "fields" });
  #fold = element("details", { hidden: true }, element("summary", {}, "Options"), this.#optional);
  #button = element("button", { type: "submit", class: "primary" }, "Submit");
  #uploading = new Uploading();
  #fault = element("p", { class: "fault", hidden: true });
  // Mutable: what the server offers, the fields of the type chosen, whether a submission is under way, and the key of
  // one whose fate is unknown.
  #types = /** @type {JobType[]} */ ([]);
  #payload = /** @type {Map<string | null, Field>} */ (new Map());
  #files = /** @type {Map<string, Field<HTMLInputElement>>} */ (new Map());
  #busy = false;
  #unknown = { body: "", key: "" };

  /**
   * @param {Client} client
   * @param {HTMLElement} form
   * @param {{ submitted: (job: Job) => void, sent: (job: Job) => void, say: (words: string) => void }} heard
   */
  constructor(client, form, heard) {
    this.#client = client;
    this.#heard = heard;
    this.#type.element.append(this.#about);
    form.append(
      this.#type.element,
      this.#own,
      this.#title.element,
      this.#fold,
      this.#button,
      this.#uploading.element,
      this.#fault,
    );
    this.#type.control.addEventListener("change", () => this.#showType());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#busy) void this.#submit();
    });
    takeDrops(() => this.#files.values().next().value?.control);
  }

  /** Ask what can be submitted; what is typed stays if the answer is the same. @returns {Promise<JobType[]>} */
  async refresh() {
    try {
      const types = await this.#client.types();
      this.#type.fail("");
      if (JSON.stringify(types) !== JSON.stringify(this.#types)) this.#offer(types);
    } catch (error) {
      this.#type.fail(/** @type {Error} */ (error).message);
    }
    return this.#types;
  }

  /** @param {JobType[]} types */
  #offer(types) {
    const chosen =
      types.find((type) => type.available && type.type === this.#type.control.value) ??
      types.find((type) => type.available);
    this.#types = types;
    this.#type.control.replaceChildren(...types.map(typeOption));
    this.#type.control.value = chosen?.type ?? "";
    if (chosen === undefined) this.#type.fail("No type of job is available.");
    this.#showType();
  }

  #showType() {
    const type = this.#types.find((one) => one.type === this.#type.control.value);
    setText(this.#about, type?.description ?? "");
    this.#files = new Map((type?.uploads ?? []).map((name, n) => [name, fileField(name, `upload-${n}`, n)]));
    this.#payload = new Map(
      (type ? properties(type.payload_schema) : []).map((one, n) => [one.name, propertyField(one, `payload-${n}`)]),
    );
    const [asked, offered] = [false, true].map((optional) =>
      this.#ownFields().filter((field) => field.optional === optional),
    );
    this.#own.replaceChildren(...asked.map((field) => field.element));
    this.#optional.replaceChildren(...offered.map((field) => field.element));
    this.#fold.hidden = offered.length === 0;
    this.#fold.open = asked.length === 0;
  }

  /** @returns {Field<any>[]} */
  #ownFields() {
    return [...this.#files.values(), ...this.#payload.values()];
  }

  async #submit() {
    const draft = this.#read();
    if (draft === null) return;
    this.#setBusy(true);
    try {
      await this.#send(draft);
      this.#clear();
    } catch (error) {
      this.#show(error);
    } finally {
      this.#setBusy(false);
    }
  }

  /** Read all fields; null if one cannot be read, which then says so. @returns {Draft | null} */
  #read() {
    setText(this.#fault, "");
    const values = new Map(this.#ownFields().map((field) => [field, this.#readOne(field)]));
    if ([...values.values()].some((value) => value instanceof Unreadable)) return this.#focusFault();
    const known = [...this.#payload].map(([name, field]) => /** @type {const} */ ([name, values.get(field)]));
    const payload = this.#payload.has(null)
      ? known[0][1]
      : Object.fromEntries(known.filter(([, value]) => value !== undefined));
    const submission = {
      type: this.#type.control.value,
      payload,
      title: this.#title.control.value.trim() || undefined,
    };
    const files = [...this.#files].map(([name, field]) => /** @type {[string, File]} */ ([name, values.get(field)]));
    return { submission: files.length > 0 ? { ...submission, uploads: [...this.#files.keys()] } : submission, files };
  }

  /** @param {Field} field @returns {unknown} */
  #readOne(field) {
    field.fail("");
    try {
      return field.read();
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      field.fail(error.message);
      return error;
    }
  }

  /** A job whose files cannot come is of no use: it is cancelled. @param {Draft} draft */
  async #send({ submission, files }) {
    const job = await this.#client.submit(submission, this.#keyFor(submission));
    this.#heard.submitted(job);
    try {
      await this.#uploading.send(this.#client, job, files);
      this.#heard.sent(job);
    } catch (error) {
      await this.#client.cancel(job.job_id).then(this.#heard.submitted, () => undefined);
      throw error;
    }
  }

  /**
   * The same submission sent again, when nobody knows whether it was kept, has the same key.
   *
   * @param {Submission} submission
   */
  #keyFor(submission) {
    const body = JSON.stringify(submission);
    if (body !== this.#unknown.body) this.#unknown = { body, key: newKey() };
    return this.#unknown.key;
  }

  /** Say what went wrong, beside the fields that it is about. @param {any} error */
  #show(error) {
    if (!(error instanceof JobrunnerError && error.passing)) this.#unknown = { body: "", key: "" };
    const faults = error instanceof JobrunnerError ? error.faults : [];
    const homeless = faults.filter((fault) => !this.#showFault(pointerParts(fault.pointer), fault.detail));
    const words = error.name === "AbortError" ? "Upload cancelled." : error.message;
    const rest = homeless.map((fault) => `${fault.pointer}: ${fault.detail}`);
    setText(this.#fault, faults.length > 0 && rest.length === 0 ? "" : [words, ...rest].join("\n"));
    this.#heard.say(words);
    this.#focusFault();
  }

  /** @param {string[]} path @param {string} detail @returns {boolean} whether there is a field for it */
  #showFault(path, detail) {
    const isFor = (/** @type {Field<any>} */ field) =>
      field.paths.some((own) => own.every((part, n) => part === path[n]));
    const field = [this.#type, this.#title, ...this.#ownFields()].find(isFor);
    field?.fail(detail);
    return field !== undefined;
  }

  /** @returns {null} */
  #focusFault() {
    const fields = [this.#type, ...this.#ownFields(), this.#title];
    fields.find((field) => field.control.getAttribute("aria-invalid") === "true")?.control.focus();
    return null;
  }

  /** Keep what the next submission may want, too; files and title were for this one. */
  #clear() {
    this.#unknown = { body: "", key: "" };
    for (const field of [this.#title, ...this.#files.values()]) {
      field.control.value = "";
      field.control.dispatchEvent(new Event("input"));
    }
  }

  /** The button stays where the focus is: it is marked, not disabled. @param {boolean} busy */
  #setBusy(busy) {
    this.#busy = busy;
    this.#button.textContent = busy ? "Submitting…" : "Submit";
    this.#button.setAttribute("aria-disabled", String(busy));
  }
}

/** @param {JobType} type */
function typeOption(type) {
  const name = type.title ? `${type.title} (${type.type})` : type.type;
  const words = type.available ? name : `${name}: not available, ${type.unavailable_reason ?? "no reason given"}`;
  return element("option", { value: type.type, disabled: !type.available }, words);
}
