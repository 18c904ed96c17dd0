/**
 * The files a job made, as links. They open under the server's sandbox in a tab of their own, never inside the page.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { Artifact, Job, Part } from "./wire.js"
 */

import { element, Rows, setAttribute, setText } from "./element.js";
import { icon } from "./icons.js";
import { downloadName } from "./job.js";
import { say } from "./messages.js";
import { sheet } from "./style.js";
import { bytes } from "./words.js";

const VIEWABLE = ["text/html", "image/svg+xml", "image/png"];

export const filesSheet = sheet(`
.files { display: flex; flex-wrap: wrap; gap: 4px 24px; }
.files li, .file { display: flex; flex-wrap: wrap; align-items: center; gap: 0 8px; font-size: 13px; line-height: 18px; }
.files li:has(> [data-page]) { flex-basis: 100%; font-size: 14px; line-height: 20px; font-weight: 600; }
.file .muted { font-weight: 400; }
.file a { display: inline-flex; align-items: center; gap: 5px; min-block-size: var(--link); min-inline-size: var(--link); }
`);

/** @typedef {{ client: Client, job: Job | null }} Owner  who shows the files, as it is when one is asked for */

/** @param {Artifact} file */
export function mediaType(file) {
  return file.content_type.split(";")[0].trim().toLowerCase();
}

/** Say whether a file is what the job was for: a page made to be read. @param {Artifact} file */
export function isPage(file) {
  return mediaType(file) === "text/html";
}

/** All files of a job, the pages first. */
export class FileList {
  element = element("ul", { class: "files", part: "files" });
  #rows;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#rows = new Rows(
      this.element,
      (/** @type {Artifact} */ file) => file.name,
      () => new FileRow(owner),
    );
  }

  /** @param {Artifact[]} files */
  show(files) {
    setAttribute(this.element, "aria-label", say("files"));
    this.#rows.update([...files].sort((a, b) => Number(isPage(b)) - Number(isPage(a))));
  }
}

class FileRow {
  #links;

  /** @param {Owner} owner */
  constructor(owner) {
    this.#links = new FileLinks(owner);
    this.element = element("li", { part: "file" }, this.#links.element);
  }

  /** @param {Artifact} file */
  update(file) {
    this.#links.show(file);
  }
}

export class FileLinks {
  #owner;
  #name = element("span");
  #size = element("span", { class: "muted" });
  #word = element("span");
  #download = element("a", { part: "link" }, icon("download"), this.#name);
  #open = element("a", { target: "_blank", rel: "noopener", part: "link" }, icon("open"), this.#word);
  #fault = element("span", { class: "fault", hidden: true });
  #file = /** @type {Artifact | null} */ (null); // as last shown

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
    this.element = element("span", { class: "file" }, this.#download, this.#size, this.#open, this.#fault);
    this.element.addEventListener("click", (event) => void this.#follow(event));
  }

  /** @param {Artifact | null} file @param {Part} [part]  whose file it is */
  show(file, part) {
    this.#file = file;
    this.element.hidden = file === null;
    if (file === null) return;
    const { client } = this.#owner;
    setText(this.#name, part ? say("download") : file.name);
    setText(this.#size, bytes(file.size));
    setText(this.#word, say("open"));
    const filename = this.#owner.job ? downloadName(this.#owner.job, file, part) : file.name;
    setAttribute(this.#download, "href", client.fileUrl(file.download_url, { filename }));
    setAttribute(this.#download, "download", filename);
    setAttribute(this.#download, "aria-label", say("download_of", { name: file.name }));
    setAttribute(this.#open, "href", client.fileUrl(file.download_url, { inline: true }));
    setAttribute(this.#open, "aria-label", say("open_of", { name: file.name }));
    setAttribute(this.element, "data-page", isPage(file));
    this.#open.hidden = !VIEWABLE.includes(mediaType(file));
  }

  /**
   * Look first: a file that is gone is said, and where a plain address would carry no token, a link made for this one file
   * takes its place.
   *
   * @param {Event} event
   */
  async #follow(event) {
    const { client, job } = this.#owner;
    const asked = [this.#download, this.#open].find((one) => event.composedPath().includes(one));
    if (asked === undefined || this.#file === null || job === null) return;
    event.preventDefault();
    try {
      const { name, download_url } = this.#file;
      const { url } = client.hasToken ? await client.link(job.job_id, name) : { url: download_url };
      const way = /** @type {HTMLAnchorElement} */ (asked.cloneNode());
      way.href = client.fileUrl(url, { inline: asked === this.#open, filename: asked.download });
      const gone = (await fetch(way.href, { method: "HEAD" })).status === 404;
      setText(this.#fault, gone ? say("gone") : "");
      if (!gone) way.click();
    } catch (error) {
      setText(this.#fault, /** @type {Error} */ (error).message);
    }
  }
}
