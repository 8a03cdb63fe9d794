import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { freshPrefix } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { eventually } from "./eventually.js";
import { enter, type Player } from "./player.js";

/** These tests have two users with the same name: one on a phone, one at a desktop. */

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

let node: NodeProcess;
let browser: Browser;
let onPhone: Player;
let atDesk: Player;

beforeAll(async () => {
  const settings = { redisUrl: inject("redisUrl"), prefix: freshPrefix() };
  node = await startNode({ ...settings, env: { GRANDSTAND_WEB: webDir } });
  await openArcade(node.url, { mara: 900 });
  browser = await launchBrowser();
  onPhone = await enter(browser, node.url, "Ada", phone);
  atDesk = await enter(browser, node.url, "Ada");
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await node?.stop();
});

it("shows on a phone, for each tab, the top of one part of the page without scrolling, and hides the other parts", async () => {
  const { page } = onPhone;
  const parts = { Play: ".game", Board: ".board", Chat: ".composer", People: ".crowd" };
  for (const [name, part] of Object.entries(parts)) {
    await page
      .getByRole("navigation", { name: "Parts of the page" })
      .getByText(name, { exact: true })
      .click();
    const box = await page.locator(part).boundingBox();
    expect(box?.y).toBeLessThan(844);
    for (const [other, hidden] of Object.entries(parts)) {
      expect(await page.locator(hidden).isVisible(), `${other} on ${name}`).toBe(other === name);
    }
  }
  // Only a demo that `npm start` started shows the section with the nodes.
  expect(await page.getByText("Nodes", { exact: true }).count()).toBe(0);
});

it("counts unread messages on the tab of the chat until they are seen", async () => {
  const { page } = onPhone;
  await page.getByRole("button", { name: "Play", exact: true }).first().click();
  for (const text of ["Hello", "Are you there?"]) {
    await atDesk.page.getByLabel("Your message").fill(text);
    await atDesk.page.getByLabel("Your message").press("Enter");
  }
  const chat = page.getByRole("button", { name: "Chat, 2 unread messages" });
  await chat.waitFor();
  await eventually(() => page.title()).toBe("(2) Grandstand");
  await chat.click();
  await page.getByText("Are you there?").waitFor();
  await page.getByRole("button", { name: "Chat", exact: true }).waitFor();
  await eventually(() => page.title()).toContain("Grandstand: live");
});

it("adds a part of the id to names that two people share: in the list of people, in messages, in the own name", async () => {
  await atDesk.page.getByLabel("Your message").fill("It is me");
  await atDesk.page.getByLabel("Your message").press("Enter");
  const names = atDesk.page.locator(".person-name");
  await eventually(() => names.allTextContents()).toEqual([
    expect.stringMatching(/^Ada \([0-9a-f]{4}\)$/),
    expect.stringMatching(/^Ada \([0-9a-f]{4}\)$/),
  ]);
  const [own, other] = await names.allTextContents();
  expect(own).not.toBe(other);
  await eventually(() => onPhone.page.locator(".message-sender").last().textContent()).toBe(own);
  expect(await atDesk.page.locator(".whoami-name").textContent()).toBe(`You play as ${own}`);
  expect([...onPhone.problems, ...atDesk.problems]).toEqual([]);
});

it("shows the players around the visitor, and friends, with their ranks on the whole board", async () => {
  const { page } = atDesk;
  const rivals = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`rival ${at}`, 1_000 + at]));
  const ids = await page
    .locator(".person")
    .evaluateAll((people) =>
      people.map((person) => [(person as HTMLElement).dataset.own, (person as HTMLElement).dataset.user]),
    );
  const own = ids.find(([isOwn]) => isOwn === "true")![1]!;
  const other = ids.find(([isOwn]) => isOwn === "false")![1]!;
  await openArcade(node.url, { ...rivals, [own]: 1_010.5, [other]: 1 });

  await page.getByRole("button", { name: "Around me" }).click();
  const ranks = (list: string) =>
    page.getByRole("list", { name: list, exact: true }).locator(".row-rank").allTextContents();
  await eventually(() => ranks("Around me")).toEqual(["16", "17", "18", "19", "20", "21", "22", "23", "24"]);

  await page.getByRole("button", { name: "Friends" }).click();
  await page.getByText("Press the star").waitFor();
  await page.getByRole("button", { name: /^Friend: Ada/ }).click();
  await eventually(() => ranks("Friends")).toEqual(["20", "33"]);
  await page.reload();
  await page.getByRole("button", { name: "Friends" }).click();
  await eventually(() => ranks("Friends")).toEqual(["20", "33"]);
});
