// Makes a cookie banner go away, as a visitor would.

import { within } from "./failure.mjs";
import { locate } from "./locators.mjs";
import { inPage } from "./page.mjs";

const FRAMED = /consent|cookie|gdpr|cmp|privacy|sp_message|trustarc|onetrust|didomi|quantcast|usercentrics/i;
const LOOKING_MS = 4_000;

/**
 * Presses a banner's button.
 *
 * @param {import("@playwright/test").Page} page
 * @returns {Promise<boolean>} whether the banner went away
 */
export async function press(page, locator) {
  const button = locate(page, locator);
  // The click itself may take the banner's frame away, and fails for that.
  await button.click({ timeout: 3_000 }).catch(() => {});
  await button.waitFor({ state: "hidden", timeout: 2_000 }).catch(() => {});
  return !(await button.isVisible().catch(() => false));
}

/**
 * The button of a banner that has a frame of its own, as those of consent
 * management platforms.
 *
 * @param {import("@playwright/test").Page} page
 * @returns {Promise<object | null>}
 */
export async function bannerInFrame(page, request) {
  const frames = page.frames().slice(1, 20);
  if (frames.length === 0) return null;
  try {
    return await within(find(frames, request), LOOKING_MS, () => new Error("late"));
  } catch {
    return null; // A page on its way elsewhere, or too busy to be looked at.
  }
}

async function find(frames, request) {
  for (const frame of frames) {
    const element = await frame.frameElement();
    const known = await element.evaluate((iframe) => {
      const { id, title, name, src } = iframe;
      const says = `${id} ${title} ${name} ${src}`;
      if (/^[A-Za-z][\w-]*$/.test(id)) return { selector: `#${id}`, says };
      const attribute = title ? ["title", title] : name ? ["name", name] : null;
      return attribute && { selector: `iframe[${attribute[0]}=${JSON.stringify(attribute[1])}]`, says };
    });
    if (!known || !FRAMED.test(known.says) || !(await element.isVisible())) continue;
    const child = await inPage(frame, "framedBanner", request);
    if (child) return { by: "frame", selector: known.selector, child };
  }
  return null;
}
