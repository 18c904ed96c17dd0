/**
 * The page of the pictures. What is submitted, and a wall of what was painted, are made here; badges, list and toasts
 * are jobrunner's own elements. The project is in the address, and is a tag of each job.
 *
 * @import { Artifact, Job } from "../../browser/wire.js"
 */

import { defaultClient } from "../../assets/components.js";

const SHOWN = 24;

const client = defaultClient();
const project = new URLSearchParams(location.search).get("project") ?? "spring";
const tag = project === "all" ? null : `project:${project}`;
const at = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));

document.querySelector(`[data-project="${CSS.escape(project)}"]`)?.setAttribute("aria-current", "page");
if (tag) at("list").setAttribute("tag", tag);

at("order").addEventListener("submit", async (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  const { prompt, size, ...numbers } = Object.fromEntries(new FormData(at("order")));
  const counts = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, Number(value)]));
  await ask({ type: "image_generation", title: prompt, payload: { prompt, size, ...counts }, tags: tag ? [tag] : [] });
});

/** Submit; what the server will not have is said below the button. @param {any} submission */
async function ask(submission) {
  at("paint").disabled = true;
  try {
    await client.submit(submission);
    at("refused").hidden = true;
  } catch (error) {
    const { status, message } = /** @type {any} */ (error);
    refuse(message, status === 402);
  }
  at("paint").disabled = false;
}

/** @param {string} message @param {boolean} poor */
function refuse(message, poor) {
  at("refused").querySelector("p").textContent = message;
  at("buy").hidden = !poor;
  at("refused").hidden = false;
}

at("buy").addEventListener("click", async () => {
  const job = await client.submit({ type: "image_credits", payload: { credits: 12 } });
  const { result_data: balance } = await client.wait(job.job_id);
  refuse(`You have ${/** @type {{ left: number }} */ (balance).left} credits now.`, false);
});

at("filter").addEventListener("click", (/** @type {MouseEvent} */ { target }) => {
  if (!(target instanceof HTMLButtonElement)) return;
  for (const button of at("filter").children) button.setAttribute("aria-pressed", String(button === target));
  at("list").setAttribute("status", target.dataset.of);
});

/** Ids of the jobs whose pictures hang already. */
const hung = new Set();

/** @param {Job} job  that has completed */
function hang(job) {
  if (hung.has(job.job_id)) return;
  hung.add(job.job_id);
  at("pictures").prepend(...job.artifacts.map((file) => picture(job, file)));
  at("none").hidden = true;
}

/** @param {Job} job @param {Artifact} file */
function picture(job, file) {
  const address = client.fileUrl(file.download_url, { inline: true });
  const image = Object.assign(new Image(), { src: address, alt: job.title, loading: "lazy" });
  const link = Object.assign(document.createElement("a"), { href: address, target: "_blank", rel: "noopener" });
  const caption = Object.assign(document.createElement("figcaption"), { textContent: job.title });
  const figure = document.createElement("figure");
  link.append(image);
  figure.append(link, caption);
  return figure;
}

const wanted = { type: "image_generation", ...(tag && { tag }) };
client.watch(wanted, (job) => job.status === "completed" && hang(job));
const known = client.list({ ...wanted, status: "completed", limit: SHOWN });
const { jobs } = await known.catch(() => ({ jobs: [] })); // the list says why
for (const job of jobs.reverse()) hang(job);
at("none").hidden = hung.size > 0;
