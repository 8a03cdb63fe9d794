import { createClient } from "@grandstand/sdk";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { freshPrefix, TEST_API_KEY } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { namelessParts, overflowPx } from "./accessible.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { listenForComplaints } from "./complaints.js";
import { eventually } from "./eventually.js";
import { byKeyboard, enter, type Player } from "./player.js";

const GRACE_MS = 1_500;

/** Two nodes: Ada is on the one, Ben looks on from the other. */
let nodes: NodeProcess[];
let browser: Browser;
let ada: Player;
let ben: Player;
/** What each page has to complain of. */
const complaints: string[][] = [];

beforeAll(async () => {
  const prefix = freshPrefix();
  const env = { GRANDSTAND_WEB: webDir, GRANDSTAND_PRESENCE_GRACE_MS: String(GRACE_MS) };
  const start = () => startNode({ redisUrl: inject("redisUrl"), prefix, env });
  nodes = await Promise.all([start(), start()]);
  await openArcade(nodes[0]!.url);
  browser = await launchBrowser();
  ada = await enter(browser, nodes[0]!.url, "Ada");
  ben = await enter(browser, nodes[1]!.url, "Ben");
  complaints.push(ada.complaints, ben.complaints);
  await recordPeople(ben.page);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all((nodes ?? []).map((node) => node.stop()));
});

/** Lets a page note everyone that its list shows, each time the list changes. */
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

/** What the list showed when the page was asked last, and each time that it changed since. */
function peopleSeen(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { peopleSeen } = window as unknown as { peopleSeen: string[] };
    return peopleSeen.splice(0, Math.max(0, peopleSeen.length - 1)).concat(peopleSeen);
  });
}

function people({ page }: Player): Promise<string[]> {
  return page.locator(".person-name").allTextContents();
}

function doing(onPage: Page, name: string): Promise<string | null> {
  const person = onPage.locator(".person", { has: onPage.getByText(name, { exact: true }) });
  return person.getAttribute("data-doing");
}

/** What a browser does when a tab goes behind another; a headless one shows all of its tabs. */
async function putOutOfSight(page: Page, isHidden: boolean): Promise<void> {
  await page.evaluate(
    (state) => {
      Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    },
    isHidden ? "hidden" : "visible",
  );
}

/** The same visitor in one more tab. */
async function openTab(player: Player): Promise<Page> {
  const tab = await player.page.context().newPage();
  complaints.push(listenForComplaints(tab));
  await tab.goto(nodes[0]!.url);
  await tab.locator('.connection[data-status="live"]').waitFor();
  await tab.locator('.person[data-own="true"]').waitFor();
  return tab;
}

it("PR4 shows on each page who is here, and what they do", async () => {
  await eventually(() => people(ada)).toEqual(["Ada", "Ben"]);
  await eventually(() => people(ben)).toEqual(["Ben", "Ada"]);
  await peopleSeen(ben.page);
  expect(await ben.page.locator(".crowd .panel-aside").textContent()).toBe("2 here now");
  expect(await doing(ben.page, "Ada")).toBe("watching");

  await ada.beginRound(1, byKeyboard);
  await eventually(() => doing(ben.page, "Ada")).toBe("playing");
  await ada.page.keyboard.press("Escape");
  await eventually(() => doing(ben.page, "Ada")).toBe("watching");
  await ada.page.getByLabel("Your message").pressSequentially("hm");
  await eventually(() => doing(ben.page, "Ada")).toBe("writing");
  await ada.page.getByLabel("Your message").fill("");
  await eventually(() => doing(ben.page, "Ada")).toBe("watching");
  await putOutOfSight(ada.page, true);
  await eventually(() => doing(ben.page, "Ada")).toBe("away");
  await putOutOfSight(ada.page, false);
  await eventually(() => doing(ben.page, "Ada")).toBe("watching");
  expect(await peopleSeen(ben.page)).toEqual(["Ada, Ben"]);
});

it("PR1 shows a visitor with two tabs once, and away only when neither is looked at", async () => {
  const tab = await openTab(ada);
  expect(await people(ada)).toEqual(["Ada", "Ben"]);
  await putOutOfSight(ada.page, true);
  // The other tab says that it is looked at.
  await eventually(() => doing(ben.page, "Ada")).toBe("watching");
  await putOutOfSight(tab, true);
  await eventually(() => doing(ben.page, "Ada")).toBe("away");
  await putOutOfSight(ada.page, false);
  await eventually(() => doing(ben.page, "Ada")).toBe("watching");
  await peopleSeen(ben.page);
  await tab.close();
  await ada.beginRound(1, byKeyboard);
  await eventually(() => doing(ben.page, "Ada")).toBe("playing");
  await ada.page.keyboard.press("Escape");
  expect(await peopleSeen(ben.page)).toEqual(["Ada, Ben"]);
});

it("PR2 shows no leave while a page is loaded anew, and one when the grace ends after the last tab", async () => {
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
  expect(complaints.flat()).toEqual([]);
});

it("PR7 PR8 fits 240 more whom a game server keeps, and lets them go with their time", async () => {
  const server = createClient({ url: nodes[0]!.url, token: TEST_API_KEY });
  const terrace = server.presence("terrace");
  try {
    const guests = Array.from({ length: 240 }, (_, at) => `guest ${at}`);
    const kept = guests.map((guest) =>
      terrace.keep(guest, {
        ttlMs: 60_000,
        state: { doing: "playing" },
        profile: { name: guest, avatar: null },
      }),
    );
    await Promise.all(kept);
    const here = ben.page.locator(".crowd .panel-aside");
    await eventually(() => here.textContent()).toBe("241 here now");
    await eventually(() => people(ben).then(({ length }) => length)).toBe(241);
    for (const width of [390, 1440]) {
      await ben.page.setViewportSize({ width, height: 900 });
      expect(await overflowPx(ben.page)).toBeLessThanOrEqual(0);
    }
    expect(await namelessParts(ben.page)).toEqual([]);
    await Promise.all(guests.map((guest) => terrace.keep(guest, { ttlMs: 1_000 })));
    await eventually(() => here.textContent()).toBe("1 here now");
    expect(await terrace.count()).toBe(1);
    expect(ben.complaints).toEqual([]);
  } finally {
    server.close();
  }
});
