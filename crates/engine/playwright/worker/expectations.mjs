// Web-first assertions, asked outside of a test: Playwright's own `expect`, so
// that what holds in the rehearsal is what the generated test will see.

import { plain } from "./failure.mjs";
import { locate } from "./locators.mjs";

/**
 * @param {import("@playwright/test").Expect} expect
 * @param {import("@playwright/test").Page} page
 * @param {any} expectation `Expectation` in Rust
 * @param {number} timeout ms
 * @returns {Promise<{ held: true } | { held: false, seen: string }>}
 */
export async function check(expect, page, expectation, timeout) {
  const target = expectation.target && locate(page, expectation.target);
  try {
    await assert(expect, page, expectation, target, { timeout });
    return { held: true };
  } catch (error) {
    return { held: false, seen: (await seen(page, expectation, target, error)).slice(0, 400) };
  }
}

async function assert(expect, page, expectation, target, options) {
  switch (expectation.expect) {
    case "path":
      return expect(page).toHaveURL(expectation.path, options);
    case "title":
      return expect(page).toHaveTitle(expectation.title, options);
    case "visible":
      return expect(target).toBeVisible(options);
    case "hidden":
      return expect(target).toBeHidden(options);
    case "count":
      return expect(target).toHaveCount(expectation.count, options);
    case "text":
      return expect(target).toHaveText(expectation.text, options);
    case "contains_text":
      return containsText(expect, target, expectation.text, options);
    case "field_value":
      return expect(target).toHaveValue(expectation.value, options);
    case "checked":
      return expect(target).toBeChecked({ ...options, checked: expectation.checked });
    case "disabled":
      return expect(target).toBeDisabled(options);
    case "enabled":
      return expect(target).toBeEnabled(options);
    default:
      throw new Error(`there is no expectation ${expectation.expect}`);
  }
}

/** On several elements each has to contain it. */
async function containsText(expect, target, text, { timeout }) {
  const deadline = performance.now() + timeout;
  const left = () => Math.max(1, deadline - performance.now());
  await expect(target.first()).toContainText(text, { timeout: left() });
  for (const one of await target.all()) await expect(one).toContainText(text, { timeout: left() });
}

/** What was there instead, in a person's words. */
async function seen(page, expectation, target, error) {
  const result = error?.matcherResult;
  if (expectation.expect === "path") {
    const url = new URL(page.url());
    return `the page is at ${url.pathname}${url.search}${url.hash}`;
  }
  if (expectation.expect === "title") return `the title is ${quote(result?.actual)}`;
  const message = plain(error?.message ?? String(error));
  if (expectation.expect === "count") return `there are ${result?.actual ?? "other numbers"} of ${target}`;
  const several = /strict mode violation.* resolved to (\d+) elements/.exec(message);
  if (several) return `${target} matches ${several[1]} elements, not one`;
  if (message.includes("element(s) not found")) return `there is no ${target}`;
  switch (expectation.expect) {
    case "visible":
      return `${target} is hidden`;
    case "hidden":
      return `${target} is visible`;
    case "text":
    case "contains_text":
      return `the text is ${quote(result?.actual)}`;
    case "field_value":
      return (await isPassword(target)) ? "the field holds something else" : `the field holds ${quote(result?.actual)}`;
    case "checked":
      return `${target} is ${expectation.checked ? "not checked" : "checked"}`;
    case "disabled":
      return `${target} is enabled`;
    case "enabled":
      return `${target} is disabled`;
    default:
      return message.split("\n")[0];
  }
}

async function isPassword(target) {
  const type = await target.first().getAttribute("type", { timeout: 500 }).catch(() => "password");
  return type === "password";
}

function quote(text) {
  return text == null ? "unknown" : `“${String(text).replace(/\s+/g, " ").trim().slice(0, 200)}”`;
}
