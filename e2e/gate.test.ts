import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { freshPrefix } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { collectProblems } from "./page-problems.js";
import { enter } from "./player.js";

let browser: Browser;
let node: NodeProcess;
let nodeWithoutGuests: NodeProcess;

beforeAll(async () => {
  const settings = { redisUrl: inject("redisUrl"), prefix: freshPrefix() };
  node = await startNode({ ...settings, env: { GRANDSTAND_WEB: webDir } });
  nodeWithoutGuests = await startNode({
    ...settings,
    env: { GRANDSTAND_WEB: webDir, GRANDSTAND_GUESTS: "off" },
  });
  await openArcade(node.url);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([node?.stop(), nodeWithoutGuests?.stop()]);
});

it("sends a Content-Security-Policy that defaults to the page's own origin, without inline code and eval", async () => {
  const policy = (await fetch(node.url)).headers.get("content-security-policy");
  expect(policy).toContain("default-src 'self'");
  expect(policy).not.toMatch(/unsafe-(inline|eval)/);
});

it("shows an error when a visitor enters without a name", async () => {
  const page = await browser.newPage();
  const problems = collectProblems(page);
  await page.goto(node.url);
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByRole("alert").getByText("Give a name").waitFor();
  expect(problems).toEqual([]);
  await page.close();
});

it("names the setting that allows guests if the node allows none, and lets the visitor try again", async () => {
  const page = await browser.newPage();
  await page.goto(nodeWithoutGuests.url);
  await page.getByLabel("Your name on the board").fill("Ada");
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByText("GRANDSTAND_GUESTS=on").waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByLabel("Your name on the board").waitFor();
  await page.close();
});

it("keeps a guest session over a reload until the guest leaves", async () => {
  const ada = await enter(browser, node.url, "Ada");
  await ada.page.reload();
  await ada.badge.and(ada.page.locator('[data-status="live"]')).waitFor();
  await ada.page.getByText("You play as Ada").waitFor();
  await ada.page.getByRole("button", { name: "Leave" }).click();
  await ada.page.getByLabel("Your name on the board").waitFor();
  expect(ada.problems).toEqual([]);
  await ada.close();
});

it("asks for a name again, with the old name filled in, if the session is invalid", async () => {
  const ada = await enter(browser, node.url, "Ada");
  await ada.page.evaluate(() => {
    const [key, stored] = Object.entries(localStorage)[0] as [string, string];
    localStorage.setItem(key, JSON.stringify({ ...JSON.parse(stored), token: "no-longer-good" }));
  });
  await ada.page.reload();
  await ada.page.getByText("Your last visit has ended").waitFor();
  expect(await ada.page.getByLabel("Your name on the board").inputValue()).toBe("Ada");
  await ada.page.keyboard.press("Enter");
  await ada.badge.and(ada.page.locator('[data-status="live"]')).waitFor();
  await ada.close();
});
