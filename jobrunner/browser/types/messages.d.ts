/**
 * All words of the components, in one table: English, until a page puts others in their place. Text only: whatever is
 * filled in is shown by textContent.
 *
 * @typedef {string | { [rule: string]: string }} Message  with {names}; by plural rule of {n} where it has several
 */
export type Message = string | {
    [rule: string]: string;
};
/** `locale` is that of numbers and times; "" is the page's own language. @type {{ [key: string]: Message }} */
export declare const messages: {
    [key: string]: Message;
};
/** Add the words of what is loaded later; those that are there already stay. @param {{ [key: string]: Message }} words */
export declare function addMessages(words: {
    [key: string]: Message;
}): void;
/** Put other words in place, and have everything on the page redrawn. @param {{ [key: string]: Message }} others */
export declare function setMessages(others: {
    [key: string]: Message;
}): void;
/** Hear when the words change. @param {() => void} listener @returns {() => void} stop */
export declare function onMessages(listener: () => void): () => void;
/** Be a message with its names filled in. @param {string} key @param {{ [name: string]: string | number }} [values] */
export declare function say(key: string, values?: {
    [name: string]: string | number;
}): string;
/** @param {number} value @param {Intl.NumberFormatOptions} [options] */
export declare function number(value: number, options?: Intl.NumberFormatOptions): string;
/**
 * Be a formatter in the language of the page; making one is dear, so they are kept.
 *
 * @template Format
 * @param {new (locale: string | undefined, options: any) => Format} Kind
 * @param {object} options
 * @returns {Format}
 */
export declare function format<Format>(Kind: new (locale: string | undefined, options: any) => Format, options: object): Format;
