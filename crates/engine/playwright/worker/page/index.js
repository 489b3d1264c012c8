// The one reading of a page that becomes `PageFacts`.

import { collections } from "./collections.js";
import { consentButton } from "./consent.js";
import { elements } from "./elements.js";
import { cut, Survey, tagOf } from "./survey.js";
import { texts } from "./texts.js";

/** @returns the page's part of `PageFacts`, or the `banner` that is to be answered first */
export function collect({ limits, secrets, consent }) {
  const survey = new Survey(limits, secrets);
  const banner = consent ? consentButton(survey) : null;
  if (banner) return { banner };
  survey.allow(0.3);
  const groups = collections(survey, limits.collections);
  survey.allow(0.4);
  const acted = elements(survey, groups, limits.elements);
  survey.allow(0.3);
  const told = texts(survey, groups, limits.texts);
  return {
    url: location.href,
    title: cut(document.title, 500),
    elements: acted,
    collections: groups.facts,
    texts: told,
    links: links(survey, limits.links),
    aria: survey.heavy || survey.all.length > limits.aria ? "" : aria(),
    partial: survey.heavy || survey.exhausted || acted.length >= limits.elements || told.length >= limits.texts,
  };
}

/** The button of a banner that fills a frame of its own, or null. */
export function framedBanner({ limits, secrets }) {
  return consentButton(new Survey(limits, secrets), true);
}

function aria() {
  return injected.ariaSnapshot(document.body, { mode: "default" }).slice(0, 64 * 1024);
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
