import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { freshPrefix, TEST_API_KEY } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { overflowPx } from "./accessible.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { eventually } from "./eventually.js";
import { collectProblems } from "./page-problems.js";
import { enter, type Player } from "./player.js";

let node: NodeProcess;
let browser: Browser;
let console: Page;
let problems: string[];
let ada: Player;

beforeAll(async () => {
  node = await startNode({
    redisUrl: inject("redisUrl"),
    prefix: freshPrefix(),
    env: { GRANDSTAND_WEB: webDir },
  });
  await openArcade(node.url);
  browser = await launchBrowser();
  ada = await enter(browser, node.url, "Ada");
  console = await signIn({ viewport: { width: 1440, height: 900 } });
  problems = collectProblems(console);
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
});

async function signIn(options: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(`${node.url}/console`);
  await page.getByLabel("API key").fill(TEST_API_KEY);
  await page.keyboard.press("Enter");
  await page.locator(".shell").waitFor();
  return page;
}

/** Opens a page of the console, and waits for what it must show. */
async function open(page: Page, place: string, ready: string): Promise<void> {
  await page.goto(`${node.url}/console#/${place}`);
  await page.locator(ready).first().waitFor();
}

/** What axe finds wrong with a page. */
async function faults(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ["violations"] }),
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

async function confirm(page: Page, action: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: action }).click();
  await eventually(() => dialog.count()).toBe(0);
}

it("OP15: refuses a wrong key at its field, and goes on after the right one", async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${node.url}/console`);
  await page.getByLabel("API key").fill("wrong");
  await page.keyboard.press("Enter");
  await page.getByText("This is no API key, or it expired or was revoked").waitFor();
  expect(await page.getByLabel("API key").inputValue()).toBe("wrong");
  expect(await faults(page)).toEqual([]);
  await page.context().close();
});

it("OP15: shows the nodes, and says that nothing needs attention or what does", async () => {
  await open(console, "overview", ".node");
  await eventually(() => console.locator(".page-lead").textContent()).toMatch(/^1 node with \d+ connection/);
  expect(await console.locator(".attention").count()).toBe(1);
  expect(await console.locator(".chart").count()).toBe(4);
});

it("OP15: a message deleted and a user muted in the console, seen by the user at once", async () => {
  await ada.page.getByLabel("Your message").fill("Buy my coins");
  await ada.page.keyboard.press("Enter");
  await open(console, "rooms/terrace", ".message");
  const message = console.locator(".message", { hasText: "Buy my coins" });
  await message.getByRole("button", { name: "Sanction" }).click();
  await confirm(console, "Mute");
  await message.getByRole("button", { name: "Delete" }).click();
  await confirm(console, "Delete the message");
  await eventually(() => ada.page.locator(".message-deleted").count()).toBe(1);

  await console.getByLabel("Message to terrace, as the system").fill("No advertising, please");
  await console.keyboard.press("Enter");
  await ada.page.getByText("No advertising, please").waitFor();
  await ada.page.getByLabel("Your message").fill("But why");
  await ada.page.keyboard.press("Enter");
  await ada.page.getByText(/muted/i).first().waitFor();

  await console.getByRole("tab", { name: "Sanctions (1)" }).click();
  await console.getByRole("button", { name: "Unmute" }).click();
  await confirm(console, "End the mute");
  await console.getByText("Nobody is muted or banned here.").waitFor();
});

it("OP15: an entry edited in the console, seen by the players at once; a wrong score is explained at its field", async () => {
  await open(console, "boards/arcade", ".empty, .table");
  await console.getByRole("button", { name: "Submit a score" }).click();
  const dialog = console.getByRole("dialog");
  await dialog.getByLabel("Member required").fill("robin");
  await dialog.getByLabel("Score required", { exact: true }).fill("much");
  await dialog.getByRole("button", { name: "Submit" }).click();
  await dialog.getByText("Score must be a number").waitFor();
  await dialog.getByLabel("Score required", { exact: true }).fill("999999999");
  await dialog.getByRole("button", { name: "Submit" }).click();
  await dialog
    .getByText(/must not be above 100000/)
    .first()
    .waitFor();
  await dialog.getByLabel("Score required", { exact: true }).fill("4321");
  await dialog.getByRole("button", { name: "Submit" }).click();
  await eventually(() => dialog.count()).toBe(0);
  await console.getByRole("link", { name: "robin" }).waitFor();
  await ada.rowOf("robin").waitFor();
  await console.getByRole("button", { name: "Remove robin" }).click();
  await confirm(console, "Remove the entry");
  await eventually(() => ada.rowOf("robin").count()).toBe(0);
});

it("OP15: every operation can be called in the explorer, and every change is in the audit log", async () => {
  await open(console, "explorer/counter.add", ".try");
  await console.getByLabel("Input", { exact: true }).fill('{"counter": "boos", "by": 3}');
  await console.getByRole("button", { name: "Call" }).click();
  await console.getByText('"value": 3').waitFor();
  await console.getByRole("tab", { name: "curl" }).click();
  await console.getByText(`curl -X POST '${node.url}/v1/counters/boos/add'`).waitFor();
  await open(console, "audit", ".table");
  const operations = await console.locator("tbody td:nth-child(3)").allTextContents();
  expect(operations).toEqual(
    expect.arrayContaining([
      "counter.add",
      "chat.moderate",
      "chat.delete",
      "chat.send",
      "leaderboard.remove",
    ]),
  );
});

it("OP15: a user erased in the console is signed out at once, with a report of what was removed", async () => {
  const ben = await enter(browser, node.url, "Ben");
  await ben.page.getByLabel("Your message").fill("Forget me");
  await ben.page.keyboard.press("Enter");
  await open(console, "rooms/terrace", ".message");
  const message = console.locator(".message", { hasText: "Forget me" });
  await message.getByRole("link", { name: "Ben" }).click();
  await console.getByText("1 message").waitFor();
  await console.getByRole("button", { name: "Erase" }).click();
  const dialog = console.getByRole("dialog");
  await dialog.getByRole("button", { name: "Erase" }).click();
  await dialog.getByText("chat messages").waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();
  await ben.page.getByLabel("Your name on the board").waitFor();
  await eventually(() => ada.page.getByText("Forget me").count()).toBe(0);
  await ben.close();
});

const places: [place: string, ready: string][] = [
  ["overview", ".node"],
  ["boards", ".row"],
  ["boards/arcade", ".tab-panel"],
  ["rooms", ".row"],
  ["rooms/terrace", ".message"],
  ["counters", ".row"],
  ["counters/boos", ".counter-value"],
  ["users", ".row"],
  ["users/nobody", ".card"],
  ["inspector/chat%3Aterrace", ".frames li"],
  ["explorer/leaderboard.submit", ".try"],
  ["keys", ".empty, .row"],
  ["audit", ".table"],
  ["nowhere", ".empty"],
];

it("OP15: axe finds nothing on any page, on a desk by day and on a phone by night, and nothing overflows", async () => {
  const phone = await signIn({
    viewport: { width: 360, height: 780 },
    hasTouch: true,
    isMobile: true,
    colorScheme: "dark",
    reducedMotion: "reduce",
  });
  const look = async (page: Page) => {
    for (const [place, ready] of places) {
      await open(page, place, ready);
      expect(await faults(page), place).toEqual([]);
      expect(await overflowPx(page), place).toBeLessThanOrEqual(0);
    }
  };
  await Promise.all([look(console), look(phone)]);
  await phone.context().close();
}, 90_000);

it("OP15: a sign-out ends the access, and the page had no errors", async () => {
  await console.getByRole("button", { name: "Sign out" }).click();
  await console.getByLabel("API key").waitFor();
  expect(problems).toEqual([]);
});
