/**
 * The story viewer: the result of one job, which is named in the address, as a page. Whoever may not see the job sees
 * nothing of it; one that has not ended yet is shown as it is.
 *
 * @import { Artifact, Job } from "../../browser/wire.js"
 */

import { defaultClient } from "../../assets/components.js";

const client = defaultClient();
const at = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 6 });
/** @type {{ [name: string]: string }} */
const FILES = { "story.html": "The same as one file", "statistics.json": "All figures" };
const id = new URLSearchParams(location.search).get("job") ?? "";

/** @param {string} tag @param {string} [text] @param {...Node} children */
function make(tag, text, ...children) {
  const node = document.createElement(tag);
  node.append(...(text ? [text] : []), ...children);
  return node;
}

/** @param {Job} job  that has completed */
function show(job) {
  const story = /** @type {any} */ (job.result_data);
  const [lead, ...chapters] = story.narratives;
  document.title = `${story.title} · Data story`;
  at("title").textContent = story.title;
  at("lead").textContent = lead.text;
  at("tiles").replaceChildren(...tiles(story));
  at("chapters").replaceChildren(...chapters.map((/** @type {any} */ one) => chapter(job, story, one)));
  at("rows").replaceChildren(...story.statistics.map(row));
  const files = job.artifacts.filter(({ name }) => name in FILES);
  at("files").replaceChildren(...files.map((file) => link(file, FILES[file.name])));
  at("columns").hidden = false;
}

/** @param {any} story */
function tiles(story) {
  const strongest = story.correlations[0];
  const facts = [
    ["Rows", number.format(story.rows)],
    ["Columns", number.format(story.columns)],
    ["Empty cells", number.format(story.cleaning.missing_cells)],
    ["Repeated rows", number.format(story.cleaning.duplicated_rows)],
    ...(strongest ? [[`${strongest.a} and ${strongest.b}`, `r = ${strongest.r.toFixed(2)}`]] : []),
  ];
  return facts.map(([name, value]) => make("div", "", make("dt", name), make("dd", value)));
}

/** @param {Job} job @param {any} story @param {any} narrative */
function chapter(job, story, narrative) {
  const section = make("section", "", make("div", "", make("h2", narrative.heading), make("p", narrative.text)));
  const chart = story.charts.find((/** @type {any} */ one) => one.name === narrative.chart);
  const file = chart && job.artifacts.find(({ name }) => name === `${chart.name}.svg`);
  section.className = "card chapter";
  if (file) {
    const image = Object.assign(new Image(), { src: address(file), alt: chart.title, loading: "lazy" });
    section.append(link(file, image));
  }
  return section;
}

/** @param {any} column */
function row(column) {
  const figures = [column.count, column.missing, column.mean, column.median, column.min, column.max];
  const cells = figures.map((value) => {
    const words = typeof value === "number" ? number.format(value) : (value ?? "");
    return Object.assign(make("td", words), { className: "number" });
  });
  const name = Object.assign(make("th", column.name), { scope: "row" });
  return make("tr", "", name, make("td", column.identifier ? "identifier" : column.kind), ...cells);
}

/** @param {Artifact} file @param {string | Node} content */
function link(file, content) {
  const way = Object.assign(document.createElement("a"), { href: address(file), target: "_blank", rel: "noopener" });
  way.append(content);
  return way;
}

/** @param {Artifact} file */
function address(file) {
  return client.fileUrl(file.download_url, { inline: true });
}

/** @param {string} words */
function fail(words) {
  at("fault").textContent = words;
  at("fault").hidden = false;
}

at("job").href = `../../jobs/${encodeURIComponent(id)}`;
at("unfinished").addEventListener("job-completed", () => location.reload());
try {
  const job = await client.get(id);
  if (job.status === "completed") show(job);
  else Object.assign(at("unfinished"), { hidden: false, jobId: id });
} catch (error) {
  fail(/** @type {Error} */ (error).message);
}
