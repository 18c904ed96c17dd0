/**
 * The page of the dubbing studio: a form, and the job that is in the address, so that a reload takes it up again. What
 * shows the job, its parts and its files are jobrunner's own elements.
 *
 * @import { Job } from "../../browser/wire.js"
 */

import { defaultClient } from "../../assets/components.js";

/** The same in each language, by people who speak it. @type {{ [language: string]: string }} */
const EXAMPLE = {
  de: "Willkommen im Studio. Dieser Text wird in jeder Sprache von ihrer eigenen Stimme gesprochen.",
  en: "Welcome to the studio. This text is spoken in each language by a voice of its own.",
  fr: "Bienvenue au studio. Ce texte est lu dans chaque langue par sa propre voix.",
  es: "Bienvenidos al estudio. Este texto se lee en cada idioma con su propia voz.",
  it: "Benvenuti nello studio. Questo testo viene letto in ogni lingua da una voce propria.",
  ja: "スタジオへようこそ。このぶんしょうは、それぞれのげんごのこえでよまれます。",
};

const client = defaultClient();
const at = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const fields = /** @type {Map<string, HTMLElement>} */ (new Map()); // of the texts, by language
let upload = /** @type {AbortController | null} */ (null); // the one under way

/** Those that are ticked, and those that are written. */
function languages() {
  const ticked = [...at("languages").querySelectorAll(":checked")].map((box) => box.value);
  return [
    ...new Set([
      ...ticked,
      ...at("others")
        .value.toLowerCase()
        .split(/[\s,]+/)
        .filter(Boolean),
    ]),
  ];
}

/** Offer a text of its own to each language that is chosen; what was typed stays, even if it is not for now. */
function offerTexts() {
  for (const language of languages()) if (!fields.has(language)) fields.set(language, textField(language));
  const offered = languages().map((language) => fields.get(language));
  if (offered.some((field, n) => field !== at("texts").children[n]) || offered.length < at("texts").children.length)
    at("texts").replaceChildren(...offered);
}

/** @param {string} language */
function textField(language) {
  const name = at("languages")
    .querySelector(`[value="${CSS.escape(language)}"]`)
    ?.parentElement.textContent.trim();
  const label = Object.assign(document.createElement("label"), { htmlFor: `text-${language}` });
  const area = Object.assign(document.createElement("textarea"), { id: label.htmlFor, rows: 2, maxLength: 20_000 });
  const field = Object.assign(document.createElement("div"), { className: "field" });
  label.textContent = `Text for ${name ?? language}`;
  area.placeholder = "As above";
  if (name) area.lang = language; // of others nobody knows yet whether they are a language
  field.dataset.language = language;
  field.append(label, area);
  return field;
}

/** By language; those without one say what all say. */
function texts() {
  const given = [...at("texts").children].map((field) => [field.dataset.language, field.lastChild.value.trim()]);
  return Object.fromEntries(given.filter(([, text]) => text));
}

at("order").addEventListener("input", offerTexts); // not when a field is left: the button would move away from a click
offerTexts();

at("example").addEventListener("click", () => {
  at("text").value = EXAMPLE.en;
  at("own").open = true;
  for (const field of at("texts").children) field.lastChild.value = EXAMPLE[field.dataset.language] ?? "";
});

at("order").addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  void order(at("file").files[0] ?? null);
});

/** The job is there before its file is: it is shown while the file is sent. @param {File | null} file */
async function order(file) {
  const text = at("text").value.trim();
  at("fault").textContent = text || file || Object.keys(texts()).length ? "" : "Write a text, or choose a file.";
  if (at("fault").textContent) return;
  const title = file?.name.replace(/\.\w+$/, "") || text.split(/[.!?\n]/)[0].slice(0, 60) || "Dubbing";
  const payload = {
    ...(file ? {} : { text }),
    texts: texts(),
    languages: languages(),
    words_per_minute: Number(at("speed").value),
    format: at("format").value,
  };
  at("speak").disabled = true;
  try {
    const job = await client.submit({ type: "dubbing", title, payload, ...(file && { uploads: ["file"] }) });
    history.pushState(null, "", `?job=${job.job_id}`);
    if (file) upload = new AbortController();
    show();
    at("now").scrollIntoView({ block: "nearest" });
    if (file) await send(job.job_id, file);
  } catch (error) {
    blame(error);
  }
  at("speak").disabled = false;
}

/** @param {string} id @param {File} file */
async function send(id, file) {
  upload ??= new AbortController();
  const words = (/** @type {string} */ text) => (at("sent-words").textContent = text);
  at("sending").hidden = false;
  words(`Sending ${file.name}`);
  try {
    await client.upload(id, "file", file, {
      signal: upload.signal,
      onProgress: (sent) => (at("sent").value = file.size ? (100 * sent) / file.size : 100),
      onWait: (ms) => words(`The connection is lost: trying again in ${Math.ceil(ms / 1_000)} s`),
    });
    at("file").value = at("again").value = "";
  } finally {
    upload = null;
    at("sending").hidden = true;
  }
}

at("stop").addEventListener("click", () => upload?.abort());

at("again").addEventListener("change", () => {
  const id = shownId();
  if (id && at("again").files[0]) send(id, at("again").files[0]).catch(blame);
});

/** Say what the server did not like, and where. @param {any} error */
function blame(error) {
  const faults = (error.faults ?? []).map((/** @type {any} */ fault) => `${fault.pointer}: ${fault.detail}`);
  at("fault").textContent =
    error.name === "AbortError" ? "The upload was stopped." : [error.message, ...faults].join("\n");
}

function shownId() {
  return new URLSearchParams(location.search).get("job");
}

/** Show the job that is in the address. */
function show() {
  const id = shownId();
  at("shown").hidden = id === null;
  at("none").hidden = id !== null;
  at("status").jobId = at("player").jobId = id;
  at("listen").hidden = at("awaited").hidden = true;
}

at("status").addEventListener("job-changed", (/** @type {CustomEvent<{ job: Job }>} */ { detail: { job } }) => {
  at("awaited").hidden = job.waiting_for !== "upload" || upload !== null;
  at("listen").hidden = !job.parts.some((part) => part.artifact);
});

window.addEventListener("popstate", show);
show();
