/**
 * What a server, or the way to it, says instead of an answer (RFC 9457). Never shown here, only carried.
 *
 * @import { Fault, Job } from "./wire.js"
 */

/** An answer that is none: `status` 0 means that no server was reached. */
export class JobrunnerError extends Error {
  /**
   * @param {number} status
   * @param {string} message  for people
   * @param {{ code?: string, faults?: Fault[], retryAfterMs?: number | null, cause?: unknown }} [more]
   */
  constructor(status, message, { code = "", faults = [], retryAfterMs = null, cause } = {}) {
    super(message, { cause });
    this.name = "JobrunnerError";
    this.status = status;
    this.code = code;
    this.faults = faults;
    this.retryAfterMs = retryAfterMs;
  }

  /** Whether the same request may succeed later. */
  get passing() {
    return this.status === 0 || this.status >= 500 || [408, 425, 429].includes(this.status);
  }
}

/** The time to wait is over and the job is not: no failure. */
export class StillRunning extends Error {
  /** @param {Job | null} job  as last heard of */
  constructor(job) {
    super("The job is still running.");
    this.name = "StillRunning";
    this.job = job;
  }
}

/** Be the error for a server that did not answer. */
export function unreachable() {
  return new JobrunnerError(0, "The server cannot be reached.", { code: "unreachable" });
}

/** Give back an answer that is one, else throw its problem. @param {Response} response */
export async function accepted(response) {
  if (response.ok) return response;
  const said = await response.json().catch(() => null);
  const problem = said !== null && typeof said === "object" ? said : {};
  throw new JobrunnerError(
    response.status,
    problem.detail || problem.title || `The server answered ${response.status}.`,
    {
      code: problem.code,
      faults: Array.isArray(problem.errors) ? problem.errors : [],
      retryAfterMs: retryAfterMs(response.headers.get("Retry-After")),
    },
  );
}

/** Read seconds or a date, as RFC 9110 allows both. @param {string | null} text @returns {number | null} */
function retryAfterMs(text) {
  if (text === null) return null;
  const ms = /^\s*\d+\s*$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.max(ms, 0) : null;
}
