/** The dashboard: makes the parts and connects them. Holds no behaviour of its own. @import { Page } from "./router.js" */

import "../components.js";
import { announceJob } from "../announcer.js";
import { byId, setAttribute } from "../element.js";
import { createClient } from "../jobrunner.js";
import { Account } from "./account.js";
import { Help } from "./help.js";
import { History } from "./history.js";
import { JobPage } from "./job-page.js";
import { Keyboard } from "./keyboard.js";
import { Liveness } from "./liveness.js";
import { NewPage } from "./new-page.js";
import { Notifications } from "./notifications.js";
import { Overview } from "./overview.js";
import { href } from "./places.js";
import { ReloadNotice } from "./reload-notice.js";
import { Router } from "./router.js";
import { Settings } from "./settings.js";
import { StatsPage } from "./stats-page.js";
import { Tab } from "./tab.js";

let shown = /** @type {{ title: string, job?: any }} */ ({ title: "Overview" }); // the page, as the tab tells it
const client = createClient({ fetch: heed });
/** @type {any} */ (byId("client")).client = client;
const account = new Account(client);
const notice = new ReloadNotice(client);
const help = new Help();
const tab = new Tab(client);
const go = (/** @type {string} */ address, /** @type {{ replace?: boolean }} */ how = {}) => router.go(address, how);
const settings = new Settings(new Notifications(client, go), () => help.open());
byId("settings-place").append(settings.element);

const jobs = new History(client, go);
const job = new JobPage(client);
const pages = { "": new Overview(client, go), jobs, job, new: new NewPage(client, go), stats: new StatsPage(client) };
const router = new Router(byId("main"), pages, moved);

new Keyboard(byId("main"), {
  go: (path) => go(href(path)),
  help: () => help.open(),
  search,
  pause: () => (client.connection.state === "paused" ? client.resume() : client.pause()),
  theme: () => settings.turnTheme(),
  escape: () => jobs.escape(),
});

new Liveness(client, {
  began: () => {
    void account.refresh();
    void notice.refresh();
    for (const page of Object.values(pages)) /** @type {any} */ (page).refresh?.();
  },
  refused: () => account.end(),
});
client.watch({}, { job: () => tab.show(shown), snapshot: ({ counts }) => counts && tab.take(counts) });
client.jobs.addEventListener("change", (event) => {
  const { job: one, before } = /** @type {any} */ (event);
  if (one.job_id !== job.job?.job_id) announceJob(one, before, { brief: true });
});

/** @param {Page} page @param {string} name */
function moved(page, name) {
  for (const link of byId("pages").querySelectorAll("a")) {
    const { page: own, within } = link.dataset;
    setAttribute(link, "aria-current", own === name ? "page" : within === name ? "true" : null);
  }
  shown = name === "job" ? /** @type {any} */ (page) : { title: page.title };
  tab.show(shown);
}

function search() {
  if (!jobs.element.isConnected) go(href("jobs"));
  jobs.focusSearch();
}

/** Any call may be the first to hear that we are signed out. @param {Parameters<typeof fetch>} asked */
async function heed(...asked) {
  const answer = await fetch(...asked);
  if (answer.status === 401) account.end();
  return answer;
}
