import type { Page } from "playwright";

const mustHaveNames = ["button", "textbox", "link", "list", "region", "group", "heading"];

/** The parts of the accessibility tree that have no name although their role needs one. */
export async function namelessParts(page: Page): Promise<string[]> {
  const tree = await page.locator("body").ariaSnapshot();
  const nameless = new RegExp(String.raw`^\s*- (${mustHaveNames.join("|")})(?! ["/])\b`);
  return tree.split("\n").filter((line) => nameless.test(line));
}

/** How many pixels the page is wider than its window. */
export function overflowPx(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
}
