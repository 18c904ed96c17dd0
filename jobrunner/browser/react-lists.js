/**
 * The hooks of many jobs.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { ReactLike } from "./react.js"
 * @import { Filter, Job, Query } from "./wire.js"
 */

import { isFinished } from "./jobrunner.js";

const STREAMED = ["user_id", "type", "queue", "tag"];

/** @param {ReactLike} React @param {Client} client */
export function listHooks({ useCallback, useEffect, useState }, client) {
  /**
   * The newest jobs of a filter, live; new ones come first.
   *
   * @param {Query & Filter} [query]
   */
  function useJobs(query = {}) {
    const name = JSON.stringify(query);
    const [state, setState] = useState({
      jobs: /** @type {Job[]} */ ([]),
      isLoading: true,
      error: /** @type {Error | null} */ (null),
    });
    const refresh = useCallback(async () => {
      const asked = /** @type {Query} */ (JSON.parse(name));
      await client.list(asked).then(
        ({ jobs }) => {
          for (const job of jobs) client.jobs.put(job);
          const newest = jobs.map((job) => client.jobs.get(job.job_id) ?? job);
          setState({ jobs: newest, isLoading: false, error: null });
        },
        (error) => setState((before) => ({ ...before, isLoading: false, error })),
      );
    }, [name]);
    useEffect(() => {
      const { limit = 50, status, ...rest } = JSON.parse(name);
      const wanted = status && status !== "all" ? [status].flat() : null;
      const filter = Object.fromEntries(Object.entries(rest).filter(([key]) => STREAMED.includes(key)));
      const take = (/** @type {Job} */ job) =>
        setState((before) => ({
          ...before,
          jobs: merged(before.jobs, job, wanted === null || wanted.includes(job.status), limit),
        }));
      const snapshot = () => void refresh(); // not before: what happens meanwhile would be told by neither
      const failed = (/** @type {Error} */ error) => setState((before) => ({ ...before, error }));
      return client.watch(filter, { job: take, snapshot, failed });
    }, [name]);
    return { ...state, refresh };
  }

  /** How many jobs of a filter run or wait. @param {Filter} [filter] */
  function useJobsCount(filter = {}) {
    const name = JSON.stringify(filter);
    const [active, setActive] = useState(/** @type {ReadonlySet<string>} */ (new Set()));
    useEffect(() => {
      const take = (/** @type {Job} */ job) =>
        setActive((before) => {
          if (before.has(job.job_id) === !isFinished(job)) return before;
          const after = new Set(before);
          if (isFinished(job)) after.delete(job.job_id);
          else after.add(job.job_id);
          return after;
        });
      const snapshot = (/** @type {{ jobs: Job[] }} */ { jobs }) =>
        setActive(new Set(jobs.filter((job) => !isFinished(job)).map((job) => job.job_id)));
      return client.watch(JSON.parse(name), { job: take, snapshot });
    }, [name]);
    return active.size;
  }

  return { useJobs, useJobsCount };
}

/** Put a job where it stands, or take it away. @param {Job[]} jobs @param {Job} job @param {boolean} wanted @param {number} limit */
function merged(jobs, job, wanted, limit) {
  const at = jobs.findIndex((one) => one.job_id === job.job_id);
  if (!wanted) return at < 0 ? jobs : jobs.filter((one) => one.job_id !== job.job_id);
  if (at >= 0) return jobs.map((one) => (one.job_id === job.job_id ? job : one));
  const later = (/** @type {Job} */ a, /** @type {Job} */ b) => b.created_at.localeCompare(a.created_at);
  return [...jobs, job].sort(later).slice(0, limit);
}
