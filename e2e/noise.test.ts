import { createClient } from "@grandstand/sdk";
import type { Browser, Locator } from "playwright";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { freshPrefix, TEST_API_KEY } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { eventually } from "./eventually.js";
import { enter, type Player, shownNumber } from "./player.js";

/** Two nodes: Ada is connected to the first, Ben to the second. */
let nodes: NodeProcess[];
let browser: Browser;

beforeAll(async () => {
  const prefix = freshPrefix();
  const start = () =>
    startNode({
      redisUrl: inject("redisUrl"),
      prefix,
      env: { GRANDSTAND_WEB: webDir, GRANDSTAND_LIMITS: "" },
    });
  nodes = await Promise.all([start(), start()]);
  await openArcade(nodes[0]!.url);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await Promise.all(nodes.map((node) => node.stop()));
});

/** Creates the counters of the demo's page, except the horns. */
async function createCounters(url: string): Promise<void> {
  const client = createClient({ url, token: TEST_API_KEY });
  try {
    await client.counter("cheers:claps").configure({ add: "anyone", thresholds: [10] });
    await client.counter("cheers:drums").configure({ add: "anyone" });
    await client.counter("gate").configure({ kind: "unique", add: "anyone" });
  } finally {
    client.close();
  }
}

function panelOf({ page }: Player): Locator {
  return page.getByRole("region", { name: "Make some noise" });
}

function clapsOf(player: Player): Promise<number> {
  return shownNumber(panelOf(player).locator(".cheer", { hasText: "Claps" }).locator(".cheer-value"));
}

async function clap(player: Player, times: number): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    await panelOf(player).getByRole("button", { name: "Clap", exact: true }).click();
  }
}

it("shows on both pages the claps of two people on two nodes, and the milestone that the claps reach", async () => {
  await createCounters(nodes[0]!.url);
  const ada = await enter(browser, nodes[0]!.url, "Ada");
  const ben = await enter(browser, nodes[1]!.url, "Ben");
  for (const player of [ada, ben]) {
    await eventually(() => clapsOf(player)).toBe(0);
    await eventually(() => panelOf(player).locator(".panel-aside").textContent()).toBe("2 guests so far");
  }
  // A returning visitor is not counted twice.
  await ben.page.reload();
  await eventually(() => clapsOf(ben)).toBe(0);

  await Promise.all([clap(ada, 7), clap(ben, 6)]);
  for (const player of [ada, ben]) {
    await eventually(() => clapsOf(player)).toBe(13);
    await eventually(() => panelOf(player).getByRole("status").textContent()).toBe("10 claps!");
    expect(await panelOf(player).locator('.noise-lamp[data-lit="true"]').count()).toBeGreaterThan(0);
    expect(await panelOf(player).locator(".panel-aside").textContent()).toBe("2 guests so far");
    expect(player.problems).toEqual([]);
  }

  // The noise decays without input, and the keyboard can press the buttons.
  await eventually(() => panelOf(ada).locator('.noise-lamp[data-lit="true"]').count()).toBe(0);
  await panelOf(ben).getByRole("button", { name: "Drum" }).press("Enter");
  const drums = panelOf(ada).locator(".cheer", { hasText: "Drum beats" });
  await eventually(() => shownNumber(drums.locator(".cheer-value"))).toBe(1);
  await Promise.all([ada.close(), ben.close()]);
});

it("shows that a press did not count if guests may not add to the counter", async () => {
  await createCounters(nodes[0]!.url);
  const ada = await enter(browser, nodes[0]!.url, "Ada");
  // The counter of the horns is not configured, so guests may not add to it.
  await panelOf(ada).getByRole("button", { name: "Blow a horn" }).click();
  await eventually(() => panelOf(ada).getByRole("status").textContent()).toContain("did not count");
  expect(ada.problems).toEqual([]);
  await ada.close();
});
