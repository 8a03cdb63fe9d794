import { type Client, createClient } from "@grandstand/sdk";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { freshPrefix, TEST_API_KEY } from "../server/src/testing/names.js";
import { type NodeProcess, startNode } from "../server/src/testing/node-process.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { eventually } from "./eventually.js";
import { byKeyboard, enter, shownNumber } from "./player.js";

let node: NodeProcess;
let browser: Browser;
let server: Client;

beforeAll(async () => {
  node = await startNode({
    redisUrl: inject("redisUrl"),
    prefix: freshPrefix(),
    env: { GRANDSTAND_WEB: webDir },
  });
  await openArcade(node.url);
  server = createClient({ url: node.url, token: TEST_API_KEY });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  await node?.stop();
});

function namesOn(page: Page): Promise<string[]> {
  return page.locator(".row-name-text").allTextContents();
}

/** By keyboard, as a group of radio buttons is gone through. */
async function choose(page: Page, period: string): Promise<void> {
  const radio = page.getByRole("radio", { name: period });
  await page.getByRole("radio", { checked: true }).focus();
  while (!(await radio.isChecked())) await page.keyboard.press("ArrowLeft");
}

it("shows the score just played among those of today", { timeout: 90_000 }, async () => {
  // They played before today.
  const rivals = ["mara", "tomas"].map((member) => JSON.stringify({ member, score: 90_000 }));
  await server.leaderboard("arcade").import(rivals, { window: "all" });
  const ada = await enter(browser, node.url, "Ada");
  const score = await ada.playRound(3, byKeyboard);
  await eventually(() => namesOn(ada.page)).toEqual(["mara", "tomas", "Ada"]);
  await ada.page.getByText("Never ends").waitFor();

  await choose(ada.page, "Today");
  await eventually(() => namesOn(ada.page)).toEqual(["Ada"]);
  expect(await shownNumber(ada.ownRow.locator(".row-score"))).toBe(score);
  await ada.page.getByText(/^Ends in \d+ (h|min|s)/).waitFor();
  await ada.page.getByText("Your best today").waitFor();
  expect(ada.complaints).toEqual([]);
  await ada.close();
});

it("LB7 says who won when a season ends, and begins the next one with an empty board", async () => {
  await openArcade(node.url, { mara: 95_000, tomas: 91_000 });
  const ben = await enter(browser, node.url, "Ben");
  await choose(ben.page, "This week");
  await ben.rowOf("tomas").waitFor();

  const arcade = server.leaderboard("arcade");
  await arcade.closeSeason({ window: "weekly" });
  const notice = ben.page.getByText("mara won the week with 95,000 points.");
  await notice.waitFor();
  await eventually(() => namesOn(ben.page)).toEqual([]);
  await ben.page.getByText("Nobody has played yet").waitFor();

  await ben.page.getByRole("button", { name: "Play on" }).click();
  await notice.waitFor({ state: "detached" });
  await arcade.submit({ member: "yuki", score: 10 });
  await eventually(() => namesOn(ben.page)).toEqual(["yuki"]);
  expect(ben.complaints).toEqual([]);
  await ben.close();
});
