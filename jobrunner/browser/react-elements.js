/**
 * The elements as React components, and a boundary for what throws.
 *
 * @import { Client } from "./jobrunner.js"
 * @import { ReactLike } from "./react.js"
 * @import { Job } from "./wire.js"
 */

import "./job-status.js";
import "./jobs-badge.js";

/** @param {ReactLike} React @param {Client} client */
export function elementComponents(React, client) {
  const { createElement, useEffect, useRef } = React;
  const useNewest = newestHook(React);

  /**
   * <job-status> as a component: the attributes in camelCase, and a callback for each event.
   *
   * @param {{ jobId?: string, job?: Job, onChange?: (job: Job) => void, onComplete?: (job: Job) => void, onError?: (job: Job) => void, onCancel?: (job: Job) => void, onAction?: (action: string, job: Job) => boolean | void } & { [attribute: string]: any }} props
   */
  function JobStatus({ jobId, job, onChange, onComplete, onError, onCancel, onAction, ...others }) {
    const ref = useElement({ job: job ?? null });
    const heard = useNewest({ onChange, onComplete, onError, onCancel, onAction });
    useEffect(() => {
      const node = ref.current;
      /** @type {{ [type: string]: (detail: any, event: Event) => void }} */
      const calls = {
        "job-changed": (detail) => heard.current.onChange?.(detail.job),
        "job-completed": (detail) => heard.current.onComplete?.(detail.job),
        "job-failed": (detail) => heard.current.onError?.(detail.job),
        "job-cancelled": (detail) => heard.current.onCancel?.(detail.job),
        "job-action": (detail, event) =>
          heard.current.onAction?.(detail.action, detail.job) === false && event.preventDefault(),
      };
      const hear = (/** @type {any} */ event) => calls[event.type](event.detail, event);
      for (const type of Object.keys(calls)) node?.addEventListener(type, hear);
      return () => Object.keys(calls).forEach((type) => node?.removeEventListener(type, hear));
    }, []);
    return createElement("job-status", { ...attributes(others), "job-id": jobId, ref });
  }

  /** <jobs-badge> as a component. @param {{ [attribute: string]: any }} props */
  function JobsBadge(props) {
    return createElement("jobs-badge", { ...attributes(props), ref: useElement({}) });
  }

  /** Give an element the client, and what is no attribute. @param {{ [property: string]: unknown }} properties */
  function useElement(properties) {
    const ref = useRef(/** @type {HTMLElement | null} */ (null));
    useEffect(() => void (ref.current && Object.assign(ref.current, { client })), []);
    useEffect(() => void (ref.current && Object.assign(ref.current, properties)), Object.values(properties));
    return ref;
  }

  return { JobStatus, JobsBadge, JobErrorBoundary: boundary(React) };
}

/** Hand on the newest of something to what was made of an older one. @param {ReactLike} React */
export function newestHook({ useEffect, useRef }) {
  /** @template Value @param {Value} value */
  return function useNewest(value) {
    const ref = useRef(value);
    useEffect(() => void (ref.current = value));
    return ref;
  };
}

/** headingLevel: heading-level. @param {{ [name: string]: any }} props */
function attributes(props) {
  const named = Object.entries(props).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`),
    value,
  ]);
  return Object.fromEntries(
    named.map(([name, value]) => [name === "class-name" ? "class" : name, value === true ? "" : value || undefined]),
  );
}

/**
 * What is shown in place of children that threw: `fallback`, or a word and a button to try again.
 *
 * @param {ReactLike} React
 */
function boundary(React) {
  return class JobErrorBoundary extends React.Component {
    /** @param {{ children?: any, fallback?: any, onError?: (error: Error, info: unknown) => void }} props */
    constructor(props) {
      super(props);
      this.state = { error: null };
      this.again = () => this.setState({ error: null });
    }

    /** @param {Error} error */
    static getDerivedStateFromError(error) {
      return { error };
    }

    /** @param {Error} error @param {unknown} info */
    componentDidCatch(error, info) {
      this.props.onError?.(error, info);
    }

    render() {
      const error = /** @type {Error | null} */ (this.state.error);
      const { children, fallback } = this.props;
      if (error === null) return children ?? null;
      if (typeof fallback === "function") return fallback(error, this.again);
      if (fallback !== undefined) return fallback;
      const button = React.createElement("button", { type: "button", onClick: this.again }, "Try again");
      return React.createElement("div", { role: "alert" }, React.createElement("p", null, error.message), button);
    }
  };
}
