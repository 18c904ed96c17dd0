/**
 * <job-player job-id name>: what a finished job made, to hear and to see: audio, video and pictures, and links to all
 * files. A page whose content policy forbids media from the server shows the links only.
 *
 * @import { Owner } from "./file-links.js"
 * @import { Artifact, Job } from "./wire.js"
 */

import { element, Rows, setAttribute, setText } from "./element.js";
import { FileLinks, filesSheet, isPage, mediaType } from "./file-links.js";
import { JobElement } from "./job-element.js";
import { define } from "./jobs-element.js";
import { sheet } from "./style.js";

/** @typedef {{ file: Artifact, name: string }} Piece  a file and what it is called here */

const SAFE_IMAGES = /^image\/(png|jpeg|gif|webp|avif|svg\+xml)$/;

/** @param {Artifact} file */
function tagOf(file) {
  const type = mediaType(file);
  if (type.startsWith("video/")) return "video";
  if (type.startsWith("audio/")) return "audio";
  return SAFE_IMAGES.test(type) ? "img" : null;
}

/** The files of a job and of its parts, each once, the pages first. @param {Job} job @param {string | null} name @returns {Piece[]} */
function piecesOf(job, name) {
  const pieces = new Map(job.artifacts.map((file) => [file.name, { file, name: file.name }]));
  for (const part of job.parts ?? [])
    if (part.artifact) pieces.set(part.artifact.name, { file: part.artifact, name: part.label });
  const found = [...pieces.values()].filter((piece) => name === null || piece.file.name === name);
  return found.sort((a, b) => Number(isPage(b.file)) - Number(isPage(a.file)));
}

export class JobPlayer extends JobElement {
  static observedAttributes = ["job-id", "name"];
  static sheets = [
    filesSheet,
    sheet(`
.pieces { display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 240px), 1fr)); }
.pieces li { min-inline-size: 0; display: grid; gap: 4px; align-content: start; }
.pieces li:has(video, [data-page]) { grid-column: 1 / -1; }
[data-page] { font-size: 16px; line-height: 24px; font-weight: 600; }
[data-page] > [target] { order: -1; padding: 5px 12px; border-radius: var(--control-radius); background: var(--accent); color: var(--on-accent); text-decoration: none; }
.media { display: block; inline-size: 100%; max-block-size: 70vh; border-radius: var(--control-radius); background: var(--raised); object-fit: contain; }
audio.media { background: none; min-block-size: 54px; }
.pieces .name { font-weight: 600; }
`),
  ];

  #list = element("ul", { class: "pieces", part: "list" });
  #rows = new Rows(
    this.#list,
    (/** @type {Piece} */ piece) => piece.file.name,
    () => new PieceRow(this),
  );

  constructor() {
    super();
    this.root.append(element("div", { part: "base" }, this.#list));
  }

  draw() {
    this.#rows.update(this.job === null ? [] : piecesOf(this.job, this.getAttribute("name")));
  }
}

class PieceRow {
  #owner;
  #name = element("span", { class: "name" });
  #links;
  #fault = element("span", { class: "fault", hidden: true });
  #media = /** @type {HTMLVideoElement | HTMLAudioElement | HTMLImageElement | null} */ (null);
  #shown = ""; // the content of the file that is shown
  element = element("li", { part: "item" }, this.#name);

  /** @param {Owner} owner */
  constructor(owner) {
    this.#owner = owner;
    this.#links = new FileLinks(owner);
    this.element.append(this.#links.element, this.#fault);
  }

  /** The same file is left alone: it may be playing. @param {Piece} piece */
  update({ file, name }) {
    setText(this.#name, name === file.name ? "" : name);
    this.#links.show(file);
    const tag = tagOf(file);
    if (tag === null || this.#shown === file.download_url + file.size) return;
    this.#shown = file.download_url + file.size;
    this.#media?.remove();
    this.#media = element(tag, {
      class: "media",
      part: "media",
      ...(tag === "img" ? { alt: name, loading: "lazy" } : { controls: true, preload: "metadata", "aria-label": name }),
    });
    this.element.prepend(this.#media);
    void this.#load(file);
  }

  /** @param {Artifact} file */
  async #load(file) {
    const { client, job } = this.#owner;
    const media = this.#media;
    try {
      const url = client.hasToken ? (await client.link(job?.job_id ?? "", file.name)).url : file.download_url;
      if (media) setAttribute(media, "src", client.fileUrl(url, { inline: true }));
      setText(this.#fault, "");
    } catch (error) {
      setText(this.#fault, /** @type {Error} */ (error).message);
    }
  }
}

define("job-player", JobPlayer);
