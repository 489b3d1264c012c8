// One reading of the document. Runs inside the page, in Playwright's isolated
// world, where the page's own scripts can't reach; `injected` is Playwright's
// injected script, so roles, names and visibility are exactly what
// `getByRole` will see.

const { getAriaRole, getElementAccessibleDescription, getElementAccessibleNameText, isElementVisible, normalizeWhiteSpace } =
  injected.utils;

/** All elements that a selector of Playwright's matches, shadow roots included. */
export function query(selector, root = document) {
  return injected.querySelectorAll(injected.parseSelector(selector), root);
}

/** At most `length` characters, cut between characters. */
export function cut(text, length) {
  return text.length <= length ? text : `${[...text.slice(0, length - 1)].join("")}…`;
}

export function parentOf(element) {
  return element.assignedSlot ?? element.parentElement ?? element.getRootNode().host ?? null;
}

export function tagOf(element) {
  return element.localName.toLowerCase();
}

const UNRENDERED = new Set(["script", "style", "noscript", "template", "head", "meta", "title", "link"]);

export class Survey {
  #roles = new Map();
  #names = new Map();
  #hidden = new Map();
  #byRole = null;
  #started = performance.now();

  /**
   * @param {{ nodes: number, budget: number }} limits most elements looked at, and ms after which nothing more is proven
   * @param {string[]} secrets texts that must not end up in a locator
   */
  constructor(limits, secrets) {
    this.limits = limits;
    this.secrets = secrets;
    const all = query("css=*");
    this.total = all.length;
    this.all = all.slice(0, limits.nodes);
  }

  spent() {
    return performance.now() - this.#started;
  }

  get exhausted() {
    return this.spent() > this.limits.budget;
  }

  role(element) {
    return remember(this.#roles, element, () => getAriaRole(element));
  }

  /** Accessible name, white space folded. */
  name(element) {
    return remember(this.#names, element, () => normalizeWhiteSpace(getElementAccessibleNameText(element, false)));
  }

  /** Accessible description: a hint or a complaint that belongs to a field. */
  description(element) {
    if (!element.hasAttribute("aria-describedby") && !element.hasAttribute("aria-description")) return "";
    return normalizeWhiteSpace(getElementAccessibleDescription(element, false).text);
  }

  /** Hidden from the accessibility tree, and so from `getByRole`. */
  hidden(element) {
    return this.#belongsToHidden(element) || getComputedStyle(element).visibility !== "visible";
  }

  #belongsToHidden(element) {
    return remember(this.#hidden, element, () => {
      if (UNRENDERED.has(tagOf(element))) return true;
      if (element.getAttribute("aria-hidden")?.toLowerCase() === "true") return true;
      if (getComputedStyle(element).display === "none") return true;
      const parent = parentOf(element);
      if (parent?.localName === "details" && !parent.open && tagOf(element) !== "summary") return true;
      return parent ? this.#belongsToHidden(parent) : false;
    });
  }

  /** What a visitor can see and `getByRole` can find. */
  shown(element) {
    return !this.hidden(element) && isElementVisible(element);
  }

  /** Elements of a role that are not hidden, in document order. */
  ofRole(role) {
    if (!this.#byRole) {
      this.#byRole = new Map();
      for (const element of this.all) {
        const found = this.role(element);
        if (!found || this.hidden(element)) continue;
        if (!this.#byRole.has(found)) this.#byRole.set(found, []);
        this.#byRole.get(found).push(element);
      }
    }
    return this.#byRole.get(role) ?? [];
  }

  /** The nearest ancestor that `wanted` accepts. */
  closest(element, wanted) {
    for (let at = parentOf(element); at; at = parentOf(at)) if (wanted(at)) return at;
    return null;
  }

  secret(text) {
    return this.secrets.some((secret) => text.includes(secret));
  }

  /**
   * Visible text, white space folded, blocks set apart. Text nodes as they
   * are, without `text-transform`: assertions compare these.
   */
  text(element, length = 400) {
    let text = "";
    const visit = (node) => {
      if (text.length > length * 4) return;
      if (node.nodeType === Node.TEXT_NODE) {
        text += node.nodeValue;
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        if (UNRENDERED.has(tagOf(node))) return;
        const style = getComputedStyle(node);
        if (style.display === "none" || (style.visibility !== "visible" && !node.firstElementChild)) return;
        const apart = style.display !== "inline" && style.display !== "contents";
        if (apart) text += " ";
        if (tagOf(node) === "br") text += " ";
        const children = node.localName === "slot" ? node.assignedNodes() : (node.shadowRoot ?? node).childNodes;
        for (const child of children.length > 0 ? children : node.childNodes) visit(child);
        if (apart) text += " ";
      }
    };
    visit(element);
    return cut(normalizeWhiteSpace(text), length);
  }
}

function remember(map, key, compute) {
  let value = map.get(key);
  if (value === undefined) {
    value = compute();
    map.set(key, value);
  }
  return value;
}
