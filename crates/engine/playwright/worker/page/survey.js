// One reading of the document. Runs inside the page, in Playwright's isolated
// world, where the page's own scripts can't reach; `injected` is Playwright's
// injected script, so roles, names and visibility are exactly what
// `getByRole` will see.

const {
  elementText,
  getAriaRole,
  getElementAccessibleDescription,
  getElementAccessibleNameText,
  isElementVisible,
  normalizeWhiteSpace,
} = injected.utils;

/** All elements that a selector of Playwright's matches, shadow roots included. */
export function query(selector, root = document) {
  return injected.querySelectorAll(injected.parseSelector(selector), root);
}

/** At most `length` characters, cut between characters. */
export function cut(text, length) {
  return text.length <= length ? text : `${[...text.slice(0, length - 1)].join("")}…`;
}

// A form's own fields hide its properties: `<input name="parentElement">`.
const own = (type, name) => Object.getOwnPropertyDescriptor(type.prototype, name).get;
const assignedSlot = own(Element, "assignedSlot");
const parentElement = own(Node, "parentElement");
const localName = own(Element, "localName");
const children = own(Element, "children");
const shadowRoot = own(Element, "shadowRoot");
const textContent = own(Node, "textContent");

export function parentOf(element) {
  const parent = assignedSlot.call(element) ?? parentElement.call(element);
  return parent ?? Node.prototype.getRootNode.call(element).host ?? null;
}

export function* ancestorsOf(element) {
  for (let at = parentOf(element); at; at = parentOf(at)) yield at;
}

export function tagOf(element) {
  return localName.call(element).toLowerCase();
}

const UNRENDERED = new Set(["script", "style", "noscript", "template", "head", "meta", "title", "link"]);

export class Survey {
  #roles = new Map();
  #names = new Map();
  #hidden = new Map();
  #texts = new Map();
  /** @type {Map<string, Element[]> | null} */
  #byRole = null;
  #byRoleAndName = new Map();
  /** @type {Map<string, Element[]> | null} */
  #byText = null;
  #until = 0;
  #proofs = 0;

  /**
   * @param {{ nodes: number, depth: number, text: number, budget: number, proofs: number }} limits most elements looked
   *   at, how deep, most characters in all, ms after which nothing more is proven, and how much is proven however
   *   long it takes
   * @param {string[]} secrets texts that must not end up in a locator
   */
  constructor(limits, secrets) {
    this.limits = limits;
    this.secrets = secrets;
    this.all = [];
    this.deep = false;
    this.shadows = false;
    this.allow(1);
    this.#walk();
    const total = document.getElementsByTagName("*").length;
    const text = document.body ? textContent.call(document.body).length : 0;
    /** Too much to ask Playwright's selectors about: a single query would take seconds. */
    this.heavy = this.deep || total > limits.nodes || text > limits.text;
  }

  /** Elements in document order, shadow trees before the children of their host. */
  #walk() {
    const stack = [[document.documentElement, 0]];
    while (stack.length > 0 && this.all.length < this.limits.nodes) {
      const [element, depth] = stack.pop();
      if (UNRENDERED.has(tagOf(element))) continue;
      this.all.push(element);
      if (depth >= this.limits.depth) {
        // No visitor reaches what is nested this deep, and no recursion survives it.
        this.deep = true;
        continue;
      }
      for (const parent of [element, shadowRoot.call(element)]) {
        if (parent && parent !== element) this.shadows = true;
        const below = parent === element ? children.call(element) : (parent?.children ?? []);
        for (let i = below.length - 1; i >= 0; i -= 1) stack.push([below[i], depth + 1]);
      }
    }
  }

  /** From here on, proving may take this share of the budget. */
  allow(share) {
    this.#until = performance.now() + this.limits.budget * share;
    this.#proofs = 0;
  }

  /** One more element is about to be proven. */
  proving() {
    this.#proofs += 1;
  }

  /** What comes first on a page is read on a busy machine, too. */
  get exhausted() {
    return this.#proofs > this.limits.proofs && performance.now() > this.#until;
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

  level(element) {
    const native = /^h([1-6])$/.exec(tagOf(element));
    return Number(native ? native[1] : element.getAttribute("aria-level"));
  }

  /** Hidden from the accessibility tree, and so from `getByRole`. */
  hidden(element) {
    if (this.#belongsToHidden(element)) return true;
    const style = getComputedStyle(element);
    if (style.display !== "contents") return !element.checkVisibility() || style.visibility !== "visible";
    return ![...element.childNodes].some((child) =>
      child.nodeType === Node.ELEMENT_NODE ? !this.hidden(child) : child.nodeType === Node.TEXT_NODE && child.nodeValue.trim(),
    );
  }

  #belongsToHidden(element) {
    return remember(this.#hidden, element, () => {
      if (UNRENDERED.has(tagOf(element))) return true;
      if (element.getAttribute("aria-hidden")?.toLowerCase() === "true") return true;
      if (getComputedStyle(element).display === "none") return true;
      const host = parentElement.call(element);
      if (host && shadowRoot.call(host) && !assignedSlot.call(element)) return true;
      const parent = parentOf(element);
      return parent ? this.#belongsToHidden(parent) : false;
    });
  }

  /** What a visitor can see and `getByRole` can find. */
  shown(element) {
    return !this.hidden(element) && isElementVisible(element);
  }

  /** Elements of a role, and of a name where one is given, that are not hidden. */
  ofRole(role, name = null) {
    if (!this.#byRole) {
      this.#byRole = new Map();
      for (const element of this.all) {
        const found = this.role(element);
        if (found && !this.hidden(element)) push(this.#byRole, found, element);
      }
    }
    const alike = this.#byRole.get(role) ?? [];
    if (name === null) return alike;
    const named = remember(this.#byRoleAndName, role, () => {
      const byName = new Map();
      for (const element of alike) push(byName, this.name(element), element);
      return byName;
    });
    return named.get(name) ?? [];
  }

  /** Text as `getByText` and `hasText` see it: hidden parts too, white space folded. */
  fullText(element) {
    return elementText(this.#texts, element).normalized;
  }

  /** The innermost elements whose whole text this is. */
  withText(text) {
    if (!this.#byText) {
      this.#byText = new Map();
      for (const element of this.all) {
        const own = this.fullText(element);
        const below = [...children.call(element)];
        const shadow = shadowRoot.call(element);
        if (shadow) below.push(shadow);
        if (own && !below.some((child) => this.fullText(child) === own)) push(this.#byText, own, element);
      }
    }
    return this.#byText.get(text) ?? [];
  }

  /** The nearest ancestor that `wanted` accepts. */
  closest(element, wanted) {
    for (const at of ancestorsOf(element)) if (wanted(at)) return at;
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
    const visit = (node, depth) => {
      if (text.length > length * 4 || depth > this.limits.depth) return;
      if (node.nodeType === Node.TEXT_NODE) {
        text += node.nodeValue.slice(0, length * 4);
      } else if (node.nodeType === Node.ELEMENT_NODE) {
        if (UNRENDERED.has(tagOf(node))) return;
        const style = getComputedStyle(node);
        if (style.display === "none" || (style.visibility !== "visible" && !node.firstElementChild)) return;
        const apart = style.display !== "inline" && style.display !== "contents";
        if (apart) text += " ";
        if (tagOf(node) === "br") text += " ";
        const children = node.localName === "slot" ? node.assignedNodes() : (node.shadowRoot ?? node).childNodes;
        for (const child of children.length > 0 ? children : node.childNodes) visit(child, depth + 1);
        if (apart) text += " ";
      }
    };
    visit(element, 0);
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

export function push(map, key, value) {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
