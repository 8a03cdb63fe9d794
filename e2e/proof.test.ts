import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createClient, createGuestSession } from "@grandstand/sdk";
import type { Browser, Locator } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launchBrowser } from "./browser.js";
import { type Command, startCommand } from "./command.js";
import { eventually } from "./eventually.js";
import { enter, type Player, shownNumber } from "./player.js";

/** The tests use the demo with two nodes and a private Redis, as `npm start -- --nodes 2` starts it. */

const root = fileURLToPath(new URL("..", import.meta.url));

let dataDir: string;
let url: string;
let start: Command;
let browser: Browser;
let ada: Player;
let ben: Player;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "grandstand-proof-"));
  start = startCommand("node", ["scripts/start.mjs", "--nodes", "2"], {
    cwd: root,
    env: { PORT: "0", GRANDSTAND_DATA_DIR: dataDir },
  });
  await waitUntil(() => start.output().includes("Ctrl-C stops it."));
  url = /Demo +(http\S+)\//.exec(start.output())![1]!;
  browser = await launchBrowser();
  ada = await enter(browser, url, "Ada");
  ben = await enter(browser, url, "Ben");
  // Ben's page must be on the other node than Ada's page. The two nodes accept connections in turn. If a reload opens an
  // odd number of connections, the next reload moves Ben to the other node. If the number is even, Ben moves only after an
  // extra connection. The test doesn't know the number, so it tries both: every second reload has an extra connection.
  let tries = 0;
  await waitUntil(async () => {
    if ((await nodeOf(ada)) !== (await nodeOf(ben))) return true;
    tries += 1;
    if (tries % 2 === 0) await openConnection(url);
    await ben.page.reload();
    return false;
  });
  ben.problems.length = 0;
}, 240_000);

afterAll(async () => {
  await browser?.close();
  await start?.interrupt();
  await rm(dataDir, { recursive: true, force: true });
});

/** Polls a condition. `expect.poll` can't be used here, because it works only within a test. */
async function waitUntil(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) {
    if (start.exitCode() !== null) throw new Error(start.output());
    await delay(50);
  }
}

async function openConnection(url: string): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.destroy();
}

async function nodeOf({ page }: Player): Promise<string | null> {
  return page.locator('.proof-card[data-own="true"]').getAttribute("data-node");
}

async function say({ page }: Player, text: string): Promise<void> {
  await page.getByLabel("Your message").fill(text);
  await page.getByLabel("Your message").press("Enter");
}

/** The messages that this test wrote, as a page shows them. */
async function saidOn({ page }: Player): Promise<string[]> {
  const texts = await page.locator(".message-text").allTextContents();
  return texts.filter((text) => text.startsWith("#"));
}

const figure = ({ page }: Player, term: string): Locator =>
  page.locator(".proof-figures div", { hasText: term }).locator("dd");

/** Waits for the end of the experiment. @returns the numbers of messages that the page shows */
async function resultOf(player: Player): Promise<{ before: number; after: number; lost: number }> {
  await player.page.locator('.proof-result[data-step="done"]').waitFor({ timeout: 60_000 });
  return {
    before: await shownNumber(figure(player, "Messages before")),
    after: await shownNumber(figure(player, "Messages after")),
    lost: await shownNumber(figure(player, "Lost")),
  };
}

it("refuses a score that no round can reach; the board allows a member one score in 10 s", async () => {
  const { user, token } = await createGuestSession({ url, name: "Script" });
  const client = createClient({ url, token });
  try {
    const arcade = client.leaderboard("arcade");
    const refused = arcade.submit({ member: user.id, score: 100_000 });
    await expect(refused).rejects.toMatchObject({ issues: [{ path: "score", rule: "max" }] });
    expect(await arcade.get()).toMatchObject({ max: 60_000, minIntervalMs: 10_000 });
  } finally {
    client.close();
  }
});

describe("a visitor who breaks the demo", { timeout: 120_000 }, () => {
  it("kills the node that serves the page, and moves to another one without losing a message", async () => {
    const [first, other] = [await nodeOf(ada), await nodeOf(ben)];
    await say(ben, "#before");
    await eventually(() => saidOn(ada)).toEqual(["#before"]);

    await ada.page.getByRole("button", { name: "Kill this node" }).click();
    const said = ["#one", "#two", "#three", "#four"];
    for (const text of said) await say(ben, text);

    const { before, after, lost } = await resultOf(ada);
    expect(lost).toBe(0);
    expect(after).toBeGreaterThanOrEqual(before);
    await eventually(() => nodeOf(ada)).not.toBe(first);
    for (const player of [ada, ben]) await eventually(() => saidOn(player)).toEqual(["#before", ...said]);

    // Ben was on the other node. He stayed there, and still sees Ada.
    expect(await nodeOf(ben)).toBe(other);
    expect(ben.problems).toEqual([]);
    await ben.page.getByText("Ada killed node").waitFor();
    await ben.page.locator(".person", { hasText: "Ada" }).waitFor();
    // A new node takes the place of the killed one.
    await eventually(() => ben.page.locator(".proof-card[data-node]").count()).toBe(2);
  });

  it("pauses Redis, and a message that is sent meanwhile arrives once", async () => {
    await eventually(() => ada.page.getByRole("button", { name: "Pause for 3 s" }).isEnabled()).toBe(true);
    const earlier = await saidOn(ada);
    await ada.page.getByRole("button", { name: "Pause for 3 s" }).click();
    await say(ada, "#in the pause");
    await ada.page.getByText("Redis answered nobody for 3 s.").waitFor({ timeout: 60_000 });
    expect((await resultOf(ada)).lost).toBe(0);
    for (const player of [ada, ben]) {
      await eventually(() => saidOn(player)).toEqual([...earlier, "#in the pause"]);
    }
  });
});
