/**
 * How the components look, as style sheets that shadow roots share. Colours, sizes and spaces are those of the design;
 * a page changes them by the custom properties that begin with --jobs.
 */

/** Light and dark: text, tint, solid. @type {{ [status: string]: string[] }} */
const STATUSES = {
  queued: ["#7a4b00, #efbd5b", "#fff3dc, #33270d", "#a86600, #d99a2b"],
  processing: ["#0b50bd, #8ab8ff", "#e6effd, #12284a", "#1a66d9, #4d8ef0"],
  completed: ["#0b6137, #5fd39b", "#e2f5ea, #0f2f20", "#138a50, #2fa36b"],
  failed: ["#a81219, #ff9d96", "#fde9e8, #431a1a", "#cf2229, #ea5a55"],
  cancelled: ["#4c5766, #aeb8c5", "#eceff3, #262d36", "#6c7787, #808c9b"],
};

/** @type {{ [name: string]: string }} */
const TOKENS = {
  page: "#f6f7f9, #0d1117",
  card: "#ffffff, #161b22",
  raised: "#eef1f5, #20272f",
  text: "#171c24, #e6eaf0",
  muted: "#525d6b, #9ea9b8",
  accent: "#0b57d0, #7cb0ff",
  "on-accent": "#ffffff, #0d1117",
  border: "#78838f, #737f8d",
  line: "#d9dee5, #2b333d",
};

/** Make a style sheet once, when it is first needed: there is none without a page. @param {string} css */
export function sheet(css) {
  let made = /** @type {CSSStyleSheet | null} */ (null);
  return () => {
    if (made === null) (made = new CSSStyleSheet()).replaceSync(css);
    return made;
  };
}

/** @param {string} name @param {string} colours */
function token(name, colours) {
  return `--${name}: var(--jobs-${name}, light-dark(${colours}));`;
}

/** @param {string} status @param {string} [of] */
function statusRule(status, of = status) {
  const names = ["text", "tint", "solid"];
  const own = names.map((name, n) => `--status-${name}: var(--jobs-${of}-${name}, light-dark(${STATUSES[of][n]}));`);
  return `[data-status="${status}"] { ${own.join(" ")} }\n`;
}

/** The colours: by name, and by status for whatever has a data-status. For a page of its own, too. */
export const tokens = sheet(`
:root, :host { ${Object.entries(TOKENS)
  .map(([name, colours]) => token(name, colours))
  .join(" ")}
  --fault: var(--jobs-failed-text, light-dark(${STATUSES.failed[0]}));
  --radius: var(--jobs-radius, 8px);
  --control-radius: var(--jobs-control-radius, 6px);
  --target: 32px;
  --link: 24px;
}
${Object.keys(STATUSES)
  .map((status) => statusRule(status))
  .join("")}${statusRule("skipped", "cancelled")}
@media (pointer: coarse) { :root, :host { --target: 44px; --link: 44px; } }
`);

export const controls = sheet(`
:host { display: block; color: var(--text); font: var(--jobs-font, 400 14px/20px system-ui, sans-serif);
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; text-align: start; }
:host([hidden]), [hidden] { display: none !important; }
*, *::before, *::after { box-sizing: border-box; }
p, ol, ul, figure { margin: 0; padding: 0; }
ol, ul { list-style: none; }
.muted, .hint { color: var(--muted); font-size: 13px; line-height: 18px; }
.fault { color: var(--fault); font-size: 13px; line-height: 18px; white-space: pre-line; }
.card { padding: 16px; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); }
.hidden { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); text-underline-offset: 2px; }
button { font: inherit; color: inherit; min-block-size: var(--target); padding: 5px 12px; background: var(--card);
  border: 1px solid var(--border); border-radius: var(--control-radius); cursor: pointer; }
button:hover { background: var(--raised); }
.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
.primary:hover { background: color-mix(in srgb, var(--accent) 88%, var(--text)); }
[aria-disabled="true"] { opacity: .7; cursor: progress; }
.icon { flex: none; inline-size: 14px; block-size: 14px; fill: none; stroke: currentColor; stroke-width: 1.7;
  stroke-linecap: round; stroke-linejoin: round; transform-origin: 50% 50%; }
.badge { display: inline-flex; align-items: center; gap: 5px; padding: 1px 8px 1px 6px; border-radius: 10px;
  background: var(--status-tint); color: var(--status-text); font-size: 12px; line-height: 18px; font-weight: 600; white-space: nowrap; }
@keyframes turn { to { transform: rotate(1turn); } }
@media (forced-colors: active) {
  .badge { border: 1px solid CanvasText; }
  .primary { border: 2px solid ButtonText; }
}
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; } }
`);
