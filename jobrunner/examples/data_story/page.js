/**
 * The page on which a story is asked for. It only says which job the elements are to show: the job is in the address,
 * so that a reload goes on with it, and when it has completed the page goes on to the story.
 */

import { defaultClient } from "../../assets/components.js";

const client = defaultClient();
const at = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

/** @param {string | null} id */
function show(id) {
  if (!id) return;
  history.replaceState(null, "", `?job=${encodeURIComponent(id)}`);
  at("story").setAttribute("job-id", id);
  at("story").hidden = false;
  at("waiting").hidden = true;
}

/** Submit the table that is shipped as the form submits one that was chosen. @param {string} type */
async function submitSample(type) {
  const answer = await fetch("sales.csv");
  const file = new File([await answer.blob()], "sales.csv", { type: "text/csv" });
  const job = await client.submit({ type, title: "sales.csv", payload: {}, uploads: ["file"] });
  show(job.job_id);
  await client.upload(job.job_id, "file", file);
}

at("where").addEventListener("change", (/** @type {any} */ { target }) => {
  at("form").setAttribute("type", target.value);
  at("service").hidden = target.value === "data_story";
});
at("sample").addEventListener("click", () => {
  at("fault").hidden = true;
  submitSample(at("form").getAttribute("type")).catch((error) => {
    at("fault").textContent = error.message;
    at("fault").hidden = false;
  });
});
at("form").addEventListener("job-submitted", (/** @type {CustomEvent} */ { detail }) => show(detail.job.job_id));
at("story").addEventListener("job-completed", (/** @type {CustomEvent} */ { detail }) =>
  location.replace(`story.html?job=${encodeURIComponent(detail.job.job_id)}`),
);
show(new URLSearchParams(location.search).get("job"));

const types = await client.types().catch(() => []); // the form says why
at("where").hidden = !types.some(({ type }) => type === "data_story_remote");
