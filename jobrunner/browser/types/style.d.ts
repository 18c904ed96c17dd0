/**
 * How the components look, as style sheets that shadow roots share. Colours, sizes and spaces are those of the design;
 * a page changes them by the custom properties that begin with --jobs.
 */
/** Make a style sheet once, when it is first needed: there is none without a page. @param {string} css */
export declare function sheet(css: string): () => CSSStyleSheet;
/** The colours: by name, and by status for whatever has a data-status. For a page of its own, too. */
export declare const tokens: () => CSSStyleSheet;
export declare const controls: () => CSSStyleSheet;
