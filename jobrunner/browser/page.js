/** The page: makes the parts and connects them. Holds no behaviour of its own. @import { Snapshot } from "./wire.js" */

import { Announcer } from "./announcer.js";
import { showCommand } from "./command.js";
import { Connection } from "./connection.js";
import { byId } from "./element.js";
import { JobForm } from "./form.js";
import { Headline } from "./headline.js";
import { createClient } from "./jobrunner.js";
import { JobList } from "./jobs.js";
import { JobStore } from "./store.js";

const client = createClient();
const store = new JobStore();
const announcer = new Announcer(byId("announcer"));
const say = announcer.say.bind(announcer);
const connection = new Connection(byId("connection"));
const headline = new Headline(client, store);
const list = new JobList(client, store, byId("jobs"), say);
const form = new JobForm(client, byId("new"), {
  submitted: (job) => store.put(job),
  sent: (job) => list.reveal(job.job_id),
  say,
});
announcer.follow(store);

let wasLive = false;
const feed = client.watch({
  job: (job) => store.put(job, { live: true }),
  snapshot: (snapshot) => void begin(snapshot),
  state(state) {
    if (state.state === "live" && !wasLive) void offer();
    wasLive = state.state === "live";
    connection.show(state);
  },
});
window.addEventListener("online", () => feed.wake());
window.addEventListener("pageshow", () => feed.wake());
document.addEventListener("visibilitychange", follow);
follow();

/** A hidden page needs no stream, and a browser has only six connections for all its pages. */
function follow() {
  if (document.visibilityState === "hidden") feed.pause();
  else feed.open();
}

/** The stream begins with what has not ended; the list adds the newest that have. @param {Snapshot} snapshot */
async function begin(snapshot) {
  store.doubt();
  for (const job of snapshot.jobs) store.put(job, { live: true });
  if (snapshot.counts) headline.show(snapshot.counts);
  const page = await client.list({ limit: 20 }).catch(() => null);
  if (page === null) return;
  for (const job of page.jobs) store.put(job);
  store.forget();
}

/** A server that was away may offer something else than before. */
async function offer() {
  const types = await form.refresh();
  const type = types.find((one) => one.available);
  if (type) showCommand(client, type);
}
