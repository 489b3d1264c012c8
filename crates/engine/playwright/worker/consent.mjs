// Makes a cookie banner go away, as a visitor would.

import { within } from "./failure.mjs";
import { locate } from "./locators.mjs";
import { inPage } from "./page.mjs";

const FRAMED = /consent|cookie|gdpr|cmp|privacy|sp_message|trustarc|onetrust|didomi|quantcast|usercentrics/i;
const LOOKING_MS = 4_000;

/**
 * Answers the banner that the page shows, if any.
 *
 * @param {import("@playwright/test").Page} page
 * @returns {Promise<{ button: object, gone: boolean } | null>} the locator of the button that was pressed, and whether
 *   the banner went away
 */
export async function answerBanner(page, limits, secrets) {
  let found;
  try {
    found = await within(find(page, limits, secrets), LOOKING_MS, () => new Error("late"));
  } catch {
    return null; // A page on its way elsewhere, or too busy to be looked at.
  }
  if (!found) return null;
  const button = locate(page, found);
  // The click itself may take the banner's frame away, and fails for that.
  await button.click({ timeout: 3_000 }).catch(() => {});
  await button.waitFor({ state: "hidden", timeout: 2_000 }).catch(() => {});
  const gone = !(await button.isVisible().catch(() => false));
  return { button: found, gone };
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
