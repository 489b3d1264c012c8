// Makes a cookie banner go away, as a visitor would.

import { within } from "./failure.mjs";
import { locate } from "./locators.mjs";
import { inPage } from "./page.mjs";

const FRAMED = /consent|cookie|gdpr|cmp|privacy|sp_message|trustarc|onetrust|didomi|quantcast|usercentrics/i;
const LOOKING_MS = 2_000;

/**
 * Answers the banner that the page shows, if any.
 *
 * @param {import("@playwright/test").Page} page
 * @returns {Promise<object | null>} the locator of the button that was pressed
 */
export async function answerBanner(page, limits, secrets) {
  try {
    const found = await within(find(page, limits, secrets), LOOKING_MS, () => new Error("late"));
    if (!found) return null;
    const button = locate(page, found);
    await button.click({ timeout: 2_000 });
    await button.waitFor({ state: "hidden", timeout: 2_000 }).catch(() => {});
    return found;
  } catch {
    return null; // A banner that can't be answered is part of the page.
  }
}

async function find(page, limits, secrets) {
  const own = await inPage(page.mainFrame(), "consentButton", limits, secrets, false);
  if (own) return own;
  for (const frame of page.frames().slice(1, 20)) {
    const element = await frame.frameElement();
    const selector = await element.evaluate((iframe) => {
      const { id, title, name, src } = iframe;
      if (id && /^[A-Za-z][\w-]*$/.test(id)) return { selector: `#${id}`, says: `${id} ${title} ${name} ${src}` };
      const attribute = title ? ["title", title] : name ? ["name", name] : null;
      return attribute && { selector: `iframe[${attribute[0]}=${JSON.stringify(attribute[1])}]`, says: `${title} ${name} ${src}` };
    });
    if (!selector || !FRAMED.test(selector.says) || !(await element.isVisible())) continue;
    const child = await inPage(frame, "consentButton", limits, secrets, true);
    if (child) return { by: "frame", selector: selector.selector, child };
  }
  return null;
}
