/** Shapes, so that no status is told by colour alone. Always beside a word, so hidden from screen readers. */

const SVG = "http://www.w3.org/2000/svg";

/** Strokes on a 16 × 16 grid. @type {{ [name: string]: string }} */
const SHAPES = {
  queued: "M8 1.8a6.2 6.2 0 1 1 0 12.4a6.2 6.2 0 0 1 0-12.4M8 4.6V8l2.3 1.4",
  processing: "M8 1.8A6.2 6.2 0 1 1 1.8 8",
  completed: "M8 1.8a6.2 6.2 0 1 1 0 12.4a6.2 6.2 0 0 1 0-12.4M5.2 8.2l2 2l3.7-4.2",
  failed: "M5.4 1.8h5.2l3.6 3.6v5.2l-3.6 3.6H5.4l-3.6-3.6V5.4zM5.8 5.8l4.4 4.4M10.2 5.8l-4.4 4.4",
  cancelled: "M8 1.8a6.2 6.2 0 1 1 0 12.4a6.2 6.2 0 0 1 0-12.4M3.7 12.3l8.6-8.6",
  download: "M8 2v7.5M4.8 6.6L8 9.8l3.2-3.2M2.5 13.5h11",
  open: "M9 2.5h4.5V7M13.2 2.8L7.5 8.5M6 3.5H2.5v10h10V10",
  close: "M4 4l8 8M12 4l-8 8",
  upload: "M8 10.5V3M4.8 6L8 2.8L11.2 6M2.5 13.5h11",
  pause: "M5.5 3.5v9M10.5 3.5v9",
  play: "M5 3v10l8-5z",
  plus: "M8 3v10M3 8h10",
  skipped: "M8 1.8a6.2 6.2 0 1 1 0 12.4a6.2 6.2 0 0 1 0-12.4M5.2 8h5.6",
};

/** Make a shape. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("part", "icon");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "path"));
  reshape(svg, name);
  return svg;
}

/** Give a shape another form. @param {SVGElement} svg @param {string} name */
export function reshape(svg, name) {
  const shape = SHAPES[name] ?? SHAPES.queued;
  if (svg.firstElementChild?.getAttribute("d") !== shape) svg.firstElementChild?.setAttribute("d", shape);
}
