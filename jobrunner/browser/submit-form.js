/**
 * What is inside <job-submit>, loaded when a page has one: a form made from the schema of a type, its files with their
 * progress, and what is wrong beside the field that it is about. What a person typed stays until the server has taken it.
 *
 * @import { AnyField } from "./field.js"
 * @import { JobSubmit } from "./job-submit.js"
 * @import { Job, JobType, Submission } from "./wire.js"
 */

import { announce } from "./announcer.js";
import { element, setAttribute, setText } from "./element.js";
import { readField, ValueField } from "./field.js";
import { FileField } from "./file-field.js";
import { takeDrops } from "./file-drop.js";
import { GroupField } from "./group-field.js";
import { Upload } from "./job-upload.js";
import { progressSheet } from "./job-progress.js";
import { JobrunnerError, newKey } from "./jobrunner.js";
import { say } from "./messages.js";
import { payloadShape, pointerParts } from "./shape.js";
import "./submit-messages.js";
import { submitSheet } from "./submit-style.js";
import { typeOption, unavailableWords } from "./submit-types.js";
import { titleOf } from "./words.js";

/** @typedef {{ submission: Submission, files: [name: string, file: File][] }} Draft */

export class SubmitForm {
  #host;
  #heading = element("div", { class: "heading", role: "heading", "aria-level": 2, hidden: true });
  #select = element("select", { id: "type", part: "control", "aria-describedby": "about" });
  #about = element("p", { class: "hint", id: "about", part: "hint", hidden: true });
  #choice = element("div", { class: "field", part: "field" });
  #own = element("div", { class: "fields" });
  #submit = element("button", { type: "submit", class: "primary submit", part: "submit" });
  #upload = new Upload();
  #fault = element("p", { class: "fault", part: "fault", hidden: true });
  #form = element("form", { part: "base", novalidate: true }, this.#heading, this.#choice, this.#own);
  // Mutable: what the server offers, the fields of the type chosen, what they are to hold, whether a submission is under
  // way, and the key of one whose fate is unknown.
  #types = /** @type {JobType[]} */ ([]);
  #type = /** @type {JobType | null} */ (null);
  #payload = /** @type {AnyField | null} */ (null);
  #title = /** @type {ValueField | null} */ (null);
  #files = /** @type {Map<string, FileField>} */ (new Map());
  #value = /** @type {unknown} */ (undefined);
  #busy = false;
  #unknown = { body: "", key: "" };

  /** @param {JobSubmit} host  the element @param {unknown} value  of the payload, as given so far */
  constructor(host, value) {
    this.#host = host;
    this.#value = value;
    host.root.adoptedStyleSheets.push(progressSheet(), submitSheet());
    this.#form.append(this.#submit, this.#upload.element, this.#fault);
    host.root.append(this.#form);
    this.#select.addEventListener("change", () => this.#showType(this.#select.value));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#busy && this.#payload) void this.#send();
    });
    takeDrops(host, this.#form, () => [...this.#files.values()]);
  }

  /** The payload as it stands; undefined where it cannot be read. */
  get value() {
    return this.#payload === null ? this.#value : readField(this.#payload)[0];
  }

  /** Fill in a payload, now or when the type is known. */
  set value(value) {
    this.#value = value;
    if (this.#payload) this.#payload.write(value);
  }

  get types() {
    return this.#types;
  }

  set types(types) {
    this.#offer(types);
  }

  /** Empty the form. */
  reset() {
    this.#value = undefined;
    this.#showType(this.#type?.type ?? "");
  }

  start() {
    this.#host.listen(this.#host.client.connection, "change", () => {
      if (this.#types.length === 0 && this.#host.client.connection.state === "live") void this.#ask();
    });
    void this.#ask();
  }

  draw() {
    setText(this.#heading, this.#host.getAttribute("heading") ?? "");
    const words = this.#busy ? say("submitting") : (this.#host.getAttribute("submit-label") ?? say("submit"));
    setText(this.#submit, words);
    setAttribute(this.#submit, "aria-disabled", this.#busy ? "true" : null); // it keeps the focus: marked, not disabled
  }

  async #ask() {
    try {
      const retried = this.#host.getAttribute("retry-of");
      const job = retried ? await this.#host.client.get(retried) : null;
      if (job && this.#value === undefined) this.#value = job.payload;
      this.#offer(await this.#host.client.types(), job?.type);
    } catch (error) {
      setText(this.#fault, /** @type {Error} */ (error).message);
    }
  }

  /** What is typed stays if the answer is the same. @param {JobType[]} types @param {string | null} [named] */
  #offer(types, named = this.#host.getAttribute("type")) {
    const same =
      JSON.stringify(types) === JSON.stringify(this.#types) &&
      this.#type &&
      (named ?? this.#type.type) === this.#type.type;
    this.#types = types;
    setText(this.#fault, "");
    if (same) return;
    const available = types.filter((one) => one.available);
    const chosen = named
      ? types.find((one) => one.type === named)
      : (available.find((one) => one.type === this.#select.value) ?? available[0]);
    this.#choice.replaceChildren(element("label", { for: "type", part: "label" }, say("type")), this.#select);
    if (named) this.#choice.replaceChildren();
    this.#choice.append(this.#about);
    this.#select.replaceChildren(...types.map(typeOption));
    this.#showType(chosen?.type ?? "");
    if (!chosen?.available) setText(this.#fault, chosen ? unavailableWords(chosen) : say("no_types"));
  }

  /** @param {string} name */
  #showType(name) {
    const type = (this.#type = this.#types.find((one) => one.type === name) ?? null);
    this.#select.value = name;
    setText(this.#about, type?.description ?? "");
    this.#choice.hidden = this.#choice.children.length === 1 && this.#about.hidden;
    const shape = payloadShape(type?.payload_schema ?? null);
    const uploads = this.#host.hasAttribute("retry-of") ? [] : (type?.uploads ?? []);
    this.#files = new Map(uploads.map((one) => [one, new FileField(one)]));
    this.#payload = type && (shape.kind === "group" ? new GroupField(shape, true) : new ValueField(shape));
    const title = { ...payloadShape({ type: "string", title: say("title") }), required: false };
    this.#title = type && this.#hasTitle() ? new ValueField(title) : null;
    this.#own.replaceChildren(...this.#fields().map((field) => field.element));
    this.#submit.hidden = !type?.available;
    if (this.#value !== undefined) this.#payload?.write(this.#value);
  }

  #hasTitle() {
    return this.#host.getAttribute("title-field") !== "none" && !this.#host.hasAttribute("retry-of");
  }

  /** @returns {AnyField[]} */
  #fields() {
    return [...this.#files.values(), ...(this.#payload ? [this.#payload] : []), ...(this.#title ? [this.#title] : [])];
  }

  async #send() {
    const draft = this.#read();
    if (draft === null) return this.#focusFault();
    this.#setBusy(true);
    try {
      const job = await this.#post(draft.submission);
      announce(say("is_submitted", { title: titleOf(job) }));
      this.#host.tell("job-submitted", { job, uploading: draft.files.length > 0 });
      await this.#sendFiles(job, draft.files);
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
    const read = new Map(this.#fields().map((field) => [field, readField(field)]));
    if ([...read.values()].some(([, sound]) => !sound)) return null;
    const valueOf = (/** @type {AnyField | null} */ field) => (field ? read.get(field)?.[0] : undefined);
    const title = /** @type {string | undefined} */ (valueOf(this.#title))?.trim() || undefined;
    const submission = { type: this.#type?.type ?? "", payload: valueOf(this.#payload), title };
    const files = [...this.#files].map(([name, field]) => /** @type {[string, File]} */ ([name, valueOf(field)]));
    return { submission: files.length > 0 ? { ...submission, uploads: [...this.#files.keys()] } : submission, files };
  }

  /** @param {Submission} submission @returns {Promise<Job>} */
  #post(submission) {
    const retried = this.#host.getAttribute("retry-of");
    if (retried) return this.#host.client.retry(retried, { payload: submission.payload });
    return this.#host.client.submit(submission, { key: this.#keyFor(submission) });
  }

  /** The same submission sent again, when nobody knows whether it was kept, has the same key. @param {Submission} submission */
  #keyFor(submission) {
    const body = JSON.stringify(submission);
    if (body !== this.#unknown.body) this.#unknown = { body, key: newKey() };
    return this.#unknown.key;
  }

  /** A job whose files cannot come is of no use: it is cancelled. @param {Job} job @param {Draft["files"]} files */
  async #sendFiles(job, files) {
    if (files.length === 0) return;
    try {
      await this.#upload.send(this.#host.client, job, files);
      this.#host.tell("job-uploaded", { job });
    } catch (error) {
      await this.#host.client.cancel(job.job_id).catch(() => undefined);
      throw error;
    }
  }

  /** Say what went wrong, beside the fields that it is about. @param {any} error */
  #show(error) {
    const known = error instanceof JobrunnerError;
    if (!known || !error.passing) this.#unknown = { body: "", key: "" };
    const faults = known ? error.faults : [];
    const homeless = faults.filter((fault) => !this.#showFault(pointerParts(fault.pointer), fault.detail));
    const words = error.name === "AbortError" ? say("upload_stopped") : error.message;
    const rest = homeless.map((fault) => `${fault.pointer}: ${fault.detail}`);
    setText(this.#fault, faults.length > 0 && rest.length === 0 ? "" : [words, ...rest].join("\n"));
    announce(words);
    this.#focusFault();
  }

  /** @param {string[]} path @param {string} detail @returns {boolean} whether there is a field for it */
  #showFault([member, ...path], detail) {
    const fields = {
      title: this.#title,
      payload: this.#payload,
      uploads: this.#files.get(path[0]) ?? [...this.#files.values()][Number(path[0])],
    };
    const field = fields[/** @type {keyof typeof fields} */ (member)];
    field?.fail(path, detail);
    return field != null;
  }

  #focusFault() {
    const faulty = [...this.#own.querySelectorAll('[aria-invalid="true"]')].map((node) =>
      node.matches("fieldset") ? node.querySelector("input, select, textarea, button") : node,
    );
    /** @type {HTMLElement | null | undefined} */ (faulty[0])?.focus();
  }

  /** Keep what the next submission may want, too; files and title were for this one. */
  #clear() {
    this.#unknown = { body: "", key: "" };
    for (const field of [this.#title, ...this.#files.values()]) field?.write("");
  }

  /** @param {boolean} busy */
  #setBusy(busy) {
    this.#busy = busy;
    this.draw();
  }
}
