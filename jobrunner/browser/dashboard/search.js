/**
 * What is typed into the search of the history: qualifiers and plain words, to a filter of the API and back. Pure.
 *
 * @import { Job } from "../wire.js"
 *
 * @typedef {{ name: string, value: string }} Term  name "" is a plain word
 * @typedef {{ [name: string]: string | string[] }} Filter  as GET /jobs takes it
 */

const NAMES = /** @type {{ [name: string]: string }} */ ({
  status: "status",
  type: "type",
  tag: "tag",
  user: "user_id",
  queue: "queue",
  code: "code",
  id: "job_id",
  after: "created_after",
  before: "created_before",
});
export const QUALIFIERS = Object.keys(NAMES);
export const STATUSES = ["queued", "processing", "completed", "failed", "cancelled"];
const SECONDS = /** @type {{ [unit: string]: number }} */ ({ s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 });
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Split a search into its terms; a name that is none of ours is a part of a plain word. @param {string} text @returns {Term[]} */
export function terms(text) {
  return [...text.matchAll(/(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/gi)].map(([whole, name, quoted, bare]) => {
    const known = name !== undefined && name.toLowerCase() in NAMES;
    if (known) return { name: name.toLowerCase(), value: quoted ?? bare };
    return { name: "", value: name === undefined ? (quoted ?? bare) : whole };
  });
}

/** Write terms as they are typed. @param {Term[]} all */
export function written(all) {
  return all
    .map(({ name, value }) => `${name && `${name}:`}${/[\s"]|^$/.test(value) ? `"${value}"` : value}`)
    .join(" ");
}

/** Put one value of a name in the place of all it had; "" takes them away. @param {string} text @param {string} name @param {string} value */
export function replaced(text, name, value) {
  const others = terms(text).filter((term) => term.name !== name);
  return written(value === "" ? others : [...others, { name, value }]);
}

/**
 * Read a search as a filter; what cannot be meant is a fault in words, and no filter.
 *
 * @param {string} text
 * @param {number} now  milliseconds
 * @returns {{ filter: Filter, faults: string[] }}
 */
export function filterOf(text, now) {
  const faults = /** @type {string[]} */ ([]);
  const filter = /** @type {{ [name: string]: string[] }} */ ({});
  const words = /** @type {string[]} */ ([]);
  for (const { name, value } of terms(text)) {
    const [given, fault] = readTerm(name, value, now);
    if (fault) faults.push(fault);
    else if (name === "") words.push(value);
    else (filter[NAMES[name]] ??= []).push(...given);
  }
  const { created_after: after, created_before: before, ...many } = filter;
  const bounds = {
    ...(after && { created_after: after.at(-1) ?? "" }),
    ...(before && { created_before: before.at(-1) ?? "" }),
  };
  return { filter: { ...many, ...bounds, ...(words.length > 0 && { q: words.join(" ") }) }, faults };
}

/** @param {string} name @param {string} value @param {number} now @returns {[given: string[], fault?: string]} */
function readTerm(name, value, now) {
  if (name !== "" && value === "") return [[], `${name}: is followed by a value`];
  if (name === "after" || name === "before") {
    const at = moment(value, now);
    return at === null ? [[], `${name}: takes an age such as 2d or 12h, or a date such as 2026-11-22`] : [[at]];
  }
  if (name === "id" && !ID.test(value)) return [[], "id: takes the whole id of a job"];
  if (name !== "status") return [[value]];
  const given = value.toLowerCase().split(",");
  const unknown = given.find((one) => !STATUSES.includes(one));
  return unknown === undefined ? [given] : [[], `status: is one of ${STATUSES.join(", ")}`];
}

/** Read an age or a date. @param {string} text @param {number} now @returns {string | null} */
function moment(text, now) {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/i.exec(text) ?? [];
  const at = unit ? now - Number(count) * SECONDS[unit.toLowerCase()] * 1_000 : Date.parse(text);
  return (unit || /^\d{4}-\d\d-\d\d/.test(text)) && !Number.isNaN(at) && Math.abs(at) < 8e15
    ? new Date(at).toISOString()
    : null;
}

/** Say whether a job would be found, as far as that can be told here. @param {Job} job @param {Filter} filter */
export function finds(job, filter) {
  const among = (/** @type {string} */ name, /** @type {(string | null | undefined)[]} */ values) =>
    !filter[name] || values.some((value) => value != null && [filter[name]].flat().includes(value));
  const words = String(filter.q ?? "").toLowerCase();
  return (
    among("status", [job.status]) &&
    among("type", [job.type]) &&
    among("tag", job.tags) &&
    among("user_id", [job.user_id]) &&
    among("queue", [job.queue]) &&
    among("code", [job.error_data?.code]) &&
    among("job_id", [job.job_id]) &&
    !(filter.created_after && job.created_at < filter.created_after) &&
    !(filter.created_before && job.created_at >= filter.created_before) &&
    [job.title, job.job_id, job.type].some((text) => text.toLowerCase().includes(words))
  );
}

/**
 * Say how the word under the caret may go on.
 *
 * @param {string} text  up to the caret
 * @param {{ [name: string]: string[] }} known  values by qualifier
 * @returns {{ from: number, options: string[] }}  `options` stand for what follows `from`
 */
export function completions(text, known) {
  const from = text.search(/\S*$/);
  const word = text.slice(from).toLowerCase();
  const [name, value] = word.includes(":")
    ? [word.slice(0, word.indexOf(":")), word.slice(word.indexOf(":") + 1)]
    : [word, null];
  const options =
    value === null
      ? QUALIFIERS.filter((one) => one.startsWith(name)).map((one) => `${one}:`)
      : (known[name] ?? [])
          .filter((one) => one.toLowerCase().startsWith(value))
          .map((one) => written([{ name, value: one }]));
  return { from, options: options.filter((one) => one.toLowerCase() !== word) };
}
