// Locators as data (the shape of `Locator` in Rust), the selector that each
// stands for, and where to look for an element that is not unique.

import { parentOf, tagOf } from "./survey.js";

const attribute = (text, exact) => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"${exact ? "s" : "i"}`;
const quoted = (text, exact) => `${JSON.stringify(text)}${exact ? "s" : "i"}`;

/** The selector that Playwright makes of the same locator. */
export function selectorOf(locator) {
  switch (locator.by) {
    case "role": {
      const level = locator.level == null ? "" : `[level=${locator.level}]`;
      const name = locator.name == null ? "" : `[name=${attribute(locator.name, locator.exact)}]`;
      return `internal:role=${locator.role}${level}${name}`;
    }
    case "label":
      return `internal:label=${quoted(locator.text, locator.exact)}`;
    case "placeholder":
      return `internal:attr=[placeholder=${attribute(locator.text, locator.exact)}]`;
    case "text":
      return `internal:text=${quoted(locator.text, locator.exact)}`;
    case "test_id":
      return `internal:testid=[data-testid=${attribute(locator.id, true)}]`;
    case "css":
      return locator.selector;
    case "within":
      return `${selectorOf(locator.parent)} >> ${selectorOf(locator.child)}`;
    case "filter":
      return `${selectorOf(locator.base)} >> internal:has-text=${quoted(locator.has_text, false)}`;
    default:
      throw new Error(`unknown locator ${locator.by}`);
  }
}

export const byRole = (role, name) => ({ by: "role", role, ...(name ? { name, exact: true } : { exact: false }) });
export const byText = (text, exact = true) => ({ by: "text", text, exact });
export const byCss = (selector) => ({ by: "css", selector });
export const within = (parent, child) => ({ by: "within", parent, child });
export const filtered = (base, text) => ({ by: "filter", base, has_text: text });

const LANDMARKS = [
  "dialog", "alertdialog", "form", "search", "navigation", "main", "banner", "contentinfo", "complementary",
  "region", "article", "table", "grid", "list", "group", "radiogroup", "tablist", "menu", "toolbar",
];

/** Addressable ancestors, the nearest first: where a locator may be looked for. */
export function* places(survey, element) {
  for (const [place] of placesOf(survey, element)) yield place;
}

function* placesOf(survey, element) {
  for (let at = parentOf(element); at; at = parentOf(at)) {
    const role = survey.role(at);
    if (!role || !LANDMARKS.includes(role)) continue;
    const name = survey.name(at);
    if (name && name.length <= 80) yield [byRole(role, name), at];
    if (survey.ofRole(role).length === 1) yield [byRole(role), at];
  }
}

/**
 * Where an element that is not unique on the page may be: the item of a group
 * of alike siblings that it belongs to, and addressable ancestors.
 */
export function* scopes(survey, groups, element) {
  const item = survey.closest(element, (at) => groups.items.has(at));
  for (const [place, at] of placesOf(survey, element)) {
    yield place;
    if (at === item) break;
  }
  if (item) {
    const [group, index] = groups.items.get(item);
    const mark = groups.marks[group][index];
    if (mark) yield filtered(groups.facts[group].items, mark);
  }
  yield* places(survey, element);
}

/** CSS that a person would still read: an id, a class, or the path to it. */
export function* cssOf(element) {
  const own = step(element);
  if (own !== tagOf(element)) yield byCss(own);
  const path = [];
  for (let at = element; at && path.length < 12; at = parentOf(at)) {
    const identified = steadyId(at);
    path.unshift(at === element || identified ? step(at) : tagOf(at) + nth(at));
    if (at === element) path[0] += identified ? "" : nth(at);
    if (identified || at.localName === "body") break;
  }
  yield byCss(path.join(" > "));
}

function step(element) {
  const id = steadyId(element);
  if (id) return `#${CSS.escape(id)}`;
  const [first] = classesOf(element);
  return first ? `${tagOf(element)}.${CSS.escape(first)}` : tagOf(element);
}

function nth(element) {
  const parent = element.parentElement;
  if (!parent) return "";
  const alike = [...parent.children].filter((one) => one.localName === element.localName);
  return alike.length > 1 ? `:nth-of-type(${alike.indexOf(element) + 1})` : "";
}

/** An id that does not look generated. */
function steadyId(element) {
  const id = element.getAttribute("id") ?? "";
  return /^[A-Za-z][\w-]{0,40}$/.test(id) && !/\d{3,}|^(radix|headlessui|mui|ember|react|:r)/.test(id) ? id : null;
}

/** Classes that name a thing rather than a style or a state. */
export function classesOf(element) {
  const usual = /^[a-z][a-z_-]{2,30}$/i;
  const style = /^(css|sc|jsx|svelte|is|has|js|flex|grid|text|bg|col|row|w|h|p|m|mt|mb|px|py|active|open|selected|hidden|hover|disabled)(-|$)/i;
  return [...element.classList].filter((name) => usual.test(name) && !style.test(name));
}
