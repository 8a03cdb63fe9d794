import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { type FreezableProxy, freezableProxy } from "../server/test/support/freezable-proxy.js";
import { freshPrefix } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { eventually } from "./eventually.js";
import { enter, type Player } from "./player.js";

let node: NodeProcess;
/** The proxy between Ada's browser and the node. */
let network: FreezableProxy;
let browser: Browser;
let ada: Player;
let ben: Player;

beforeAll(async () => {
  node = await startNode({
    redisUrl: inject("redisUrl"),
    prefix: freshPrefix(),
    // `startNode` turns limits off unless `env` sets them. An empty value sets the default limits.
    env: { GRANDSTAND_WEB: webDir, GRANDSTAND_LIMITS: "" },
  });
  await openArcade(node.url);
  network = await freezableProxy(node.url);
  browser = await launchBrowser();
  ada = await enter(browser, network.url.replace("redis:", "http:"), "Ada");
  ben = await enter(browser, node.url, "Ben");
});

afterAll(async () => {
  await browser?.close();
  await network?.close();
  await node?.stop();
});

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Your message").fill(text);
  await page.keyboard.press("Enter");
}

function texts(page: Page): Promise<string[]> {
  return page.locator(".message-text, .message-deleted").allTextContents();
}

function chatStatus(page: Page): Promise<string | null> {
  return page.locator(".chat-status").textContent();
}

async function choose(page: Page, text: string, action: string): Promise<void> {
  const message = page.locator(".message", { has: page.getByText(text, { exact: true }) });
  await message.hover();
  await message.locator(".message-more").click();
  await message.getByRole("button", { name: action }).click();
}

it("shows a reply, a reaction, an edit and typing of one user on the page of the other", async () => {
  await say(ada.page, "Hello terrace");
  await eventually(() => texts(ben.page)).toEqual(["Hello terrace"]);
  await choose(ben.page, "Hello terrace", "Reply");
  await say(ben.page, "Hello Ada");
  await ada.page.locator(".message-replied-to").getByText("Hello terrace").waitFor();
  await choose(ada.page, "Hello Ada", "React with ❤️");
  await ben.page.getByRole("button", { name: "❤️ 1" }).waitFor();
  await choose(ben.page, "Hello Ada", "Edit");
  await say(ben.page, "Hello, Ada");
  await eventually(() => texts(ada.page)).toEqual(["Hello terrace", "Hello, Ada"]);
  await ada.page.getByLabel("Your message").pressSequentially("hm");
  await ben.page.getByText("Ada is writing").waitFor();
  await ada.page.getByLabel("Your message").fill("");
  expect(await ada.page.locator('.message[data-own="true"]').count()).toBe(1);
  expect([await chatStatus(ada.page), await chatStatus(ben.page)]).toEqual(["Live", "Live"]);
});

it("shows every message once on both pages after one of two users was offline", async () => {
  await say(ben.page, "before");
  await eventually(async () => (await texts(ada.page)).at(-1)).toBe("before");
  const before = await texts(ada.page);

  network.freezeNew();
  network.cut();
  await eventually(() => chatStatus(ada.page)).toBe("Offline");
  for (const text of ["one", "two", "three"]) await say(ben.page, text);
  await choose(ben.page, "two", "Edit");
  await say(ben.page, "zwei");
  await eventually(() => texts(ben.page)).toContain("zwei");
  await choose(ben.page, "three", "Take back");
  await say(ada.page, "from the tunnel");
  await ada.page.getByText("sending", { exact: true }).waitFor();
  expect(await texts(ada.page)).toEqual([...before, "from the tunnel"]);
  await eventually(() => texts(ben.page)).toEqual([...before, "one", "zwei", "Taken back"]);

  network.thawNew();
  network.cut();
  await eventually(() => chatStatus(ada.page)).toBe("Live");
  const all = [...before, "one", "zwei", "Taken back", "from the tunnel"];
  for (const { page } of [ada, ben]) await eventually(() => texts(page)).toEqual(all);
  expect(await ada.page.getByText("sending", { exact: true }).count()).toBe(0);
});

it("loads older messages on scrolling up and keeps the scroll position", {
  timeout: 60_000,
}, async () => {
  for (let at = 1; at <= 70; at += 1) await say(ben.page, `word ${at}`);
  await eventually(async () => (await texts(ben.page)).at(-1)).toBe("word 70");
  await ben.page.reload();
  await eventually(async () => (await texts(ben.page)).at(-1)).toBe("word 70");
  expect(await texts(ben.page)).toHaveLength(50);
  const list = ben.page.getByRole("region", { name: "Messages" });
  await list.hover();
  await ben.page.mouse.wheel(0, -10_000);
  await eventually(async () => (await texts(ben.page))[0]).toBe("Hello terrace");
  // The message that was the first one before the scroll stays in the visible part of the list.
  const first = ben.page.getByText("word 21", { exact: true });
  const { y, height } = (await list.boundingBox())!;
  await eventually(async () => ((await first.boundingBox())!.y - y) / height).toBeGreaterThanOrEqual(0);
  expect(((await first.boundingBox())!.y - y) / height).toBeLessThan(1);
  await say(ada.page, "meanwhile");
  await ben.page.getByRole("button", { name: "To the latest" }).click();
  await ben.page.getByText("meanwhile").waitFor();
  expect(ben.problems).toEqual([]);
});
