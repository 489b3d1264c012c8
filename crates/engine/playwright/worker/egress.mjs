// What the egress proxy itself answers, where the target does not get to.

import { request } from "node:http";

const ANSWER_MS = 12_000;

/**
 * Why the proxy answered by itself, as an error of RFC 9209; null where the page did. The proxy takes the header off
 * what comes by plain http. By https, or out of a service worker, a page can send it.
 *
 * @param {import("@playwright/test").Response} response
 */
export function refusal(response) {
  if (!response.url().startsWith("http:") || response.fromServiceWorker()) return null;
  return errorIn(response.headers()["proxy-status"]);
}

/**
 * Why there is no tunnel to the host of `url`: asked for once more, as browsers keep the answer to themselves.
 *
 * @param {string} proxy
 * @param {URL} url
 * @returns {Promise<string | null>}
 */
export function tunnelRefusal(proxy, url) {
  const { hostname, port } = new URL(proxy);
  const path = `${url.hostname}:${url.port || 443}`;
  return new Promise((resolve) => {
    const asked = request({ host: hostname, port, method: "CONNECT", path, timeout: ANSWER_MS });
    asked.on("connect", (response, socket) => {
      socket.destroy();
      resolve(errorIn(response.headers["proxy-status"]));
    });
    asked.on("timeout", () => asked.destroy());
    asked.on("close", () => resolve(null));
    asked.on("error", () => resolve(null));
    asked.end();
  });
}

function errorIn(status) {
  return /^qualitymax; error=(\w+)$/.exec(status ?? "")?.[1] ?? null;
}

/**
 * In words fit for a report.
 *
 * @param {string} error
 * @param {URL} at what was refused
 * @param {URL} asked what was to be opened
 */
export function refusalInWords(error, at, asked) {
  const host = at.hostname.slice(0, 200);
  const place = `${host}:${at.port || (at.protocol === "https:" ? 443 : 80)}`;
  const says = {
    destination_ip_prohibited:
      at.host === asked.host ? `${host} is not a public address` : `it redirects to ${host}, which is not allowed`,
    dns_error: `the host name ${host} does not resolve`,
    destination_unavailable: `nobody answers at ${place}`,
    connection_terminated: `${place} closed the connection without an answer`,
  };
  return says[error] ?? "the egress proxy does not let it through";
}
