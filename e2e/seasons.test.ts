import { type Client, createClient } from "@grandstand/sdk";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { freshPrefix, TEST_API_KEY } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { eventually } from "./eventually.js";
import { enter } from "./player.js";

let node: NodeProcess;
let browser: Browser;
let server: Client;

beforeAll(async () => {
  node = await startNode({
    redisUrl: inject("redisUrl"),
    prefix: freshPrefix(),
    env: { GRANDSTAND_WEB: webDir },
  });
  await openArcade(node.url, { mara: 900, tomas: 800 });
  server = createClient({ url: node.url, token: TEST_API_KEY });
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  await node?.stop();
});

it("LB7 shows the winner when a season ends, and starts the next season with an empty board", async () => {
  const ben = await enter(browser, node.url, "Ben");
  const names = () => ben.page.locator(".row-name-text").allTextContents();
  await ben.choosePeriod("This week");
  await eventually(names).toEqual(["mara", "tomas"]);

  const arcade = server.leaderboard("arcade");
  await arcade.closeSeason({ window: "weekly" });
  const notice = ben.page.getByText("mara won the week with 900 points.");
  await notice.waitFor();
  await eventually(names).toEqual([]);
  await ben.page.getByText("Nobody has played yet").waitFor();

  await ben.page.getByRole("button", { name: "Play on" }).click();
  await notice.waitFor({ state: "detached" });
  await arcade.submit({ member: "yuki", score: 10 });
  await eventually(names).toEqual(["yuki"]);
  expect(ben.problems).toEqual([]);
  await ben.close();
});
