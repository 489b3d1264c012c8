// Takes a partner's credentials out of everything that leaves the worker, but
// for everyday words: a page without the word "password" has no login form.

/** What stands in their place. `Script`s and texts with these are no use as locators. */
const USERNAME = "‹username›";
const PASSWORD = "‹password›";

export class Scrubber {
  /** @type {[RegExp, string][]} */
  #rules = [];
  /** @type {string[]} */
  secrets = [];

  /**
   * @param {{ username: string, password: string, username_is_a_word: boolean, password_is_a_word: boolean } | null}
   *   credentials
   */
  constructor(credentials) {
    if (!credentials) return;
    const username = credentials.username_is_a_word ? "" : credentials.username;
    const password = credentials.password_is_a_word ? "" : credentials.password;
    this.secrets = [password, username].filter(Boolean);
    this.#rules = [
      ...forms(password).map((form) => /** @type {[RegExp, string]} */ ([pattern(form, password.length < 4), PASSWORD])),
      ...forms(username).map((form) => /** @type {[RegExp, string]} */ ([pattern(form, true), USERNAME])),
    ];
  }

  /**
   * @template T
   * @param {T} value
   * @returns {T}
   */
  scrub(value) {
    if (this.#rules.length === 0) return value;
    if (typeof value === "string") {
      // @ts-ignore: a string stays a string.
      return this.#rules.reduce((text, [secret, mask]) => text.replace(secret, mask), value);
    }
    // @ts-ignore: an array stays an array.
    if (Array.isArray(value)) return value.map((one) => this.scrub(one));
    if (value && typeof value === "object") {
      // @ts-ignore: and an object an object of the same keys.
      return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.scrub(one)]));
    }
    return value;
  }
}

/** As it is, and as it stands in a URL or in form data. */
function forms(secret) {
  if (!secret) return [];
  const encoded = encodeURIComponent(secret);
  const form = new URLSearchParams([["", secret]]).toString().slice(1);
  return [...new Set([secret, encoded, form])].sort((a, b) => b.length - a.length);
}

/** A user name, or a very short password, is only meant where it stands as a word. */
function pattern(secret, word) {
  const literal = secret.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(word ? `(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])` : literal, "gu");
}
