// Groups of alike siblings: lists, rows, cards, sections.

import { byCss, byRole, classesOf, places, within } from "./locators.js";
import { prove } from "./proof.js";
import { cut, parentOf, push, tagOf } from "./survey.js";

const ITEM_ROLES = new Set(["listitem", "article", "region", "row", "group", "tab", "treeitem", "menuitem"]);
const PLAIN_TAGS = new Set(["div", "a", "section", "dl", "figure", "label"]);

/** @returns {{ facts: object[], marks: string[][], items: Map<Element, [number, number]> }} */
export function collections(survey, most) {
  const facts = [];
  const marks = [];
  const items = new Map();
  for (const group of groups(survey)) {
    if (facts.length >= most || survey.exhausted) break;
    const locator = prove(survey, group, proposals(survey, group));
    if (!locator) continue;
    // An element belongs to the innermost item around it, found by walking up.
    group.forEach((element, index) => items.set(element, [facts.length, index]));
    const shown = group.slice(0, 50);
    const titles = shown.map((element) => titleOf(survey, element));
    marks.push(shown.map((element, index) => titles[index] ?? leadOf(survey, element)));
    facts.push({
      items: locator,
      count: group.length,
      label: cut(labelOf(survey, group), 120),
      kind: kindOf(survey, group[0]),
      texts: shown.map((element) => survey.text(element, 400)),
      titles,
    });
  }
  return { facts, marks, items };
}

function* groups(survey) {
  const byParent = new Map();
  const scattered = new Map();
  for (const element of survey.all) {
    const role = survey.role(element);
    const tag = tagOf(element);
    if (!(ITEM_ROLES.has(role) || PLAIN_TAGS.has(tag) || tag.includes("-")) || survey.hidden(element)) continue;
    const meaning = ITEM_ROLES.has(role) && !(tag === "div" && role === "group");
    const classes = classesOf(element);
    if (!meaning && classes.length === 0 && !element.dataset.testid) continue;
    if (!meaning && element.closest("form") && element.querySelector("input, select, textarea")) continue;
    if (element.parentElement?.localName === "thead" || element.parentElement?.localName === "tfoot") continue;
    const alike = meaning ? `${tag} ${role}` : `${tag} ${classes[0] ?? ""} ${element.dataset.testid ?? ""}`;
    const parent = parentOf(element);
    if (!parent) continue;
    if (!byParent.has(parent)) byParent.set(parent, new Map());
    push(byParent.get(parent), alike, element);
    if (role === "article" || tag === "details" || element.dataset.testid) push(scattered, alike, element);
  }
  const found = [];
  for (const [parent, kinds] of byParent) {
    for (const elements of kinds.values()) {
      const role = survey.role(elements[0]);
      const certain = role === "listitem" || role === "row" || role === "article" || role === "region";
      if (elements.length > 1 || (certain && parent.children.length === 1)) found.push(elements);
    }
  }
  for (const elements of scattered.values()) {
    const sameParent = elements.every((element) => parentOf(element) === parentOf(elements[0]));
    if (elements.length > 1 && !sameParent) found.push(elements);
  }
  const certain = (group) => ITEM_ROLES.has(survey.role(group[0]));
  yield* found.filter((group) => certain(group));
  yield* found.filter((group) => !certain(group));
}

function* proposals(survey, group) {
  const [first] = group;
  const role = survey.role(first);
  const tag = tagOf(first);
  const id = first.dataset.testid;
  if (id && group.every((element) => element.dataset.testid === id)) yield { by: "test_id", id };
  const named = role && ITEM_ROLES.has(role);
  if (named) yield byRole(role);
  const around = [...places(survey, first)];
  if (named) for (const place of around) yield within(place, byRole(role));
  if (role === "row") {
    for (const place of around) yield within(place, byCss("tbody tr"));
    yield byCss("tbody tr");
  }
  for (const name of classesOf(first)) yield byCss(`${tag}.${CSS.escape(name)}`);
  const parent = parentOf(first);
  const parentSteps = [
    ...(parent.id && /^[A-Za-z][\w-]*$/.test(parent.id) ? [`#${parent.id}`] : []),
    ...classesOf(parent).map((name) => `${tagOf(parent)}.${CSS.escape(name)}`),
  ];
  for (const step of parentSteps) {
    yield byCss(`${step} > ${tag}`);
    for (const name of classesOf(first)) yield byCss(`${step} > ${tag}.${CSS.escape(name)}`);
  }
  for (const place of around) {
    yield within(place, byCss(tag));
    for (const name of classesOf(first)) yield within(place, byCss(`${tag}.${CSS.escape(name)}`));
  }
  // A page has few of them, and their role is that of fieldsets too.
  if (tag === "details") yield byCss(tag);
}

const HEADING = "h1, h2, h3, h4, h5, h6, [role=heading]";

/** The group's own name, or the heading that it stands under. */
function labelOf(survey, group) {
  const container = parentOf(group[0]);
  for (let at = container, depth = 0; at && depth < 8; at = parentOf(at), depth += 1) {
    const role = survey.role(at);
    if (role && role !== "row" && role !== "listitem" && (at.hasAttribute("aria-label") || at.hasAttribute("aria-labelledby"))) {
      const name = survey.name(at);
      if (name) return name;
    }
    if (at.localName === "table" && at.caption) return survey.text(at.caption, 120);
    for (let before = at.previousElementSibling; before; before = before.previousElementSibling) {
      const heading = before.matches(HEADING) ? before : [...before.querySelectorAll(HEADING)].at(-1);
      if (heading && !survey.hidden(heading)) return survey.text(heading, 120);
    }
    if (at.localName === "main" || at.localName === "body") break;
  }
  return "";
}

function titleOf(survey, element) {
  const heading = element.matches(HEADING) ? element : element.querySelector(HEADING);
  if (heading && !survey.hidden(heading)) return survey.text(heading, 200);
  const role = survey.role(element);
  if (["region", "article", "group"].includes(role) && survey.name(element)) return cut(survey.name(element), 200);
  if (role === "row") {
    const cell = element.querySelector("th, td, [role=rowheader], [role=cell]");
    if (cell) return survey.text(cell, 200);
  }
  const summary = element.querySelector("summary, legend, figcaption");
  return summary ? survey.text(summary, 200) : null;
}

/** The first piece of text in an item without a title: what tells it from the others. */
function leadOf(survey, element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.nodeValue.trim().replace(/\s+/g, " ");
    if (text.length > 1 && text.length <= 80 && !survey.hidden(node.parentElement)) return text;
  }
  return null;
}

/** Role, tag and telling words of item, its only child and its container. */
function kindOf(survey, element) {
  const words = [survey.role(element), tagOf(element), ...classesOf(element)];
  // Nobody says "details": to a visitor it is a section that is folded.
  if (tagOf(element) === "details") words.push("section");
  const only = element.children.length === 1 ? element.firstElementChild : null;
  if (only) words.push(survey.role(only), ...classesOf(only));
  const parent = parentOf(element);
  words.push(...classesOf(parent), /^[A-Za-z][A-Za-z_-]*$/.test(parent.id) ? parent.id : null);
  return [...new Set(words.filter(Boolean))].slice(0, 12).join(" ");
}
