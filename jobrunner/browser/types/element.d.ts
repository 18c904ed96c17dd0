/** Elements and their patching: text by textContent only, nodes kept as long as what they show. */
/**
 * Make an element; `null` and `false` leave an attribute out.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{ [name: string]: string | number | boolean | null }} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export declare function element<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, attributes?: {
    [name: string]: string | number | boolean | null;
}, ...children: (Node | string)[]): HTMLElementTagNameMap[Tag];
/** @param {Element} node @param {string} name @param {string | number | boolean | null} value */
export declare function setAttribute(node: Element, name: string, value: string | number | boolean | null): void;
/** Show a text, and the node only while there is one. @param {HTMLElement} node @param {string} text */
export declare function setText(node: HTMLElement, text: string): void;
/** Find an element of the page that must be there. @param {string} id @returns {HTMLElement} */
export declare function byId(id: string): HTMLElement;
/**
 * The children of one node, one for each item: made once, updated in place, moved only when the order changes, so that
 * focus and selection survive.
 *
 * @template Item
 */
export declare class Rows<Item> {
    #private;
    parent: HTMLElement;
    keyOf: (item: Item) => string;
    make: () => {
        element: HTMLElement;
        update: (item: Item) => void;
    };
    /**
     * @param {HTMLElement} parent  holds nothing else
     * @param {(item: Item) => string} keyOf
     * @param {() => { element: HTMLElement, update: (item: Item) => void }} make
     */
    constructor(parent: HTMLElement, keyOf: (item: Item) => string, make: () => {
        element: HTMLElement;
        update: (item: Item) => void;
    });
    /** @param {string} key @returns {HTMLElement | undefined} */
    find(key: string): HTMLElement | undefined;
    /** @param {Item[]} items */
    update(items: Item[]): void;
}
