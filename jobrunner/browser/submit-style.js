/** How the form looks. */

import { sheet } from "./style.js";

export const submitSheet = sheet(`
form, .fields { display: grid; gap: 16px; min-inline-size: 0; }
.heading { font-size: 16px; line-height: 24px; font-weight: 600; }
.field { display: grid; gap: 4px; min-inline-size: 0; }
label, legend { font-weight: 600; }
:is(label, legend) .muted { font-weight: 400; }
fieldset { margin: 0; padding: 12px 16px 16px; border: 1px solid var(--line); border-radius: var(--radius); }
legend { padding-inline: 4px; margin-inline-start: -4px; }
input, select, textarea { font: inherit; color: inherit; }
input:not([type="checkbox"], [type="file"]), select, textarea { inline-size: 100%; min-block-size: max(36px, var(--target)); padding: 7px 10px; background: var(--card); border: 1px solid var(--border); border-radius: var(--control-radius); }
textarea { resize: vertical; field-sizing: content; max-block-size: 60vh; }
.code { font: 13px/18px ui-monospace, monospace; }
:is(input, select, textarea)[aria-invalid="true"], .drop:has([aria-invalid="true"]) { border-color: var(--jobs-failed-solid, light-dark(#cf2229, #ea5a55)); box-shadow: inset 0 0 0 1px var(--jobs-failed-solid, light-dark(#cf2229, #ea5a55)); }
.field:has(> [type="checkbox"]) { grid-template-columns: auto 1fr; align-items: center; column-gap: 8px; }
[type="checkbox"] { order: -1; inline-size: 24px; block-size: 24px; margin: 0; accent-color: var(--accent); }
.field:has(> [type="checkbox"]) > p { grid-column: 1 / -1; }
.items { display: grid; gap: 8px; }
.items:empty { display: none; }
.item { grid-template-columns: minmax(0, 1fr) auto; align-items: center; }
.item > p { grid-column: 1 / -1; }
.remove { padding: 0; inline-size: max(36px, var(--target)); block-size: max(36px, var(--target)); display: grid; place-items: center; }
.add { justify-self: start; display: inline-flex; align-items: center; gap: 6px; }
summary { inline-size: fit-content; min-block-size: var(--link); align-content: center; padding-block: 2px; color: var(--accent); cursor: pointer; }
details[open] > summary { margin-block-end: 8px; }
.drop { position: relative; display: grid; place-items: center; place-content: center; gap: 6px; min-block-size: 96px; padding: 16px; text-align: center; color: var(--muted); border: 1px dashed var(--border); border-radius: var(--control-radius); background: var(--page); }
.drop .icon { inline-size: 20px; block-size: 20px; }
.drop input { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; opacity: 0; cursor: pointer; }
.drop:hover, [data-dragging] .drop { border-color: var(--accent); background: var(--raised); }
.drop:focus-within { outline: 2px solid var(--accent); outline-offset: 2px; }
.chosen[data-file] { color: var(--text); font-weight: 600; }
.submit { justify-self: start; }
.upload { display: grid; gap: 8px; justify-items: start; }
@media (pointer: coarse) { input, select, textarea { font-size: 16px; } }
`);
