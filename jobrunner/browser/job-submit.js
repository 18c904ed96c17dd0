/**
 * <job-submit type>: a form made from the schema of a type, or of any type that a person chooses. The form itself is
 * loaded when a page has one.
 *
 * @import { SubmitForm } from "./submit-form.js"
 * @import { JobType } from "./wire.js"
 */

import { define, JobsElement, reflect } from "./jobs-element.js";

const ATTRIBUTES = ["type", "heading", "submit-label", "title-field", "retry-of"];

export class JobSubmit extends JobsElement {
  static observedAttributes = ATTRIBUTES;

  #form = /** @type {SubmitForm | null} */ (null);
  #value = /** @type {unknown} */ (undefined);
  #types = /** @type {JobType[]} */ ([]);

  /** The payload as it stands; undefined where it cannot be read. */
  get value() {
    return this.#form ? this.#form.value : this.#value;
  }

  /** Fill in a payload, now or when the type is known. */
  set value(value) {
    this.#value = value;
    if (this.#form) this.#form.value = value;
  }

  get types() {
    return this.#form ? this.#form.types : this.#types;
  }

  /** Offer these and do not ask. */
  set types(types) {
    this.#types = types;
    this.restart();
  }

  /** Empty the form. */
  reset() {
    this.#form?.reset();
  }

  start() {
    void this.#begin();
  }

  draw() {
    this.#form?.draw();
  }

  async #begin() {
    const { SubmitForm } = await import("./submit-form.js");
    if (!this.isConnected) return;
    this.#form ??= new SubmitForm(this, this.#value);
    if (this.#types.length > 0) this.#form.types = this.#types;
    else this.#form.start();
    this.draw();
  }
}

reflect(JobSubmit, ATTRIBUTES);
define("job-submit", JobSubmit);
