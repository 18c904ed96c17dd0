/**
 * The client of one jobrunner server. It speaks HTTP and nothing else: it never touches the page.
 *
 * @import { TokenSource } from "./caller.js"
 * @import { Connection } from "./link.js"
 * @import { Observer } from "./watcher.js"
 * @import { Act, Attempt, BulkAnswer, Call, Counts, Explanation, FailureGroup, Filter, Health, Job, JobPage, JobType,
 *   Link, LogLine, LogPage, Query, Queue, Selected, Selection, Session, SignIn, Statistics, Submission, Template,
 *   TemplateWish } from "./wire.js"
 */
import type { TokenSource } from "./caller.js";
import type { Connection } from "./link.js";
import type { Observer } from "./watcher.js";
import type { Act, Attempt, BulkAnswer, Call, Counts, Explanation, FailureGroup, Filter, Health, Job, JobPage, JobType, Link, LogLine, LogPage, Query, Queue, Selected, Selection, Session, SignIn, Statistics, Submission, Template, TemplateWish } from "./wire.js";
import { Caller } from "./caller.js";
import { Hub } from "./hub.js";
import { JobrunnerError, StillRunning } from "./problem.js";
import { JobChanged, JobStore } from "./store.js";
export * from "./job.js";
export { JobChanged, JobrunnerError, JobStore, StillRunning };
export { verifyWebhook } from "./webhook.js";
export type Sending = {
    key?: string;
    fresh?: boolean;
    signal?: AbortSignal;
};
export type Uploading = {
    onProgress?: (sent: number) => void;
    onWait?: (ms: number) => void;
    signal?: AbortSignal;
};
export type Waiting = {
    timeout?: number;
    onChange?: (job: Job) => void;
    signal?: AbortSignal;
};
export type Bulk = {
    dryRun?: boolean;
    key?: string;
};
/**
 * Make a client; the server is where this module came from unless told otherwise. A function is asked for a token at
 * first use, at 80 % of its life and when it is refused; without one a cookie counts.
 *
 * @param {{ baseUrl?: string | URL, token?: TokenSource, fetch?: typeof globalThis.fetch }} [options]
 */
export declare function createClient({ baseUrl, token, fetch }?: {
    baseUrl?: string | URL;
    token?: TokenSource;
    fetch?: typeof globalThis.fetch;
}): Client;
/** Make a key that names one submission however often it is sent; works without a secure context, too. */
export declare function newKey(): string;
export declare class Client {
    #private;
    /** @param {Caller} caller @param {Hub} hub */
    constructor(caller: Caller, hub: Hub);
    /** What is known of the jobs that are watched. */
    get jobs(): JobStore;
    /** @returns {Connection} */
    get connection(): Connection;
    /** Whether files open by a `link` only. */
    get hasToken(): boolean;
    /** @param {Submission} submission @param {Sending} [sending] @returns {Promise<Job>} */
    submit(submission: Submission, sending?: Sending): Promise<Job>;
    /**
     * Submit to a path that a type has for itself, as `types` tells it, its names filled in.
     *
     * @param {string} path @param {unknown} [body] @param {Sending & { query?: Query }} [sending] @returns {Promise<Job>}
     */
    submitTo(path: string, body?: unknown, { query, ...sending }?: Sending & {
        query?: Query;
    }): Promise<Job>;
    /** @param {Query} [query] @returns {Promise<Template[]>} */
    templates(query?: Query): Promise<Template[]>;
    /** Save a submission, or put it in the place of `id`. @param {TemplateWish} wish @returns {Promise<Template>} */
    saveTemplate({ id, ...wish }: TemplateWish): Promise<Template>;
    /** @param {string} id @returns {Promise<void>} */
    deleteTemplate(id: string): Promise<void>;
    /**
     * Submit what was saved, with these members in the place of its own; payloads are merged.
     *
     * @param {string} id @param {Partial<Submission>} [changes] @param {Sending} [sending] @returns {Promise<Job>}
     */
    submitTemplate(id: string, changes?: Partial<Submission>, sending?: Sending): Promise<Job>;
    /** @param {Submission[]} jobs @param {Sending & { atomic?: boolean }} [how] @returns {Promise<BulkAnswer>} */
    submitMany(jobs: Submission[], { atomic, ...sending }?: Sending & {
        atomic?: boolean;
    }): Promise<BulkAnswer>;
    /**
     * Bring a file that a job waits for. After a lost connection it goes on where it was, until it is there, refused or
     * aborted.
     *
     * @param {string} jobId @param {string} name @param {File} file @param {Uploading} [uploading]
     */
    upload(jobId: string, name: string, file: File, uploading?: Uploading): Promise<void>;
    /** @param {string} jobId @returns {Promise<Job>} */
    get(jobId: string): Promise<Job>;
    /** @param {Query} [query] @returns {Promise<JobPage>} */
    list(query?: Query): Promise<JobPage>;
    /** @param {string | Filter} target  an id or a filter, {}: all @param {Observer | ((job: Job) => void)} observer */
    watch(target: string | Filter, observer: Observer | ((job: Job) => void)): () => void;
    /** @param {string[] | Filter} target @param {Observer | ((job: Job) => void)} observer @returns {() => void} stop */
    watchMany(target: string[] | Filter, observer: Observer | ((job: Job) => void)): () => void;
    /** Be the job when it has ended. @param {string} jobId @param {Waiting} [waiting] @returns {Promise<Job>} */
    wait(jobId: string, { timeout, onChange, signal }?: Waiting): Promise<Job>;
    /** Cancel a job; one that runs is asked to stop. @param {string} jobId @returns {Promise<Job>} */
    cancel(jobId: string): Promise<Job>;
    /**
     * Run a job again; with changes it is a new one.
     *
     * @param {string} jobId @param {object} [changes] @returns {Promise<Job>}
     */
    retry(jobId: string, changes?: object): Promise<Job>;
    /** Run a job again for one of its parts. @param {string} jobId @param {string} key @returns {Promise<Job>} */
    retryPart(jobId: string, key: string): Promise<Job>;
    /** @param {Selection} filter @param {Bulk} [how] @returns {Promise<Selected>} */
    cancelMany(filter: Selection, { dryRun, key }?: Bulk): Promise<Selected>;
    /** @param {Selection} filter @param {Bulk} [how] @returns {Promise<Selected>} */
    retryMany(filter: Selection, { dryRun, key }?: Bulk): Promise<Selected>;
    /** @param {string} jobId @param {{ after?: number }} [from] @returns {Promise<LogPage>} */
    logs(jobId: string, { after }?: {
        after?: number;
    }): Promise<LogPage>;
    /**
     * Tell all lines, and those that come.
     *
     * @param {string} jobId @param {(line: LogLine) => void} onLine @returns {() => void} stop
     */
    followLogs(jobId: string, onLine: (line: LogLine) => void): () => void;
    /** @param {string} jobId @returns {Promise<Act[]>} */
    history(jobId: string): Promise<Act[]>;
    /** @param {string} jobId @returns {Promise<Attempt[]>} */
    attempts(jobId: string): Promise<Attempt[]>;
    /** Why it waits. @param {string} jobId @returns {Promise<Explanation>} */
    explain(jobId: string): Promise<Explanation>;
    /** @param {Query} [query] @returns {Promise<Counts>} */
    counts(query?: Query): Promise<Counts>;
    /** @param {Query} [query] @returns {Promise<Statistics>} */
    stats(query?: Query): Promise<Statistics>;
    /** @param {Query} [query] @returns {Promise<FailureGroup[]>} */
    failures(query?: Query): Promise<FailureGroup[]>;
    /** @returns {Promise<Health>} */
    health(): Promise<Health>;
    /** @returns {Promise<JobType[]>} */
    types(): Promise<JobType[]>;
    /** @returns {Promise<Queue[]>} */
    queues(): Promise<Queue[]>;
    /** @param {string} name @returns {Promise<Queue>} */
    pauseQueue(name: string): Promise<Queue>;
    /** @param {string} name @returns {Promise<Queue>} */
    resumeQueue(name: string): Promise<Queue>;
    /** Who am I, and what may I do? @returns {Promise<Session>} */
    session(): Promise<Session>;
    /** Be known from now on, by a cookie. @param {string} key  an operator's @returns {Promise<Session>} */
    signIn(key: string): Promise<Session>;
    /** @returns {Promise<void>} */
    signOut(): Promise<void>;
    /** List all who are signed in: for operators. @returns {Promise<SignIn[]>} */
    sessions(): Promise<SignIn[]>;
    /** Sign somebody out. @param {string} id @returns {Promise<void>} */
    closeSession(id: string): Promise<void>;
    /** Open one file for 5 minutes. @param {string} jobId @param {string} name @returns {Promise<Link>} */
    link(jobId: string, name: string): Promise<Link>;
    /**
     * Be the address of a file to look at, or to save under a name.
     *
     * @param {string} downloadUrl @param {{ inline?: boolean, filename?: string }} [how]
     */
    fileUrl(downloadUrl: string, { inline, filename }?: {
        inline?: boolean;
        filename?: string;
    }): string;
    /** Be the address of something below the API. @param {string} path @param {Query} [query] */
    url(path: string, query?: Query): URL;
    /** Let the connection go until `resume`: a person wants peace (WCAG 2.2.2). */
    pause(): void;
    resume(): void;
    /** Call once. @param {string} method @param {string} path @param {Call} [call] @returns {Promise<any>} */
    call(method: string, path: string, call?: Call): Promise<any>;
}
