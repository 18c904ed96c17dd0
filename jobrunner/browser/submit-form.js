/**
 * What is inside <job-submit>, loaded when a page has one: a form made from the schema of a type, its files with their
 * progress, and what is wrong beside the field that it is about. What a person typed stays until the server has taken it.
 *
 * @import { JobSubmit } from "./job-submit.js"
 * @import { JobType } from "./wire.js"
 */

import { announce } from "./announcer.js";
import { element, setAttribute, setText } from "./element.js";
import { takeDrops } from "./file-drop.js";
import { progressSheet } from "./job-progress.js";
import { JobrunnerError } from "./jobrunner.js";
import { say } from "./messages.js";
import { pointerParts } from "./shape.js";
import { SubmitFields } from "./submit-fields.js";
import "./submit-messages.js";
import { Sender } from "./submit-sender.js";
import { submitSheet } from "./submit-style.js";
import { TypeChoice } from "./submit-types.js";
import { titleOf } from "./words.js";

export class SubmitForm {
  #host;
  #heading = element("div", { class: "heading", role: "heading", "aria-level": 2, hidden: true });
  #choice = new TypeChoice(() => this.#showType());
  #fields = new SubmitFields();
  #submit = element("button", { type: "submit", class: "primary submit", part: "submit" });
  #sender;
  #fault = element("p", { class: "fault", part: "fault", hidden: true });
  // Mutable: what the payload is to hold, and whether a submission is under way.
  #value = /** @type {unknown} */ (undefined);
  #busy = false;

  /** @param {JobSubmit} host  the element @param {unknown} value  of the payload, as given so far */
  constructor(host, value) {
    this.#host = host;
    this.#value = value;
    this.#sender = new Sender(host);
    const parts = [this.#heading, this.#choice.element, this.#fields.element, this.#submit];
    const form = element("form", { part: "base", novalidate: true }, ...parts, this.#sender.element, this.#fault);
    host.root.adoptedStyleSheets.push(progressSheet(), submitSheet());
    host.root.append(form);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!this.#busy && this.#fields.isReady) void this.#send();
    });
    takeDrops(host, form, () => this.#fields.files);
  }

  /** The payload as it stands; undefined where it cannot be read. */
  get value() {
    return this.#fields.isReady ? this.#fields.value : this.#value;
  }

  /** Fill in a payload, now or when the type is known. */
  set value(value) {
    this.#value = value;
    this.#fields.value = value;
  }

  get types() {
    return this.#choice.all;
  }

  set types(types) {
    this.#offer(types);
  }

  /** Empty the form. */
  reset() {
    this.#value = undefined;
    this.#showType();
  }

  start() {
    this.#host.listen(this.#host.client.connection, "change", () => {
      if (this.types.length === 0 && this.#host.client.connection.state === "live") void this.#ask();
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
    setText(this.#fault, "");
    if (!this.#choice.offer(types, named)) return;
    this.#showType();
    setText(this.#fault, this.#choice.fault);
  }

  #showType() {
    const type = this.#choice.chosen;
    const isNew = !this.#host.hasAttribute("retry-of");
    this.#fields.show(type, { hasFiles: isNew, hasTitle: isNew && this.#host.getAttribute("title-field") !== "none" });
    this.#submit.hidden = !type?.available;
    if (this.#value !== undefined) this.#fields.value = this.#value;
  }

  async #send() {
    setText(this.#fault, "");
    const read = this.#fields.read();
    if (read === null) return this.#fields.focusFault();
    this.#setBusy(true);
    try {
      const job = await this.#sender.submit(this.#choice.chosen?.type ?? "", read);
      announce(say("is_submitted", { title: titleOf(job) }));
      this.#host.tell("job-submitted", { job, uploading: read.files.length > 0 });
      await this.#sender.sendFiles(job, read.files);
      this.#sender.forget();
      this.#fields.clear();
    } catch (error) {
      this.#show(error);
    } finally {
      this.#setBusy(false);
    }
  }

  /** Say what went wrong, beside the fields that it is about. @param {any} error */
  #show(error) {
    const known = error instanceof JobrunnerError;
    if (!known || !error.passing) this.#sender.forget();
    const faults = known ? error.faults : [];
    const homeless = faults.filter((fault) => !this.#fields.fail(pointerParts(fault.pointer), fault.detail));
    const words = error.name === "AbortError" ? say("upload_stopped") : error.message;
    const rest = homeless.map((fault) => `${fault.pointer}: ${fault.detail}`);
    setText(this.#fault, faults.length > 0 && rest.length === 0 ? "" : [words, ...rest].join("\n"));
    announce(words);
    this.#fields.focusFault();
  }

  /** @param {boolean} busy */
  #setBusy(busy) {
    this.#busy = busy;
    this.draw();
  }
}
