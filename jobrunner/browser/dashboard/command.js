/** The way in without a browser: a command line that submits a job. @import { JobType } from "../wire.js" */

import { ROOT } from "./places.js";

/** @param {JobType | undefined} type @param {unknown} payload @param {boolean} secured */
export function commandFor(type, payload, secured) {
  const key = secured ? "-H 'Authorization: Bearer YOUR-API-KEY' " : "";
  const url = new URL("api/v1/jobs", ROOT).href;
  const submission = JSON.stringify({ type: type?.type ?? "YOUR-TYPE", payload }).replaceAll("'", String.raw`'\''`);
  const files = (type?.uploads ?? []).map((name) => ` -F ${name}=@YOUR-FILE`).join("");
  return files
    ? `curl ${key}-F 'job=${submission};type=application/json'${files} ${url}`
    : `curl ${key}--json '${submission}' ${url}`;
}
