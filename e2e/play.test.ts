import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { freshPrefix } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { eventually } from "./eventually.js";
import { byKeyboard, byPointer, enter, type Player, shownNumber } from "./player.js";

const ROUNDS_TIMEOUT_MS = 90_000;
const rivals = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`rival ${index}`, 50 - index]));

let node: NodeProcess;
let browser: Browser;

beforeAll(async () => {
  node = await startNode({
    redisUrl: inject("redisUrl"),
    prefix: freshPrefix(),
    // Without this setting, `startNode` turns the limits off. An empty value restores the defaults.
    env: { GRANDSTAND_WEB: webDir, GRANDSTAND_LIMITS: "" },
  });
  await openArcade(node.url, rivals);
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
});

describe("two players", () => {
  it("see each other's scores, by keyboard and by pointer", {
    timeout: ROUNDS_TIMEOUT_MS,
  }, async () => {
    const ada = await enter(browser, node.url, "Ada");
    const ben = await enter(browser, node.url, "Ben");

    const [adaScore, adaSeenMs] = await timedRound(ada, ben, () => ada.playRound(4, byKeyboard));
    const [benScore, benSeenMs] = await timedRound(ben, ada, () => ben.playRound(7, byPointer));
    console.log(
      `The scores were on the rival's page ${adaSeenMs} ms and ${benSeenMs} ms after the end of the round`,
    );

    expect(adaScore).toBeGreaterThan(50);
    expect(benScore).toBeGreaterThan(50);
    for (const player of [ada, ben]) {
      expect(await shownNumber(player.rowOf("Ada").locator(".row-score"))).toBe(adaScore);
      expect(await shownNumber(player.rowOf("Ben").locator(".row-score"))).toBe(benScore);
      expect(await player.ownRow.count()).toBe(1);
      expect(await player.ownRow.locator(".row-name-text").textContent()).toBe(player.name);
      expect(await player.ownRow.getByText("You", { exact: true }).isVisible()).toBe(true);
      expect(await player.badge.textContent()).toContain("Live");
      expect(player.problems).toEqual([]);
    }
    const ranks = await Promise.all([ada, ben].map(({ ownRow }) => shownNumber(ownRow.locator(".row-rank"))));
    expect(ranks).toEqual(adaScore > benScore ? [1, 2] : [2, 1]);

    await Promise.all([ada.close(), ben.close()]);
  });
});

it("pins the own row below the ten best, ranks it among today's scores, and moves it to the top for the best score", {
  timeout: ROUNDS_TIMEOUT_MS,
}, async () => {
  await openArcade(node.url, {}, Object.fromEntries(Object.keys(rivals).map((rival) => [rival, 90_000])));
  const cleo = await enter(browser, node.url, "Cleo");
  const score = await cleo.playRound(2, byKeyboard);

  const pinned = cleo.page.getByRole("list", { name: "Your place" }).locator(".row");
  await pinned.waitFor();
  expect(await pinned.getAttribute("data-own")).toBe("true");
  expect(await shownNumber(pinned.locator(".row-rank"))).toBeGreaterThan(10);
  const best = cleo.page.getByRole("list", { name: "The ten best" }).locator(".row");
  expect(await best.count()).toBe(10);
  expect(await shownNumber(best.first().locator(".row-score"))).toBe(90_000);

  await cleo.choosePeriod("Today");
  await cleo.page.getByText(/^Ends in \d+ (h|min|s)/).waitFor();
  await best.getByText("Cleo").waitFor();
  expect(await shownNumber(cleo.ownRow.locator(".row-score"))).toBe(score);
  expect(await shownNumber(cleo.ownRow.locator(".row-rank"))).toBeLessThan(4);
  await cleo.choosePeriod("All time");
  await pinned.waitFor();

  const member = await pinned.getAttribute("data-member");
  await openArcade(node.url, { [String(member)]: 95_000 });
  await eventually(() => best.first().locator(".row-name-text").textContent()).toBe("Cleo");
  await eventually(() => pinned.count()).toBe(0);
  expect(cleo.problems).toEqual([]);
  await cleo.close();
});

/** Plays a round. @returns the score, and how long after the end of the round the rival's page showed it */
async function timedRound(
  player: Player,
  rival: Player,
  play: () => Promise<number>,
): Promise<[score: number, seenAfterMs: number]> {
  const roundEndedAt = appearanceTime(player.page, '.stage[data-phase="over"]');
  const seenAt = appearanceTime(rival.page, ".row-name-text", player.name);
  const score = await play();
  return [score, (await seenAt) - (await roundEndedAt)];
}

/** The time at which an element with the text appears. The page itself records it. */
function appearanceTime(page: Page, selector: string, text = ""): Promise<number> {
  return page.evaluate(
    ([wanted, words]) =>
      new Promise<number>((resolve) => {
        const look = () => {
          const candidates = [...document.querySelectorAll(wanted)];
          if (candidates.some((element) => element.textContent.includes(words))) resolve(Date.now());
        };
        new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
        look();
      }),
    [selector, text] as const,
  );
}
