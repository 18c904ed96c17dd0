/**
 * The files a job made, as links. They open under the server's sandbox in a tab of their own, never inside this page.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { Artifact } from "./wire.js"
 */

import { element, setAttribute, setText } from "./element.js";
import { icon } from "./icons.js";
import { bytes } from "./words.js";

const VIEWABLE = ["text/html", "image/svg+xml", "image/png"];

/** @param {Artifact} file */
function mediaType(file) {
  return file.content_type.split(";")[0].trim().toLowerCase();
}

/** Say whether a file is what the job was for: a page made to be read. @param {Artifact} file */
export function isPage(file) {
  return mediaType(file) === "text/html";
}

export class FileRow {
  #client;
  #name = element("span");
  #size = element("span", { class: "muted" });
  #download = element("a", {}, icon("download"), this.#name);
  #open = element("a", { target: "_blank", rel: "noopener" }, icon("open"), "Open");

  /** @param {Client} client */
  constructor(client) {
    this.#client = client;
    this.element = element("li", {}, this.#download, this.#size, this.#open);
  }

  /** @param {Artifact} file */
  update(file) {
    setText(this.#name, file.name);
    setText(this.#size, bytes(file.size));
    setAttribute(this.#download, "href", this.#client.fileUrl(file.download_url));
    setAttribute(this.#download, "download", file.name);
    setAttribute(this.#download, "aria-label", `Download ${file.name}`);
    setAttribute(this.#open, "href", this.#client.fileUrl(file.download_url, { inline: true }));
    setAttribute(this.#open, "aria-label", `Open ${file.name} in a new tab`);
    setAttribute(this.element, "data-page", isPage(file));
    this.#open.hidden = !VIEWABLE.includes(mediaType(file));
  }
}
