// A fresh context and the one page in it.

import { bannerInFrame, press } from "./consent.mjs";
import { refusalInWords, tunnelRefusal } from "./egress.mjs";
import { check } from "./expectations.mjs";
import { actionFailure, Failure, navigationFailure, within } from "./failure.mjs";
import { locate } from "./locators.mjs";
import { inPage } from "./page.mjs";
import { Scrubber } from "./scrubber.mjs";
import { Traffic } from "./traffic.mjs";

const NAVIGATION_MS = 20_000;
const ACTION_MS = 5_000;
const READING_MS = 12_000;
const LIMITS = {
  nodes: 12_000,
  depth: 400,
  text: 1_000_000,
  budget: 1_500,
  proofs: 5,
  elements: 400,
  collections: 40,
  texts: 300,
  links: 200,
  aria: 6_000,
};

function notLetThrough(url, error, at) {
  return new Failure("navigation", `${url.href} can't be opened: ${refusalInWords(error, at, url)}`);
}

export class Session {
  #browsers;
  #options;
  #scrubber;
  /** @type {import("@playwright/test").BrowserContext | null} */
  #context = null;
  /** @type {import("@playwright/test").Page} */
  #page;
  /** @type {Traffic} */
  #traffic;
  #stubborn = false;
  #asked = false;

  /**
   * @param {import("./browsers.mjs").Browsers} browsers
   * @param {import("./browsers.mjs").Kind & { target: string, proxy: string | null, skip_cookie_consent: boolean,
   *   credentials: { username: string, password: string, username_is_a_word: boolean, password_is_a_word: boolean } | null }} options
   */
  constructor(browsers, options) {
    this.#browsers = browsers;
    this.#options = options;
    this.#scrubber = new Scrubber(options.credentials);
  }

  scrub(value) {
    return this.#scrubber.scrub(value);
  }

  /** Starts anew: no cookies, no storage, an empty page. */
  async reset() {
    await this.close();
    const { target, proxy } = this.#options;
    this.#context = await this.#browsers.context(this.#options, {
      baseURL: new URL(target).origin,
      acceptDownloads: false,
      ...(proxy ? { proxy: { server: proxy } } : {}),
    });
    this.#context.setDefaultTimeout(ACTION_MS);
    this.#page = await this.#context.newPage();
    this.#traffic = new Traffic(this.#page, Boolean(proxy));
    this.#asked = false;
    // "Delete this?": who presses a button means it.
    this.#page.on("dialog", (dialog) => {
      this.#asked ||= dialog.type() === "confirm" || dialog.type() === "prompt";
      dialog.accept().catch(() => {});
    });
    // One page is all that a session looks at; what it opens besides is closed.
    this.#context.on("page", (popup) => popup.close().catch(() => {}));
  }

  async close() {
    const context = this.#context;
    this.#context = null;
    if (!context) return;
    try {
      await within(context.close(), 5_000, () => new Failure("worker", "the browser does not close a page"));
    } catch {
      await this.#browsers.discard(this.#options);
    }
  }

  /** @param {{ path: string }} to */
  async goto({ path }) {
    const url = this.#resolve(path);
    this.#traffic.begin();
    try {
      await this.#page.goto(url.href, { waitUntil: "commit", timeout: NAVIGATION_MS });
    } catch (error) {
      throw (await this.#noTunnel(url, error)) ?? navigationFailure(url.href, error);
    }
    const facts = await this.facts();
    const { refused } = this.#traffic;
    // The proxy's answer is not the target's.
    if (refused) throw notLetThrough(url, refused.error, new URL(refused.url));
    return facts;
  }

  /** What the proxy says of a tunnel that it did not make. */
  async #noTunnel(url, error) {
    const { proxy } = this.#options;
    const at = this.#traffic.document ?? url.href;
    if (!proxy || !at.startsWith("https:") || !/TUNNEL|PROXY|Could not connect/.test(String(error?.message))) return null;
    const why = await tunnelRefusal(proxy, new URL(at));
    return why ? notLetThrough(url, why, new URL(at)) : null;
  }

  #resolve(path) {
    const { origin } = new URL(this.#options.target);
    let url;
    try {
      url = new URL(path, origin);
    } catch {
      throw new Failure("navigation", `${path} is no path`);
    }
    // Where the target led by itself (to www., to https) may be gone on with.
    const origins = [origin, URL.canParse(this.#page.url()) ? new URL(this.#page.url()).origin : origin];
    if (!/^https?:$/.test(url.protocol) || !origins.includes(url.origin)) {
      throw new Failure("navigation", `${url.href} is not part of ${origin}`);
    }
    return url;
  }

  async facts() {
    await this.#traffic.settled();
    const request = { limits: LIMITS, secrets: this.#scrubber.secrets };
    let answered = null;
    for (;;) {
      const consent = !this.#options.skip_cookie_consent && !answered && !this.#stubborn;
      const framed = consent ? await bannerInFrame(this.#page, request) : null;
      const read = framed ? { banner: framed } : await this.#read({ ...request, consent });
      if (!read.banner) return { ...read, ...this.#traffic.seen(), consent: answered, asked: this.#asked };
      if (await press(this.#page, read.banner)) answered = read.banner;
      // A banner that stays is part of the page, and not pressed again.
      else this.#stubborn = true;
      await this.#traffic.settled();
    }
  }

  async #read(request) {
    const deadline = performance.now() + READING_MS;
    const busy = () => new Failure("action", "the page keeps the browser so busy that it can't be read");
    for (;;) {
      const left = deadline - performance.now();
      if (left <= 0) throw busy();
      try {
        return await within(inPage(this.#page.mainFrame(), "collect", request), left, busy);
      } catch (error) {
        if (error instanceof Failure) throw error;
        if (this.#page.isClosed() || !/context was destroyed|navigat|detached/i.test(error?.message ?? "")) {
          throw new Failure("action", `the page can't be read: ${Failure.from(error).message.split("\n")[0]}`);
        }
        await this.#traffic.settled(1_000); // It went on to another document meanwhile.
      }
    }
  }

  /** @param {any} act `Act` in Rust */
  async act(act) {
    if (act.do === "goto") return this.goto(act);
    const locator = locate(this.#page, act.target);
    try {
      switch (act.do) {
        case "click":
          await locator.click();
          break;
        case "fill":
          await locator.fill(this.#value(act.value));
          break;
        case "select":
          await locator.selectOption({ label: act.option });
          break;
        case "check":
          await locator.setChecked(act.checked);
          break;
        case "press":
          await locator.press(act.key);
          break;
        default:
          throw new Failure("worker", `there is no act ${act.do}`);
      }
    } catch (error) {
      throw error instanceof Failure ? error : actionFailure(locator, error);
    }
    return this.facts();
  }

  #value(value) {
    if (value.is === "text") return value.text;
    const { credentials } = this.#options;
    if (!credentials) throw new Failure("action", "the step needs credentials, but none were given for the target");
    return value.is === "username" ? credentials.username : credentials.password;
  }

  /** @param {{ expectation: any, timeout: number }} what */
  check({ expectation, timeout }) {
    return check(this.#browsers.expect, this.#page, expectation, timeout);
  }

  /** @param {{ target: any }} what */
  count({ target }) {
    return within(locate(this.#page, target).count(), READING_MS, () => new Failure("action", "the page does not answer"));
  }
}
