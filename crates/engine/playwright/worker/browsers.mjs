// Warm browsers: one for each engine and mode, kept between sessions.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { Failure, plain } from "./failure.mjs";

const IDLE_MS = 10 * 60_000;

/** No traffic of the browser's own, and none around the proxy. */
const CHROMIUM_FLAGS = [
  "--disable-background-networking",
  "--disable-quic",
  "--dns-prefetch-disable",
  "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
];

export class Browsers {
  /** @type {Map<string, { browser: Promise<import("@playwright/test").Browser>, sessions: number, idle?: NodeJS.Timeout }>} */
  #warm = new Map();
  #playwright;

  /** @param {{ nodeModules: string, chromium: string | null, root: boolean }} tools */
  constructor(tools) {
    this.tools = tools;
    this.#playwright = createRequire(join(tools.nodeModules, "noop.js"))("@playwright/test");
  }

  get expect() {
    return this.#playwright.expect;
  }

  /**
   * A fresh context in a warm browser. The context's `close` gives the browser back.
   *
   * @param {string} engine
   * @param {boolean} headless
   * @param {import("@playwright/test").BrowserContextOptions} options
   */
  async context(engine, headless, options) {
    const key = `${engine} ${headless}`;
    const warm = this.#warm.get(key) ?? { browser: this.#launch(key, engine, headless), sessions: 0 };
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
  async discard(engine, headless) {
    const key = `${engine} ${headless}`;
    const warm = this.#warm.get(key);
    this.#warm.delete(key);
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

  async #launch(key, engine, headless) {
    try {
      const browser = await this.#start(engine, headless);
      browser.on("disconnected", () => this.#warm.delete(key));
      return browser;
    } catch (error) {
      this.#warm.delete(key);
      throw error;
    }
  }

  async #start(engine, headless) {
    const type = this.#playwright[engine];
    if (!headless && process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
      throw new Failure(
        "unavailable",
        "options.headless is false, but this machine has no display: start the server under `xvfb-run`, or leave headless on",
      );
    }
    const options = { headless, timeout: 30_000 };
    if (engine === "chromium") {
      if (!this.tools.chromium) throw missing(engine);
      options.executablePath = this.tools.chromium;
      options.args = [...CHROMIUM_FLAGS, ...(this.tools.root ? ["--no-sandbox"] : [])];
      options.chromiumSandbox = !this.tools.root;
    } else {
      if (!existsSync(type.executablePath())) throw missing(engine);
      // Firefox otherwise reaches this machine's own addresses around the proxy.
      if (engine === "firefox") options.firefoxUserPrefs = { "network.proxy.allow_hijacking_localhost": true };
    }
    try {
      return await type.launch(options);
    } catch (error) {
      const text = plain(error?.message ?? String(error));
      const why = text.split("\n").find((line) => line.trim() && !line.startsWith("browserType.launch")) ?? text;
      throw new Failure("unavailable", `${engine} can't be started here: ${why.trim()}`);
    }
  }
}

function missing(engine) {
  const command = engine === "chromium" ? "qualitymax setup" : `npx playwright install --with-deps ${engine}`;
  return new Failure("unavailable", `${engine} is not installed on this deployment; its operator can install it with \`${command}\``);
}
