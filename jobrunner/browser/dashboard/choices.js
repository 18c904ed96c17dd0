/** What a person chose in this browser. Where there is no storage a choice lasts as long as the page. */

/** @type {Map<string, string>} */
const here = new Map();

/** @param {string} name @param {string} otherwise */
export function choice(name, otherwise) {
  try {
    return localStorage.getItem(`jobrunner.${name}`) ?? otherwise;
  } catch {
    return here.get(name) ?? otherwise;
  }
}

/** @param {string} name @param {string} value */
export function choose(name, value) {
  here.set(name, value);
  try {
    localStorage.setItem(`jobrunner.${name}`, value);
  } catch {
    // only for as long as the page
  }
}
