/**
 * The way in without a browser: a command line to copy, shown while there are no jobs.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { JobType } from "./wire.js"
 */

import { byId } from "./element.js";

/** @param {Client} client @param {JobType} type */
export function showCommand(client, type) {
  const copy = byId("copy");
  byId("snippet").textContent = curl(client, type);
  copy.hidden = navigator.clipboard === undefined; // absent on plain http under a name that is not localhost
  copy.onclick = async () => {
    await navigator.clipboard.writeText(curl(client, type));
    copy.textContent = "Copied";
    setTimeout(() => (copy.textContent = "Copy"), 2_000);
  };
}

/** @param {Client} client @param {JobType} type */
function curl(client, type) {
  const submission = JSON.stringify({ type: type.type, payload: {} });
  if (type.uploads.length === 0) return `curl --json '${submission}' ${client.url("jobs")}`;
  const files = type.uploads.map((name) => `-F ${name}=@YOUR-FILE`).join(" ");
  return `curl -F 'job=${submission};type=application/json' ${files} ${client.url("jobs")}`;
}
