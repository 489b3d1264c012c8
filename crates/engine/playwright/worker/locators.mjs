// From a locator as data to Playwright's locator. `Locator::to_code` in Rust
// prints the very same calls.

/**
 * @param {import("@playwright/test").Page | import("@playwright/test").Locator | import("@playwright/test").FrameLocator} base
 * @param {any} locator
 * @returns {import("@playwright/test").Locator}
 */
export function locate(base, locator) {
  const { exact } = locator;
  switch (locator.by) {
    case "role": {
      const { name, level } = locator;
      return base.getByRole(locator.role, {
        ...(name == null ? {} : { name, exact }),
        ...(level == null ? {} : { level }),
      });
    }
    case "label":
      return base.getByLabel(locator.text, { exact });
    case "placeholder":
      return base.getByPlaceholder(locator.text, { exact });
    case "text":
      return base.getByText(locator.text, { exact });
    case "test_id":
      return base.getByTestId(locator.id);
    case "css":
      return base.locator(locator.selector);
    case "within":
      return locate(locate(base, locator.parent), locator.child);
    case "filter":
      return locate(base, locator.base).filter({ hasText: locator.has_text });
    case "first":
      return locate(base, locator.base).first();
    case "frame":
      return locate(base.frameLocator(locator.selector), locator.child);
    default:
      throw new Error(`unknown locator ${locator.by}`);
  }
}
