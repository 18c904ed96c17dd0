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
 * @typedef {{ key: string, label: string, status: StepStatus, stage: string | null, percentage: number | null,
 *   current_step: string | null, estimated_time_remaining: number | null, result_data: unknown,
 *   error_data: ErrorData | null, artifact: Artifact | null }} Part
 *
 * @typedef {object} Job
 * @property {string} job_id
 * @property {string} type
 * @property {string} title
 * @property {Status} status
 * @property {string | null} waiting_for
 * @property {string | null} user_id
 * @property {string[]} tags
 * @property {{ [name: string]: unknown }} metadata
 * @property {string} queue
 * @property {number} priority
 * @property {unknown} [payload]
 * @property {number | null} queue_position
 * @property {string | null} estimated_start
 * @property {string | null} estimated_completion
 * @property {number | null} estimated_duration
 * @property {Upload[]} uploads
 * @property {string} created_at
 * @property {string | null} run_at
 * @property {string | null} deadline
 * @property {string | null} started_at
 * @property {string | null} completed_at
 * @property {string | null} cancel_requested_at
 * @property {Progress} progress_data
 * @property {Stage[]} stages
 * @property {Part[]} parts
 * @property {number} parts_total
 * @property {number} parts_completed
 * @property {number} attempt
 * @property {number} max_attempts
 * @property {boolean} can_cancel
 * @property {boolean} can_retry
 * @property {unknown} [result_data]
 * @property {ErrorData | null} error_data
 * @property {Artifact[]} artifacts
 * @property {string | null} parent_id  whose handler began it
 * @property {string[]} depends_on  what has to complete first
 * @property {string | null} retried_from
 * @property {string} cursor  `<epoch>-<number>`: the number of the committed state
 *
 * @typedef {{ queued: number, processing: number, completed: number, failed: number, cancelled: number, active: number,
 *   total: number }} Counts
 * @typedef {{ jobs: Job[], cursor: string, more: boolean, reset?: boolean, counts?: Counts, missing?: string[],
 *   reason?: string }} Snapshot
 * @typedef {{ job_id: string, queue_position: number | null, estimated_start: string | null }} Place  in the queue
 * @typedef {{ jobs: Job[], next_cursor: string | null, page?: number, page_size?: number, total?: number }} JobPage
 *
 * @typedef {{ [name: string]: string | number | string[] | null | undefined }} Query
 * @typedef {{ query?: Query, body?: unknown, headers?: { [name: string]: string }, signal?: AbortSignal }} Call
 * @typedef {{ job_id?: string | string[], user_id?: string | string[], type?: string | string[],
 *   queue?: string | string[], tag?: string | string[],
 *   parent_id?: string | string[] }} Filter  what never changes in a job; repeated values are OR
 * @typedef {Filter & { status?: string | string[], code?: string | string[], q?: string, created_after?: string,
 *   created_before?: string }} Selection
 *
 * @typedef {{ type: string, payload?: unknown, title?: string, priority?: number, queue?: string, user_id?: string,
 *   tags?: string[], metadata?: object, run_at?: string, delay?: number | string, deadline?: string,
 *   max_attempts?: number, timeout?: number | string, uploads?: string[], depends_on?: string[] }} Submission
 * @typedef {{ id?: string, name: string, submission: Submission, user_id?: string | null }} TemplateWish
 * @typedef {TemplateWish & { id: string, created_at: string, created_by: string, updated_at: string }} Template
 * @typedef {{ accepted: number, jobs: { index: number, job_id?: string, status?: Status,
 *   problem?: { title: string, status: number, detail?: string, errors?: Fault[] } }[] }} BulkAnswer
 * @typedef {{ matched: number, changed: number, refused: { job_id: string, reason: string }[],
 *   more: boolean }} Selected  what was done to the jobs of a filter
 * @typedef {{ n: number, at: string, stream: "log" | "stdout" | "stderr", level: string, text: string }} LogLine
 * @typedef {{ lines: LogLine[], next: number }} LogPage
 * @typedef {{ at: string, action: string, by: string | null }} Act
 * @typedef {{ attempt: number, started_at: string | null, ended_at: string | null, outcome: string | null,
 *   error_data: ErrorData | null, result_data: unknown,
 *   traceback?: string | null }} Attempt  `traceback` is sent to operators only
 * @typedef {{ job_id: string, status: Status, sentence: string, waiting_for: string | null,
 *   queue_position: number | null, ahead: number | null,
 *   limit: { name: string, limit: number, used: number } | null, estimated_start: string | null,
 *   estimated_completion: string | null }} Explanation
 * @typedef {{ p50: number | null, p95: number | null }} Percentiles
 * @typedef {{ submitted: number, completed: number, failed: number, cancelled: number, failure_rate: number | null,
 *   wait: Percentiles, run: Percentiles }} Totals
 * @typedef {{ range: string, from: string, to: string, step: number, series: { at: string, submitted: number,
 *   completed: number, failed: number, cancelled: number, queued: number }[], types: (Totals & { type: string })[],
 *   totals: Totals, estimates: { made: number, within: number, share: number | null } }} Statistics
 * @typedef {{ type: string, code: string, message: string, count: number, first_at: string, last_at: string,
 *   job_id: string }} FailureGroup
 * @typedef {{ queue: string, paused: boolean, paused_at: string | null, paused_by: string | null, queued: number,
 *   processing: number, concurrency: number | null, fair: boolean, max_queued: number | null,
 *   oldest_wait: number | null }} Queue
 * @typedef {{ status: "ok" | "degraded", reload_error?: string | null, [name: string]: any }} Health
 * @typedef {{ url: string, expires_at: string }} Link
 *
 * @typedef {object} Session  who is asking
 * @property {"operator" | "application" | "user"} kind
 * @property {string} name
 * @property {string | null} user_id
 * @property {string[]} allow
 * @property {string[] | null} job_ids
 * @property {string | null} expires_at
 * @property {"none" | "key" | "token" | "session"} via
 * @property {boolean} secured  rights are on
 * @property {boolean} insecure  they are off on purpose, for whoever reaches the server
 *
 * @typedef {{ id: string, key_id: string, key_name: string | null, address: string, created_at: string,
 *   expires_at: string, last_used_at: string | null, current: boolean }} SignIn  one browser that is signed in
 *
 * @typedef {{ pointer: string, detail: string }} Fault  what is wrong where, by JSON pointer (RFC 6901)
 *
 * @typedef {{ [keyword: string]: any }} Schema  a JSON Schema, or a part of one
 * @typedef {{ type: string, title: string | null, description: string | null, available: boolean,
 *   unavailable_reason: string | null, payload_schema: Schema | null, uploads: string[] }} JobType
 */

export {};
