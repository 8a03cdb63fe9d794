import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { freshPrefix } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { namelessParts, overflowPx } from "./accessible.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { enter } from "./player.js";

let browser: Browser;
let node: NodeProcess;

beforeAll(async () => {
  node = await startNode({
    redisUrl: inject("redisUrl"),
    prefix: freshPrefix(),
    env: { GRANDSTAND_WEB: webDir },
  });
  await openArcade(node.url, { mara: 900, "a member whose name is far too long for one row": 800 });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
});

const windows = [
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

it.each(windows)("fits a window of $width px, with an accessible name on every control", async (viewport) => {
  const gate = await browser.newPage({ viewport });
  await gate.goto(node.url);
  await gate.getByLabel("Your name on the board").waitFor();
  expect(await overflowPx(gate)).toBeLessThanOrEqual(0);
  expect(await namelessParts(gate)).toEqual([]);
  await gate.close();

  const ada = await enter(browser, node.url, "Ada with the longest name in the stand!!", { viewport });
  await ada.rowOf("mara").waitFor({ state: "attached" });
  // A narrow window shows one part of the page at a time.
  const tabs = await ada.page.locator(".tab:visible").all();
  for (const tab of viewport.width < 1024 ? tabs : [null]) {
    await tab?.click();
    expect(await overflowPx(ada.page)).toBeLessThanOrEqual(0);
    expect(await namelessParts(ada.page)).toEqual([]);
  }
  expect(tabs).toHaveLength(viewport.width < 1024 ? 4 : 0);
  expect(await ada.page.getByRole("heading", { level: 1 }).count()).toBe(1);
  expect(await ada.page.getByRole("main").count()).toBe(1);
  await ada.close();
});

it("can be played by keyboard alone, with a visible focus", async () => {
  const { page, close } = await enter(browser, node.url, "Ada");
  const focused = page.locator(":focus");
  expect(await focused.textContent()).toBe("Play");
  await page.keyboard.press("Enter");
  await page.locator('[data-lit="true"]').waitFor();

  await page.keyboard.press("Tab");
  await page.keyboard.press("ArrowLeft");
  expect(await focused.getAttribute("data-seat")).not.toBeNull();
  expect(await focused.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe("solid");

  await page.keyboard.press("Escape");
  expect(await focused.textContent()).toBe("Play");
  await close();
});

it("moves nothing if the user prefers reduced motion", async () => {
  const { page, rowOf, close } = await enter(browser, node.url, "Ada", { reducedMotion: "reduce" });
  await rowOf("mara").waitFor();
  await openArcade(node.url, { noor: 950 });
  await rowOf("noor").waitFor();
  const moving = await page.evaluate(
    () =>
      document
        .getAnimations()
        .filter(
          ({ effect }) =>
            effect instanceof KeyframeEffect && effect.getKeyframes().some((frame) => "transform" in frame),
        ).length,
  );
  expect(moving).toBe(0);
  await close();
});
