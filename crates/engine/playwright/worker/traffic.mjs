// What a page asks for and complains about, and whether it has come to rest.

import { refusal } from "./egress.mjs";
import { sleep, within } from "./failure.mjs";
import { inPage } from "./page.mjs";

const SETTLE_MS = 5_000;
const QUIET_MS = 60;
/** What still moves after this long (a clock, a carousel) goes on moving. */
const RESTLESS_MS = 1_500;
/** A request that takes longer is a long poll, or not worth waiting for. */
const SLOW_MS = 3_000;
const UNAWAITED = new Set(["websocket", "eventsource", "media", "ping", "image", "font", "texttrack", "manifest", "other"]);
const MOST = 50;

export class Traffic {
  #page;
  #inFlight = new Map();
  #last = 0;
  /** @type {number | null} */
  #status = null;
  /** @type {{ error: string, url: string } | null} */
  #refused = null;
  /** @type {string | null} */
  #document = null;
  #proxied;
  /** @type {string[]} */
  #consoleErrors = [];
  /** @type {string[]} */
  #failedRequests = [];

  /**
   * @param {import("@playwright/test").Page} page
   * @param {boolean} proxied whether all of it goes through the egress proxy
   */
  constructor(page, proxied) {
    this.#page = page;
    this.#proxied = proxied;
    const main = (request) => request.isNavigationRequest() && request.frame() === page.mainFrame();
    page.on("request", (request) => {
      if (main(request) && !request.redirectedFrom()) this.begin();
      if (main(request)) this.#document = request.url();
      if (UNAWAITED.has(request.resourceType())) return;
      this.#inFlight.set(request, performance.now());
      this.#last = performance.now();
    });
    const over = (request) => {
      if (this.#inFlight.delete(request)) this.#last = performance.now();
    };
    page.on("requestfinished", over);
    page.on("requestfailed", (request) => {
      over(request);
      const why = request.failure()?.errorText ?? "failed";
      if (why !== "net::ERR_ABORTED") this.#note(this.#failedRequests, `${request.method()} ${request.url()} ${why}`);
    });
    page.on("response", (response) => {
      const request = response.request();
      if (main(request)) {
        this.#status = response.status();
        const error = this.#proxied ? refusal(response) : null;
        this.#refused = error ? { error, url: response.url() } : null;
      }
      if (response.status() >= 400 && !request.url().endsWith("/favicon.ico")) {
        this.#note(this.#failedRequests, `${request.method()} ${request.url()} ${response.status()}`);
      }
    });
    page.on("console", (message) => {
      if (message.type() === "error") this.#note(this.#consoleErrors, message.text());
    });
    page.on("pageerror", (error) => this.#note(this.#consoleErrors, String(error?.message ?? error)));
  }

  /** A new document: what was seen before it does not count. */
  begin() {
    this.#status = null;
    this.#refused = null;
    this.#document = null;
    this.#consoleErrors = [];
    this.#failedRequests = [];
  }

  #note(list, text) {
    if (list.length < MOST) list.push(text.slice(0, 500));
  }

  /** Whether and why the proxy refused the document that was asked for last. */
  get refused() {
    return this.#refused;
  }

  /** The last address that the page's document was asked for at: where a redirect led. */
  get document() {
    return this.#document;
  }

  seen() {
    return { status: this.#status, console_errors: this.#consoleErrors, failed_requests: this.#failedRequests };
  }

  /** Waits until the document is loaded and neither network nor DOM have moved for a moment. */
  async settled(most = SETTLE_MS) {
    const deadline = performance.now() + most;
    const late = () => new Error("late");
    while (performance.now() < deadline && !this.#page.isClosed()) {
      const left = () => Math.max(1, deadline - performance.now());
      try {
        await within(this.#page.waitForLoadState("load", { timeout: left() }), left(), late);
        const still = { quiet: QUIET_MS, most: Math.min(RESTLESS_MS, left()) };
        await within(inPage(this.#page.mainFrame(), "still", still), left(), late);
      } catch {
        await sleep(10); // On its way to another document, or too slow: look again.
        continue;
      }
      const wait = this.#untilQuiet();
      if (wait === 0) return;
      await sleep(Math.min(wait, left()));
    }
  }

  #untilQuiet() {
    const now = performance.now();
    const waitedFor = [...this.#inFlight.values()].some((started) => now - started < SLOW_MS);
    if (waitedFor) return 20;
    return Math.max(0, this.#last + QUIET_MS - now);
  }
}
