/**
 * The page of the ads: everything on it is a job, and survives a reload. The newest report and the newest ads are shown
 * beside the tasks.
 *
 * @import { Artifact, Job } from "../../browser/wire.js"
 */

import { defaultClient } from "../../assets/components.js";

const client = defaultClient();
const at = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

at("steps").addEventListener("click", async (/** @type {MouseEvent} */ { target }) => {
  if (!(target instanceof HTMLButtonElement)) return;
  const job = await client.submitTo(target.dataset.path ?? "", {}).catch((error) => tell(error.message));
  if (job) tell(job.completed_at ? "It was known already: nothing had to run." : "Started: see the tasks.");
  if (job?.completed_at) hear(job);
});

/** @param {string} words */
function tell(words) {
  at("told").textContent = words;
  at("told").hidden = false;
}

at("filter").addEventListener("click", (/** @type {MouseEvent} */ { target }) => {
  if (!(target instanceof HTMLButtonElement)) return;
  for (const button of at("filter").children) button.setAttribute("aria-pressed", String(button === target));
  at("list").setAttribute("status", target.dataset.of);
});

/** A job that has completed; lists and streams leave out long results. @param {Job} job */
async function hear(job) {
  if (job.status !== "completed") return;
  if (job.type === "product_report") showReport(await client.get(job.job_id));
  if (job.type === "ad_images") at("ads").replaceChildren(...job.artifacts.map((file) => picture(file)));
  at("none").hidden = at("ads").children.length > 0;
}

/** @param {Job} job */
function showReport(job) {
  const report = /** @type {any} */ (job.result_data);
  for (const [id, text] of [
    ["product", report.name],
    ["price", report.price],
    ["summary", report.summary],
  ])
    at(id).textContent = text;
  at("angles").replaceChildren(
    ...report.angles.map((/** @type {any} */ angle) =>
      make("li", make("strong", angle.headline), make("span", angle.because)),
    ),
  );
  at("files").replaceChildren(...job.artifacts.map((file) => link(file, file.name)));
  at("report").hidden = false;
}

/** @param {Artifact} file */
function picture(file) {
  const image = Object.assign(new Image(), { src: address(file), alt: file.name, loading: "lazy" });
  return make("figure", link(file, image), make("figcaption", file.name));
}

/** @param {Artifact} file @param {string | Node} content */
function link(file, content) {
  return Object.assign(make("a", content), { href: address(file), target: "_blank", rel: "noopener" });
}

/** @param {Artifact} file */
function address(file) {
  return client.fileUrl(file.download_url, { inline: true });
}

/** @param {string} tag @param {...(string | Node)} children */
function make(tag, ...children) {
  const node = document.createElement(tag);
  node.append(...children);
  return node;
}

client.watch({ type: ["product_report", "ad_images"] }, hear);
for (const type of ["product_report", "ad_images"]) {
  const known = client.list({ type, status: "completed", limit: 1 });
  const { jobs } = await known.catch(() => ({ jobs: [] })); // the list says why
  for (const job of jobs) await hear(job);
}
at("none").hidden = at("ads").children.length > 0;
