// What the report app's parts share. Everything shown comes from tested pages
// and is hostile: it reaches the document as text nodes only, never as markup.

const KEY = "qualitymax-api-key";

/** The API key, kept for as long as the tab. */
export const key = {
  get: () => sessionStorage.getItem(KEY) || "",
  set: (value) => sessionStorage.setItem(KEY, value),
  forget: () => sessionStorage.removeItem(KEY),
};

export const $ = (id) => document.getElementById(id);

/** An element with attributes and children; strings become text. */
export function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  const given = (value) => value !== undefined && value !== null && value !== false;
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (given(value)) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter(given));
  return element;
}

export class Refused extends Error {
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}

export async function ask(path) {
  const answer = await fetch("/app/api" + path, {
    headers: { "X-QualityMax-API-Key": key.get() },
  });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, body.detail || `The server answered ${answer.status}.`);
  return body;
}

export const words = (status) => status.replaceAll("_", " ");

export function pathOf(url) {
  try {
    const { host, pathname, search } = new URL(url);
    return host + (pathname === "/" ? "" : pathname) + search;
  } catch {
    return url;
  }
}

/** A job's id holds when it was accepted: the first ten digits of a ULID. */
export function when(id) {
  const digits = "0123456789abcdefghjkmnpqrstvwxyz";
  const millis = [...id.slice(4, 14)].reduce((sum, digit) => sum * 32 + digits.indexOf(digit), 0);
  const date = new Date(millis);
  if (Number.isNaN(date.getTime())) return id;
  return date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}

export const badge = (text, colour) => el("span", { class: `badge ${colour || ""}` }, text);

/** A job's verdict in words, and the colour that goes with it. */
export function verdictWords(verdict) {
  const colour = { passed: "good", failed: "bad", timed_out: "bad", error: "bad" }[verdict] || "wait";
  return [verdict === "below_threshold" ? "below the threshold" : words(verdict), colour];
}
