// Runs the files of `page/` inside a page, in Playwright's isolated world.
//
// Role and name of an element are what Playwright's own injected script says
// they are. It is reached through the in-process implementation behind the
// public objects, which is not public API: Playwright's version is pinned, and
// the engine's browser tests fail if this stops working.

import { readFileSync } from "node:fs";

const FILES = ["survey", "locators", "proof", "collections", "elements", "texts", "consent", "index"];

/** A file in a scope of its own, its exports in the scope around it. */
function inline(name) {
  const source = readFileSync(new URL(`page/${name}.js`, import.meta.url), "utf8");
  const names = [...source.matchAll(/^export (?:function\*?|class|const) (\w+)/gm)].map(([, name]) => name).join(", ");
  const body = source.replace(/^import .*$/gm, "").replace(/^export /gm, "");
  return `const { ${names} } = (() => {\n${body}\nreturn { ${names} };\n})();`;
}

const SOURCE = `(injected) => {
${FILES.map(inline).join("\n")}
return { collect, framedBanner, still };
}`;

const libraries = new WeakMap();

/**
 * Calls a function of `page/` in a frame. Throws where the document goes away
 * meanwhile; does not return while the page keeps its thread busy.
 *
 * @param {import("@playwright/test").Frame} frame
 * @param {"collect" | "framedBanner" | "still"} name
 * @param {unknown[]} args
 */
export async function inPage(frame, name, ...args) {
  // @ts-expect-error: see above.
  const context = await frame._connection.toImpl(frame).utilityContext();
  let library = libraries.get(context);
  if (!library) {
    library = context
      .injectedScript()
      .then((injected) => context.evaluateExpressionHandle(SOURCE, { isFunction: true }, injected));
    libraries.set(context, library);
  }
  return context.evaluate(([page, name, args]) => page[name](...args), [await library, name, args]);
}
