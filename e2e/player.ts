import type { Browser, BrowserContextOptions, Locator, Page } from "playwright";
import { listenForComplaints } from "./complaints.js";

/** How a player strikes the lit seat; `seat` is its number, row by row. */
export type Strike = (page: Page, seat: number) => Promise<void>;

export interface Player {
  page: Page;
  name: string;
  complaints: string[];
  /** The player's own row, on the player's own page. */
  ownRow: Locator;
  badge: Locator;
  /** Someone's row, by the name it shows. */
  rowOf(name: string): Locator;
  /** Begins a round and makes so many hits. */
  beginRound(hits: number, strike: Strike): Promise<void>;
  /** Plays a round with so many hits, to the whistle; returns the score that the page shows. */
  playRound(hits: number, strike: Strike): Promise<number>;
  /** Chooses by keyboard whose scores the board shows: `Today`, `This week` or `All time`. */
  choosePeriod(period: string): Promise<void>;
  close(): Promise<void>;
}

const seatKeys = "1234567qwertyuasdfghjzxcvbnm";

export const byKeyboard: Strike = (page, seat) => page.keyboard.press(seatKeys[seat] as string);
export const byPointer: Strike = (page, seat) => page.locator(`[data-seat="${seat}"]`).click();

/** Opens the page in a browser profile of its own, gives a name, and waits until the board is live. */
export async function enter(
  browser: Browser,
  url: string,
  name: string,
  options: BrowserContextOptions = {},
): Promise<Player> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  return enterOn(await context.newPage(), url, name);
}

/** The same on a page that the test has prepared. */
export async function enterOn(page: Page, url: string, name: string): Promise<Player> {
  const complaints = listenForComplaints(page);
  await page.goto(url);
  await page.getByLabel("Your name on the board").fill(name);
  await page.keyboard.press("Enter");
  const badge = page.locator(".connection");
  await badge.and(page.locator('[data-status="live"]')).waitFor();
  return {
    page,
    name,
    complaints,
    badge,
    ownRow: page.locator('.row[data-own="true"]'),
    rowOf: (rival) => page.locator(".row", { has: page.getByText(rival, { exact: true }) }),
    beginRound: (hits, strike) => beginRound(page, hits, strike),
    playRound: (hits, strike) => playRound(page, hits, strike),
    choosePeriod: (period) => choosePeriod(page, period),
    close: () => page.context().close(),
  };
}

async function beginRound(page: Page, hits: number, strike: Strike): Promise<void> {
  const stop = page.getByRole("button", { name: "Stop" });
  // Just after a whistle the button takes no press, which may belong to the round before.
  while (!(await stop.isVisible())) await page.getByRole("button", { name: "Play" }).press("Enter");
  let struck = -1;
  for (let hit = 0; hit < hits; hit++) {
    struck = await litSeatAfter(page, struck);
    await strike(page, struck);
  }
}

async function playRound(page: Page, hits: number, strike: Strike): Promise<number> {
  await beginRound(page, hits, strike);
  await page.getByRole("button", { name: "Play again" }).waitFor();
  return shownNumber(page.locator(".scoreline-score dd"));
}

async function choosePeriod(page: Page, period: string): Promise<void> {
  const radio = page.getByRole("radio", { name: period });
  await page.getByRole("radio", { checked: true }).focus();
  while (!(await radio.isChecked())) await page.keyboard.press("ArrowLeft");
}

/** The next seat that lights up. The light never stays where it is, so it is another than the one before. */
async function litSeatAfter(page: Page, before: number): Promise<number> {
  const seat = await page.waitForFunction((last) => {
    const lit = document.querySelector<HTMLElement>('[data-lit="true"]')?.dataset.seat;
    return lit !== undefined && lit !== String(last) ? lit : null;
  }, before);
  return Number(await seat.jsonValue());
}

/** A number as people read it: `12,480`. */
export async function shownNumber(element: Locator): Promise<number> {
  return Number(((await element.textContent()) ?? "").replaceAll(",", ""));
}
