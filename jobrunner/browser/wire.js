/**
 * The shapes that go over HTTP, as the server's wire module has them. Holds no behaviour, is never loaded by a page.
 *
 * Times are RFC 3339 text, durations are seconds, what is not known is null.
 *
 * @typedef {"queued" | "processing" | "completed" | "failed" | "cancelled"} Status
 * @typedef {Status | "skipped"} StepStatus
 * @typedef {{ code: string, message: string, details: object | null, retryable: boolean,
 *   occurred_at: string }} ErrorData
 * @typedef {{ percentage: number | null, current_step: string | null, estimated_time_remaining: number | null,
 *   stage: string | null }} Progress
 * @typedef {{ name: string, label: string, description: string | null, status: StepStatus }} Stage
 * @typedef {{ name: string, content_type: string, size: number, download_url: string }} Artifact
 * @typedef {{ name: string, filename: string | null, size: number | null, received: number }} Upload
 *
 * @typedef {object} Job
 * @property {string} job_id
 * @property {string} type
 * @property {string} title
 * @property {Status} status
 * @property {string | null} waiting_for
 * @property {Upload[]} uploads
 * @property {string} created_at
 * @property {string | null} run_at
 * @property {string | null} started_at
 * @property {string | null} completed_at
 * @property {string | null} cancel_requested_at
 * @property {Progress} progress_data
 * @property {Stage[]} stages
 * @property {number} parts_total
 * @property {number} parts_completed
 * @property {number} attempt
 * @property {number} max_attempts
 * @property {boolean} can_cancel
 * @property {boolean} can_retry
 * @property {ErrorData | null} error_data
 * @property {Artifact[]} artifacts
 * @property {string} cursor  `<epoch>-<number>`: the number of the committed state
 *
 * @typedef {{ queued: number, processing: number, completed: number, failed: number, cancelled: number, active: number,
 *   total: number }} Counts
 * @typedef {{ jobs: Job[], cursor: string, more: boolean, counts?: Counts, reason?: string }} Snapshot
 * @typedef {{ jobs: Job[], next_cursor: string | null }} JobPage
 *
 * @typedef {{ type: string, payload: unknown, title?: string, uploads?: string[] }} Submission
 * @typedef {{ pointer: string, detail: string }} Fault  what is wrong where, by JSON pointer (RFC 6901)
 *
 * @typedef {{ [keyword: string]: any }} Schema  a JSON Schema, or a part of one
 * @typedef {{ type: string, title: string | null, description: string | null, available: boolean,
 *   unavailable_reason: string | null, payload_schema: Schema | null, uploads: string[] }} JobType
 */

export {};
