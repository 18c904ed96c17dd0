/**
 * The fields of one type: its files, its payload, and a title. They are read as one, and told what is wrong where; they
 * send nothing.
 *
 * @import { AnyField } from "./field.js"
 * @import { JobType } from "./wire.js"
 *
 * @typedef {{ payload: unknown, title: string | undefined, files: [name: string, file: File][] }} Read
 */

import { element } from "./element.js";
import { readField, ValueField } from "./field.js";
import { FileField } from "./file-field.js";
import { GroupField } from "./group-field.js";
import { say } from "./messages.js";
import { payloadShape } from "./shape.js";

export class SubmitFields {
  element = element("div", { class: "fields" });
  // Mutable: the fields of the type that is shown.
  #files = /** @type {Map<string, FileField>} */ (new Map());
  #payload = /** @type {AnyField | null} */ (null);
  #title = /** @type {ValueField | null} */ (null);

  /** Show those of a type. @param {JobType | null} type @param {{ hasFiles: boolean, hasTitle: boolean }} how */
  show(type, { hasFiles, hasTitle }) {
    const shape = payloadShape(type?.payload_schema ?? null);
    const title = { ...payloadShape({ type: "string", title: say("title") }), required: false };
    this.#files = new Map((hasFiles && type ? type.uploads : []).map((one) => [one, new FileField(one)]));
    this.#payload = type && (shape.kind === "group" ? new GroupField(shape, true) : new ValueField(shape));
    this.#title = type && hasTitle ? new ValueField(title) : null;
    this.element.replaceChildren(...this.#all().map((field) => field.element));
  }

  get files() {
    return [...this.#files.values()];
  }

  /** Whether there is a type whose payload can be read and written. */
  get isReady() {
    return this.#payload !== null;
  }

  /** The payload as it stands; undefined where it cannot be read. */
  get value() {
    return this.#payload === null ? undefined : readField(this.#payload)[0];
  }

  set value(value) {
    this.#payload?.write(value);
  }

  /** Read all; null if one cannot be read, which then says so. @returns {Read | null} */
  read() {
    const read = new Map(this.#all().map((field) => [field, readField(field)]));
    if ([...read.values()].some(([, sound]) => !sound)) return null;
    const valueOf = (/** @type {AnyField | null} */ field) => (field ? read.get(field)?.[0] : undefined);
    const title = /** @type {string | undefined} */ (valueOf(this.#title))?.trim() || undefined;
    const files = [...this.#files].map(([name, field]) => /** @type {[string, File]} */ ([name, valueOf(field)]));
    return { payload: valueOf(this.#payload), title, files };
  }

  /** @param {string[]} path @param {string} detail @returns {boolean} whether there is a field for it */
  fail([member, ...path], detail) {
    const fields = {
      title: this.#title,
      payload: this.#payload,
      uploads: this.#files.get(path[0]) ?? this.files[Number(path[0])],
    };
    const field = fields[/** @type {keyof typeof fields} */ (member)];
    field?.fail(path, detail);
    return field != null;
  }

  focusFault() {
    const faulty = [...this.element.querySelectorAll('[aria-invalid="true"]')].map((node) =>
      node.matches("fieldset") ? node.querySelector("input, select, textarea, button") : node,
    );
    /** @type {HTMLElement | null | undefined} */ (faulty[0])?.focus();
  }

  /** Keep what the next submission may want, too; files and title were for this one. */
  clear() {
    for (const field of [this.#title, ...this.files]) field?.write("");
  }

  /** @returns {AnyField[]} */
  #all() {
    return [...this.files, ...(this.#payload ? [this.#payload] : []), ...(this.#title ? [this.#title] : [])];
  }
}
