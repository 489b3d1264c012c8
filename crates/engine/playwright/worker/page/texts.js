// What a visitor is told: headings, messages, paragraphs, cells, and loose
// pieces of text such as a price.

import { byRole, byText, cssOf, filtered, scopes, within } from "./locators.js";
import { ACTED_ON } from "./elements.js";
import { prove } from "./proof.js";
import { cut, parentOf, tagOf } from "./survey.js";

const BLOCK_ROLES = new Set(["heading", "alert", "status", "paragraph", "cell", "gridcell", "columnheader", "rowheader", "term", "definition", "caption", "blockquote"]);
const BLOCK_TAGS = new Set(["p", "figcaption", "caption", "legend", "dt", "dd", "blockquote", "pre"]);
const CONTROLS = new Set(["a", "button", "label", "select", "option", "textarea", "summary"]);

export function texts(survey, groups, most) {
  const facts = [];
  const taken = new Set();
  for (const element of survey.all) {
    if (facts.length >= most || survey.exhausted) break;
    const parent = parentOf(element);
    const control =
      CONTROLS.has(tagOf(element)) || ACTED_ON.has(survey.role(element)) || element.isContentEditable;
    if (taken.has(parent) || control) {
      // Told as part of the block around it, or as the name of a control.
      const role = survey.role(element);
      if (!(taken.has(parent) && role === "alert")) {
        taken.add(element);
        continue;
      }
    }
    const role = blockRole(survey, element);
    if (!role || !survey.shown(element)) continue;
    const text = survey.text(element, 400);
    if (!text) continue;
    taken.add(element);
    const locator = prove(survey, [element], proposals(survey, groups, element, role, text));
    if (locator) facts.push({ locator, role, text });
  }
  return facts;
}

function blockRole(survey, element) {
  const role = survey.role(element);
  if (BLOCK_ROLES.has(role)) return holdsControls(element, role) ? null : role;
  const tag = tagOf(element);
  if (BLOCK_TAGS.has(tag)) return "paragraph";
  const loose = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.nodeValue.trim());
  if (!loose) return null;
  return tag === "li" ? "listitem" : "text";
}

/** A cell around buttons or fields is no text of its own. */
function holdsControls(element, role) {
  return role.endsWith("cell") && element.querySelector("button, input, select, textarea, form") !== null;
}

function* proposals(survey, groups, element, role, text) {
  const name = survey.name(element);
  const own = [];
  if (role === "alert" || role === "status") {
    own.push(byRole(role));
  } else if (survey.role(element) === role && name && name.length <= 100) {
    own.push(byRole(role, name));
  }
  if (role === "heading") own.push({ ...byRole(role, name), level: survey.level(element) }, { ...byRole(role), level: survey.level(element) });
  if (text.length <= 120 && !text.endsWith("…")) own.push(byText(text));
  else own.push(byText(cut(text, 60).replace(/\s\S*$/, ""), false));
  if (element.dataset.testid) own.push({ by: "test_id", id: element.dataset.testid });
  // A bare number, or a word as short as one, says nothing without its place.
  const bare = text.length < 4 || !/\p{L}{2}/u.test(text);
  if (!bare) yield* own;
  for (const scope of scopes(survey, groups, element)) for (const child of own) yield within(scope, child);
  if (bare) yield* own;
  if (role === "paragraph" && survey.role(element) === role && text.length <= 120) yield filtered(byRole(role), text);
  yield* cssOf(element);
}
