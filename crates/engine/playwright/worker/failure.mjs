// What went wrong, in words fit for a report.

/** @typedef {"unavailable" | "navigation" | "action" | "worker"} Kind */

export class Failure extends Error {
  /**
   * @param {Kind} kind
   * @param {string} message
   */
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }

  /** @returns {Failure} */
  static from(error) {
    return error instanceof Failure ? error : new Failure("worker", plain(error?.message ?? String(error)));
  }
}

/** Without colours, at most 600 characters. */
export function plain(text) {
  return uncoloured(text).slice(0, 600);
}

function uncoloured(text) {
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}

/** Why a browser did not start: its own complaint, which stands below what Playwright says first. */
export function launchFailure(error) {
  const lines = uncoloured(error?.message ?? String(error))
    .split("\n")
    .map((line) => line.replace(/[║╔╗╚╝═]/g, "").replace(/^\s*(- )?(browserType\.launch: )?/, "").trim())
    .filter((line) => line && !/^(Browser logs|Call log):/.test(line));
  const logged = lines.map((line) => /^\[pid=\d+\]\[err\]\s*(.+)/.exec(line)?.[1]).filter(Boolean);
  const complaint = /error|fail|can.?t|cannot|unable|missing|denied|not found|no such/i;
  const why = logged.find((line) => complaint.test(line)) ?? logged[0] ?? lines[0] ?? "it gives no reason";
  return why.slice(0, 600);
}

/** Why an action on `locator` failed, from Playwright's message and call log. */
export function actionFailure(locator, error) {
  const text = plain(error?.message ?? String(error));
  const several = /strict mode violation: .* resolved to (\d+) elements/.exec(text);
  if (several) return new Failure("action", `${locator} matches ${several[1]} elements, not one`);
  const log = text.split("\n").map((line) => line.replace(/^\s*-\s*/, "").trim());
  const covering = log.find((line) => line.includes("intercepts pointer events"));
  if (covering) return new Failure("action", `${locator} is covered by another element: ${covering.slice(0, 200)}`);
  if (log.includes("did not find some options")) return new Failure("action", `${locator} has no such option`);
  const state = log.findLast((line) => /^element is not |^element was detached/.test(line));
  if (state) return new Failure("action", `${locator}: ${state}`);
  if (text.includes("Timeout") && !log.some((line) => line.startsWith("locator resolved to"))) {
    return new Failure("action", `${locator} matches no element`);
  }
  const said = log[0].replace(/^\w+\.\w+: /, "").replace(/^Error: /, "");
  return new Failure("action", `${locator}: ${said}`);
}

/** Why a navigation failed. */
export function navigationFailure(url, error) {
  const text = plain(error?.message ?? String(error));
  const reason = /net::ERR_\w+|NS_ERROR_\w+|SSL_ERROR_\w+|Could not connect[^\n]*|Download is starting/.exec(text)?.[0];
  const says = {
    "net::ERR_NAME_NOT_RESOLVED": "its host name does not resolve",
    "net::ERR_CONNECTION_REFUSED": "the connection was refused",
    "net::ERR_CONNECTION_RESET": "the connection was reset",
    "net::ERR_CONNECTION_TIMED_OUT": "the connection timed out",
    "net::ERR_TOO_MANY_REDIRECTS": "it redirects in circles",
    "net::ERR_TUNNEL_CONNECTION_FAILED": "the egress proxy does not let it through",
    "net::ERR_EMPTY_RESPONSE": "the server closed the connection without an answer",
    "net::ERR_ABORTED": "it is a download or an empty answer, not a page",
    "Download is starting": "it is a download, not a page",
  }[reason ?? ""];
  const why = says ?? reason ?? (text.includes("Timeout") ? "no answer in time" : text.split("\n")[0]);
  return new Failure("navigation", `${url} can't be opened: ${why}`);
}

/**
 * `promise`, but at most for `ms`.
 *
 * @template T
 * @param {Promise<T>} promise
 * @param {number} ms
 * @param {() => Error} late
 * @returns {Promise<T>}
 */
export async function within(promise, ms, late) {
  let timer;
  promise.catch(() => {}); // Whatever comes after the deadline.
  try {
    return await Promise.race([promise, new Promise((_, reject) => (timer = setTimeout(() => reject(late()), ms)))]);
  } finally {
    clearTimeout(timer);
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
