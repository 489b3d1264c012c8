// The proof that a locator matches what it should and nothing else.
//
// Asking Playwright's selector engine costs milliseconds each time, and a page
// has hundreds of elements, so locators are looked up in what the survey has
// gathered: roles, names and texts as Playwright itself computes them. The
// engine is asked where that does not say enough.

import { selectorOf } from "./locators.js";
import { ancestorsOf, query } from "./survey.js";

/** The first of the proposed locators that matches `elements` and nothing else. */
export function prove(survey, elements, proposals) {
  const wanted = new Set(elements);
  survey.proving();
  for (const locator of proposals) {
    if (survey.exhausted) return null;
    if (textsOf(locator).some((text) => survey.secret(text))) continue;
    let found;
    try {
      found = find(survey, locator);
    } catch {
      continue; // A class or an id that makes no selector.
    }
    if (found.length === wanted.size && found.every((element) => wanted.has(element))) return locator;
  }
  return null;
}

/** Every text of a locator, to look for what must not be in it. */
function textsOf(locator) {
  return Object.values(locator).flatMap((part) =>
    typeof part === "string" ? [part] : part && typeof part === "object" ? textsOf(part) : [],
  );
}

function find(survey, locator) {
  switch (locator.by) {
    case "role": {
      const alike = survey.heavy ? [] : survey.ofRole(locator.role, locator.exact ? locator.name : null);
      return locator.level == null ? alike : alike.filter((element) => survey.level(element) === locator.level);
    }
    case "text":
      if (survey.heavy) return [];
      return locator.exact ? survey.withText(locator.text) : query(selectorOf(locator));
    case "within": {
      const places = new Set(find(survey, locator.parent));
      // As in Playwright, a text may be that of the place itself.
      const inside = (element) => {
        if (locator.child.by === "text" && places.has(element)) return true;
        for (const at of ancestorsOf(element)) if (places.has(at)) return true;
        return false;
      };
      return places.size === 0 ? [] : find(survey, locator.child).filter(inside);
    }
    case "filter": {
      const text = locator.has_text.toLowerCase();
      return find(survey, locator.base).filter((element) => survey.fullText(element).toLowerCase().includes(text));
    }
    case "css":
      return survey.shadows ? query(locator.selector) : [...document.querySelectorAll(locator.selector)];
    default:
      return survey.heavy ? [] : query(selectorOf(locator));
  }
}
