// What a visitor can act on.

import { byCss, byRole, byText, cssOf, scopes, within } from "./locators.js";
import { prove } from "./proof.js";
import { cut, tagOf } from "./survey.js";

export const ACTED_ON = new Set([
  "button", "link", "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio", "switch", "slider",
  "spinbutton", "tab", "menuitem", "menuitemcheckbox", "menuitemradio", "treeitem", "option",
]);
/** Roles of what serves as a form where the page has no element for one. */
const FORMS = new Set(["dialog", "alertdialog", "form"]);
const FIELDS = new Set(["input", "select", "textarea"]);

export function elements(survey, groups, most) {
  const facts = [];
  const forms = [...document.forms];
  forms.push(...survey.all.filter((element) => FORMS.has(survey.role(element)) && !forms.includes(element)));
  for (const element of survey.all) {
    if (facts.length >= most || survey.exhausted) break;
    const tag = tagOf(element);
    const role = survey.role(element) ?? (tag === "summary" ? "button" : FIELDS.has(tag) ? "textbox" : "");
    if (!(ACTED_ON.has(role) || FIELDS.has(tag) || element.isContentEditable) || element.type === "hidden") continue;
    if (element.isContentEditable && element.parentElement?.isContentEditable) continue;
    // The options of a select are told with it.
    if (tag === "option" || !survey.shown(element)) continue;
    const item = itemOf(survey, groups.items, element);
    const locator = prove(survey, [element], proposals(survey, groups, element));
    if (locator) facts.push(describe(survey, element, { locator, role, item, forms }));
  }
  return facts;
}

function describe(survey, element, { locator, role, item, forms }) {
  const tag = tagOf(element);
  const password = element.type === "password";
  const form = forms.indexOf(element.form ?? element.closest("form") ?? survey.closest(element, (at) => forms.includes(at)));
  return {
    locator,
    role,
    name: cut(survey.name(element) || (tag === "summary" ? survey.text(element, 200) : ""), 200),
    tag,
    input_type: tag === "input" ? element.type : "",
    placeholder: cut(element.getAttribute("placeholder") ?? "", 200),
    hints: cut(["autocomplete", "name", "id"].map((name) => element.getAttribute(name) ?? "").filter(Boolean).join(" "), 200),
    href: tag === "a" && typeof element.href === "string" ? cut(element.href, 500) : null,
    options: optionsOf(survey, element),
    required: element.required === true || element.getAttribute("aria-required") === "true",
    invalid: element.getAttribute("aria-invalid") === "true",
    description: cut(survey.description(element), 300),
    disabled: element.disabled === true || element.getAttribute("aria-disabled") === "true",
    checked: checkedOf(element),
    value: password || !FIELDS.has(tag) ? "" : cut(valueOf(element), 400),
    form: form < 0 ? null : form,
    item,
  };
}

function optionsOf(survey, element) {
  if (tagOf(element) === "select") return [...element.options].slice(0, 100).map((option) => cut(option.label.trim(), 100));
  if (element.type !== "radio" || !element.name) return [];
  const root = element.form ?? document;
  const alike = [...root.querySelectorAll("input[type=radio]")].filter((one) => one.name === element.name);
  return alike.slice(0, 100).map((one) => cut(survey.name(one), 100));
}

function checkedOf(element) {
  if (element.type === "checkbox" || element.type === "radio") return element.checked;
  const state = element.getAttribute("aria-checked") ?? element.getAttribute("aria-selected");
  return state === null ? null : state === "true";
}

function valueOf(element) {
  if (["checkbox", "radio", "file", "submit", "button", "reset", "image"].includes(element.type)) return "";
  return tagOf(element) === "select" ? (element.selectedOptions[0]?.label.trim() ?? "") : element.value;
}

function itemOf(survey, items, element) {
  return items.get(element) ?? items.get(survey.closest(element, (at) => items.has(at))) ?? null;
}

function* proposals(survey, groups, element) {
  const role = survey.role(element);
  const name = survey.name(element);
  const named = role && name && name.length <= 100;
  const own = [];
  if (element.type === "password") own.push(...labelsOf(survey, element));
  if (named) own.push(byRole(role, name));
  if (FIELDS.has(tagOf(element))) {
    own.push(...labelsOf(survey, element));
    const placeholder = element.getAttribute("placeholder")?.trim();
    if (placeholder) own.push({ by: "placeholder", text: placeholder, exact: true });
  }
  const text = survey.text(element, 100);
  if (!named && text && !text.endsWith("…")) own.push(byText(text));
  if (element.dataset.testid) own.push({ by: "test_id", id: element.dataset.testid });
  yield* own;
  if (role && !name) yield byRole(role);
  for (const scope of scopes(survey, groups, element)) {
    for (const child of own) yield within(scope, child);
    if (role) yield within(scope, byRole(role));
  }
  for (const attribute of ["name", "href"]) {
    const value = element.getAttribute(attribute);
    if (value && value.length <= 80) yield byCss(`${tagOf(element)}[${attribute}=${JSON.stringify(value)}]`);
  }
  yield* cssOf(element);
}

function labelsOf(survey, element) {
  const labels = element.hasAttribute("aria-label") ? [element.getAttribute("aria-label")] : [...(element.labels ?? [])].map((label) => survey.text(label, 120));
  return labels
    .map((text) => text.trim())
    .filter((text) => text && text.length <= 100)
    .map((text) => ({ by: "label", text, exact: true }));
}
