import type { Browser, BrowserContextOptions, Locator, Page } from "playwright";
import { collectProblems } from "./page-problems.js";

/** Presses a seat, one of the buttons that light up in the game. `seat` is its number, counted row by row from 0. */
export type Strike = (page: Page, seat: number) => Promise<void>;

export interface Player {
  page: Page;
  name: string;
  problems: string[];
  /** The player's own row on the board. */
  ownRow: Locator;
  badge: Locator;
  /** The row with the given name. */
  rowOf(name: string): Locator;
  /** Starts a round and hits the given number of seats. */
  beginRound(hits: number, strike: Strike): Promise<void>;
  /** Plays a whole round with the given number of hits. Returns the score that the page shows. */
  playRound(hits: number, strike: Strike): Promise<number>;
  /** Selects the period of the board by keyboard: `Today`, `This week` or `All time`. */
  choosePeriod(period: string): Promise<void>;
  close(): Promise<void>;
}

const seatKeys = "1234567qwertyuasdfghjzxcvbnm";

export const byKeyboard: Strike = (page, seat) => page.keyboard.press(seatKeys[seat] as string);
export const byPointer: Strike = (page, seat) => page.locator(`[data-seat="${seat}"]`).click();

/** Opens the page in a new browser profile, enters a name, and waits until the connection is live. */
export async function enter(
  browser: Browser,
  url: string,
  name: string,
  options: BrowserContextOptions = {},
): Promise<Player> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  return enterOn(await context.newPage(), url, name);
}

/** Enters the name on a page that the test has prepared. */
export async function enterOn(page: Page, url: string, name: string): Promise<Player> {
  const problems = collectProblems(page);
  await page.goto(url);
  await page.getByLabel("Your name on the board").fill(name);
  await page.keyboard.press("Enter");
  const badge = page.locator(".connection");
  await badge.and(page.locator('[data-status="live"]')).waitFor();
  return {
    page,
    name,
    problems,
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
  // Searches only the game's panel for the button, because a narrow window also has a tab "Play".
  const play = page.getByRole("region", { name: "Floodlight" }).getByRole("button", { name: "Play" });
  // Just after a round the button ignores presses, so repeat until the round has started.
  while (!(await stop.isVisible())) await play.press("Enter");
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

/** Waits for a lit seat other than `before`. A round never lights the same seat twice in a row. */
async function litSeatAfter(page: Page, before: number): Promise<number> {
  const seat = await page.waitForFunction((last) => {
    const lit = document.querySelector<HTMLElement>('[data-lit="true"]')?.dataset.seat;
    return lit !== undefined && lit !== String(last) ? lit : null;
  }, before);
  return Number(await seat.jsonValue());
}

/** Parses a number with thousands separators, such as `12,480`. */
export async function shownNumber(element: Locator): Promise<number> {
  return Number(((await element.textContent()) ?? "").replaceAll(",", ""));
}
