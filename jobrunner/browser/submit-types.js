/**
 * The types that a person may choose from, as options; one that is not available says why.
 *
 * @import { JobType } from "./wire.js"
 */

import { element } from "./element.js";
import { say } from "./messages.js";

/** @param {JobType} type */
export function typeOption(type) {
  const name = type.title && type.title !== type.type ? `${type.title} (${type.type})` : type.type;
  return element(
    "option",
    { value: type.type, disabled: !type.available },
    type.available ? name : unavailableWords(type),
  );
}

/** @param {JobType} type */
export function unavailableWords(type) {
  return say("unavailable", { title: type.title ?? type.type, reason: type.unavailable_reason ?? "?" });
}
