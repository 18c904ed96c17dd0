/** Shapes, so that no status is told by colour alone. Always beside a word, so hidden from screen readers. */
/** Make a shape. @param {string} name */
export declare function icon(name: string): SVGSVGElement;
/** Give a shape another form. @param {SVGElement} svg @param {string} name */
export declare function reshape(svg: SVGElement, name: string): void;
