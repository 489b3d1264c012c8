// Warm browsers: one for each engine and mode, kept between sessions.

import { createRequire } from "node:module";
import { join } from "node:path";

import { Failure, launchFailure } from "./failure.mjs";

/** @typedef {{ browser: string, headless: boolean, launch: import("@playwright/test").LaunchOptions }} Kind */

const IDLE_MS = 10 * 60_000;

export class Browsers {
  /** @type {Map<string, { browser: Promise<import("@playwright/test").Browser>, sessions: number, idle?: NodeJS.Timeout }>} */
  #warm = new Map();
  #playwright;

  /** @param {string} nodeModules holds `@playwright/test` */
  constructor(nodeModules) {
    this.#playwright = createRequire(join(nodeModules, "noop.js"))("@playwright/test");
  }

  get expect() {
    return this.#playwright.expect;
  }

  /**
   * A fresh context in a warm browser. The context's `close` gives the browser back.
   *
   * @param {Kind} kind
   * @param {import("@playwright/test").BrowserContextOptions} options
   */
  async context(kind, options) {
    const key = keyOf(kind);
    const warm = this.#warm.get(key) ?? { browser: this.#launch(key, kind), sessions: 0, idle: undefined };
    this.#warm.set(key, warm);
    warm.sessions += 1;
    clearTimeout(warm.idle);
    try {
      const context = await (await warm.browser).newContext(options);
      context.once("close", () => this.#release(key, warm));
      return context;
    } catch (error) {
      this.#release(key, warm);
      throw error;
    }
  }

  /** A browser that does not answer any more is ended; the next context gets a new one. */
  async discard(kind) {
    const warm = this.#warm.get(keyOf(kind));
    this.#warm.delete(keyOf(kind));
    await (await warm?.browser)?.close().catch(() => {});
  }

  #release(key, warm) {
    warm.sessions -= 1;
    if (warm.sessions > 0) return;
    warm.idle = setTimeout(async () => {
      if (this.#warm.get(key) === warm) this.#warm.delete(key);
      await (await warm.browser).close().catch(() => {});
    }, IDLE_MS);
    warm.idle.unref();
  }

  async #launch(key, kind) {
    try {
      const browser = await this.#start(kind);
      browser.on("disconnected", () => this.#warm.delete(key));
      return browser;
    } catch (error) {
      this.#warm.delete(key);
      throw error;
    }
  }

  async #start({ browser, headless, launch }) {
    try {
      return await this.#playwright[browser].launch({ ...launch, headless, timeout: 30_000 });
    } catch (error) {
      throw new Failure("unavailable", `${browser} can't be started on this deployment: ${launchFailure(error)}`);
    }
  }
}

function keyOf({ browser, headless }) {
  return `${browser} ${headless}`;
}
