import { createClient } from "@grandstand/sdk";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { freshPrefix, TEST_API_KEY } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { namelessParts, overflowPx } from "./accessible.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { eventually } from "./eventually.js";
import { collectProblems } from "./page-problems.js";
import { byKeyboard, enter, type Player } from "./player.js";

const GRACE_MS = 1_500;

/** Two nodes: Ada is connected to the first, Ben to the second. */
let nodes: NodeProcess[];
let browser: Browser;
let ada: Player;
let ben: Player;
/** The problems of each page. */
const problems: string[][] = [];

beforeAll(async () => {
  const prefix = freshPrefix();
  const env = { GRANDSTAND_WEB: webDir, GRANDSTAND_PRESENCE_GRACE_MS: String(GRACE_MS) };
  const start = () => startNode({ redisUrl: inject("redisUrl"), prefix, env });
  nodes = await Promise.all([start(), start()]);
  await openArcade(nodes[0]!.url);
  browser = await launchBrowser();
  ada = await enter(browser, nodes[0]!.url, "Ada");
  ben = await enter(browser, nodes[1]!.url, "Ben");
  problems.push(ada.problems, ben.problems);
  await recordPeople(ben.page);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all((nodes ?? []).map((node) => node.stop()));
});

/** Makes a page record the names in its list at each change of the list. */
async function recordPeople(page: Page): Promise<void> {
  await page.locator(".person").first().waitFor();
  await page.evaluate(() => {
    const record: string[] = [];
    const look = () => {
      const names = [...document.querySelectorAll(".person-name")].map(({ textContent }) => textContent);
      const people = names.toSorted().join(", ");
      if (people !== record.at(-1)) record.push(people);
    };
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    look();
    Object.assign(window, { peopleSeen: record });
  });
}

/** The names that the list showed at the previous call of this function, and after each change since then. */
function peopleSeen(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { peopleSeen } = window as unknown as { peopleSeen: string[] };
    return peopleSeen.splice(0, Math.max(0, peopleSeen.length - 1)).concat(peopleSeen);
  });
}

function people({ page }: Player): Promise<string[]> {
  return page.locator(".person-name").allTextContents();
}

function activity(onPage: Page, name: string): Promise<string | null> {
  const person = onPage.locator(".person", { has: onPage.getByText(name, { exact: true }) });
  return person.getAttribute("data-activity");
}

/** Simulates a tab that is hidden or shown again. A headless browser reports all tabs as visible. */
async function setHidden(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    },
    isHidden ? "hidden" : "visible",
  );
}

/** Opens another tab for the same user. */
async function openTab(player: Player): Promise<Page> {
  const tab = await player.page.context().newPage();
  problems.push(collectProblems(tab));
  await tab.goto(nodes[0]!.url);
  await tab.locator('.connection[data-status="live"]').waitFor();
  await tab.locator('.person[data-own="true"]').waitFor();
  return tab;
}

it("PR4: both pages list the members, and a change of activity appears on the other page without a leave", async () => {
  await eventually(() => people(ada)).toEqual(["Ada", "Ben"]);
  await eventually(() => people(ben)).toEqual(["Ben", "Ada"]);
  await peopleSeen(ben.page);
  expect(await ben.page.locator(".crowd .panel-aside").textContent()).toBe("2 here now");
  expect(await activity(ben.page, "Ada")).toBe("watching");

  await ada.beginRound(1, byKeyboard);
  await eventually(() => activity(ben.page, "Ada")).toBe("playing");
  await ada.page.keyboard.press("Escape");
  await eventually(() => activity(ben.page, "Ada")).toBe("watching");
  await ada.page.getByLabel("Your message").pressSequentially("hm");
  await eventually(() => activity(ben.page, "Ada")).toBe("writing");
  await ada.page.getByLabel("Your message").fill("");
  await eventually(() => activity(ben.page, "Ada")).toBe("watching");
  await setHidden(ada.page, true);
  await eventually(() => activity(ben.page, "Ada")).toBe("away");
  await setHidden(ada.page, false);
  await eventually(() => activity(ben.page, "Ada")).toBe("watching");
  expect(await peopleSeen(ben.page)).toEqual(["Ada, Ben"]);
});

it("PR1 shows a user with two tabs once, and as away only if both tabs are hidden", async () => {
  const tab = await openTab(ada);
  expect(await people(ada)).toEqual(["Ada", "Ben"]);
  await setHidden(ada.page, true);
  // The hidden tab sets Ada's state to `away`. Then the visible tab sets it to `watching`.
  await eventually(() => activity(ben.page, "Ada")).toBe("watching");
  await setHidden(tab, true);
  await eventually(() => activity(ben.page, "Ada")).toBe("away");
  await setHidden(ada.page, false);
  await eventually(() => activity(ben.page, "Ada")).toBe("watching");
  await peopleSeen(ben.page);
  await tab.close();
  await ada.beginRound(1, byKeyboard);
  await eventually(() => activity(ben.page, "Ada")).toBe("playing");
  await ada.page.keyboard.press("Escape");
  expect(await peopleSeen(ben.page)).toEqual(["Ada, Ben"]);
});

it("PR2 shows no leave during a reload, and one leave when the grace ends after the last tab was closed", async () => {
  const second = await openTab(ada);
  await peopleSeen(ben.page);
  await ada.page.reload();
  await ada.page.locator('.person[data-own="true"]').waitFor();
  await second.reload();
  await second.locator('.person[data-own="true"]').waitFor();
  expect(await peopleSeen(ben.page)).toEqual(["Ada, Ben"]);

  await second.close();
  const closedAt = Date.now();
  await ada.close();
  await eventually(() => people(ben)).toEqual(["Ben"]);
  expect(Date.now() - closedAt).toBeGreaterThan(GRACE_MS * 0.9);
  expect(await peopleSeen(ben.page)).toEqual(["Ada, Ben", "Ben"]);
  await ben.page.getByText("Only you so far").waitFor();
  expect(problems.flat()).toEqual([]);
});

it("PR7 PR8 shows 240 members that a server keeps present without overflow, and removes them when their TTL ends", async () => {
  const server = createClient({ url: nodes[0]!.url, token: TEST_API_KEY });
  const terrace = server.presence("terrace");
  try {
    const guests = Array.from({ length: 240 }, (_, at) => `guest ${at}`);
    /** Keeps all guests present, in parts: on a busy machine, 240 calls at the same time would take too long. */
    const keepAll = async (optionsOf: (guest: string) => Parameters<typeof terrace.keep>[1]) => {
      for (let at = 0; at < guests.length; at += 30) {
        const part = guests.slice(at, at + 30);
        await Promise.all(part.map((guest) => terrace.keep(guest, optionsOf(guest))));
      }
    };
    await keepAll((guest) => ({
      ttlMs: 60_000,
      state: { doing: "playing" },
      profile: { name: guest, avatar: null },
    }));
    const here = ben.page.locator(".crowd .panel-aside");
    await eventually(() => here.textContent()).toBe("241 here now");
    await eventually(() => people(ben).then(({ length }) => length)).toBe(241);
    for (const width of [390, 1440]) {
      await ben.page.setViewportSize({ width, height: 900 });
      if (width === 390) await ben.page.getByRole("button", { name: "People" }).click();
      expect(await overflowPx(ben.page)).toBeLessThanOrEqual(0);
    }
    expect(await namelessParts(ben.page)).toEqual([]);
    await keepAll(() => ({ ttlMs: 1_000 }));
    await eventually(() => here.textContent()).toBe("1 here now");
    expect(await terrace.count()).toBe(1);
    expect(ben.problems).toEqual([]);
  } finally {
    server.close();
  }
});
