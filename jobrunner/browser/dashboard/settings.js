/** What a person may set: theme, notifications, shortcuts. It lies in a popover at the head of every page. */

import { announce } from "../announcer.js";
import { element, setText } from "../element.js";
import { choice, choose } from "./choices.js";
import { button } from "./controls.js";
import { Notifications } from "./notifications.js";

const THEMES = ["auto", "light", "dark"];

export class Settings {
  #themes = /** @type {Map<string, HTMLInputElement>} */ (new Map());
  #notify;
  #notifyWords = element("p", { class: "hint" });
  #notifications;
  #shortcuts = element("input", { type: "checkbox" });
  element = element("div", { class: "settings" });

  /** @param {Notifications} notifications @param {() => void} help */
  constructor(notifications, help) {
    this.#notifications = notifications;
    this.#notify = button("", () => this.#toggleNotifications());
    const opener = element("button", { type: "button", popovertarget: "settings" }, "Settings");
    const panel = element("div", {
      id: "settings",
      popover: "auto",
      class: "card panel",
      role: "group",
      "aria-label": "Settings",
    });
    const helper = button("Keyboard and help", help, { "aria-haspopup": "dialog" });
    helper.addEventListener("click", () => panel.hidePopover());
    panel.append(
      this.#themeField(),
      this.#notify,
      this.#notifyWords,
      element("label", { class: "check" }, this.#shortcuts, "Keyboard shortcuts"),
      helper,
    );
    this.element.append(opener, panel);
    this.#shortcuts.checked = choice("shortcuts", "on") === "on";
    this.#shortcuts.addEventListener("change", () => choose("shortcuts", this.#shortcuts.checked ? "on" : "off"));
    this.#showTheme(choice("theme", "auto"));
    this.#showNotifications();
  }

  /** Take the next theme. */
  turnTheme() {
    const next = THEMES[(THEMES.indexOf(choice("theme", "auto")) + 1) % THEMES.length];
    this.#setTheme(next);
    announce(`Theme: ${next}.`);
  }

  #themeField() {
    const field = element("fieldset", { class: "segments" }, element("legend", {}, "Theme"));
    for (const theme of THEMES) {
      const input = element("input", { type: "radio", name: "theme", value: theme });
      input.addEventListener("change", () => this.#setTheme(theme));
      this.#themes.set(theme, input);
      field.append(element("label", {}, input, element("span", {}, theme[0].toUpperCase() + theme.slice(1))));
    }
    return field;
  }

  /** @param {string} theme */
  #setTheme(theme) {
    choose("theme", theme);
    this.#showTheme(theme);
  }

  /** @param {string} theme */
  #showTheme(theme) {
    const known = THEMES.includes(theme) ? theme : "auto";
    document.documentElement.dataset.theme = known;
    const input = this.#themes.get(known);
    if (input) input.checked = true;
  }

  async #toggleNotifications() {
    await this.#notifications.toggle();
    this.#showNotifications();
    announce(this.#notifyWords.textContent ?? "");
  }

  #showNotifications() {
    const { possible, on, words } = this.#notifications;
    setText(this.#notify, on ? "Turn notifications off" : "Turn notifications on");
    this.#notify.hidden = !possible;
    setText(this.#notifyWords, words);
  }
}
