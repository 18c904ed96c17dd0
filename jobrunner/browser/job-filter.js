/**
 * Which jobs a component shows, as its attributes say: as a query, as what a stream is asked for, and as a question about
 * one job. A stream asks for what never changes in a job only.
 *
 * @import { Job } from "./wire.js"
 */

/** @type {{ [attribute: string]: string }} */
const STREAMED = { type: "type", queue: "queue", tag: "tag", "user-id": "user_id" };
/** @type {{ [attribute: string]: string }} */
const ASKED = { q: "q", "created-after": "created_after", "created-before": "created_before", sort: "sort" };
/** @type {{ [word: string]: string[] }} */
const GROUPS = { all: [], active: ["queued", "processing"], ended: ["completed", "failed", "cancelled"] };

export const STREAM_ATTRIBUTES = Object.keys(STREAMED);
export const FILTER_ATTRIBUTES = [...STREAM_ATTRIBUTES, ...Object.keys(ASKED), "status"];

/** @param {Element} node @param {{ [attribute: string]: string }} names */
function read(node, names) {
  const query = /** @type {{ [name: string]: string | string[] }} */ ({});
  for (const [attribute, name] of Object.entries(names)) {
    const value = node.getAttribute(attribute)?.trim();
    if (value) query[name] = attribute in STREAMED && value.includes(" ") ? value.split(/\s+/) : value;
  }
  return query;
}

/** @param {Element} node */
export function streamFilter(node) {
  return read(node, STREAMED);
}

/** @param {Element} node */
export function listQuery(node) {
  const status = statuses(node);
  return { ...read(node, STREAMED), ...read(node, ASKED), ...(status.length > 0 && { status }) };
}

/** No status means any. @param {Element} node @returns {string[]} */
function statuses(node) {
  const words = (node.getAttribute("status") ?? "").split(/[\s,]+/).filter(Boolean);
  return words.flatMap((word) => GROUPS[word] ?? [word]);
}

/** Say whether a job that came by the stream is one of those shown. @param {Element} node @param {Job} job */
export function isWanted(node, job) {
  const status = statuses(node);
  return status.length === 0 || status.includes(job.status);
}
