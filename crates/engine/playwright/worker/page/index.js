// The one reading of a page that becomes `PageFacts`.

import { collections } from "./collections.js";
import { elements } from "./elements.js";
import { cut, Survey, tagOf } from "./survey.js";
import { texts } from "./texts.js";

/** @returns the page's part of `PageFacts` */
export function collect({ limits, secrets }) {
  const survey = new Survey(limits, secrets);
  const groups = collections(survey, limits.collections);
  return {
    url: location.href,
    title: cut(document.title, 500),
    elements: elements(survey, groups, limits.elements),
    collections: groups.facts,
    texts: texts(survey, groups, limits.texts),
    links: links(survey, limits.links),
    aria: survey.total > limits.aria ? "" : injected.ariaSnapshot(document.body, { mode: "default" }).slice(0, 64 * 1024),
    nodes: survey.total,
  };
}

function links(survey, most) {
  const facts = new Map();
  for (const element of survey.all) {
    if (facts.size >= most) break;
    if (tagOf(element) !== "a" || typeof element.href !== "string" || !survey.shown(element)) continue;
    let url;
    try {
      url = new URL(element.href);
    } catch {
      continue;
    }
    if (url.origin !== location.origin) continue;
    url.hash = "";
    if (url.href.length <= 2048 && !facts.has(url.href)) facts.set(url.href, survey.name(element) || survey.text(element, 120));
  }
  return [...facts].map(([url, text]) => ({ text: cut(text, 120), url }));
}

/** Resolves once the document has not changed for `quiet` ms, at the latest after `most` ms. */
export function still({ quiet, most }) {
  return new Promise((resolve) => {
    let timer = setTimeout(done, quiet);
    const last = setTimeout(done, most);
    // Styles alone change all the time where something moves.
    const observer = new MutationObserver((changes) => {
      if (changes.every((change) => change.type === "attributes" && change.attributeName === "style")) return;
      clearTimeout(timer);
      timer = setTimeout(done, quiet);
    });
    observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
    function done() {
      observer.disconnect();
      clearTimeout(timer);
      clearTimeout(last);
      resolve();
    }
  });
}
