/**
 * Takes the pictures of the demo that the README and the docs show, from a node that runs:
 *
 *     node --import tsx --conditions=@grandstand/source e2e/screenshots.ts http://127.0.0.1:8080
 */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright";
import { launchBrowser } from "./browser.js";
import { letGuestsIn } from "./guests.js";
import { byKeyboard, byPointer, enter, type Strike } from "./player.js";

const [url] = process.argv.slice(2);
if (url === undefined) throw new Error("The URL of a running node is needed");

const folder = fileURLToPath(new URL("../docs/images", import.meta.url));

/** Robots score what nobody does: these players need as long for a seat as a practised hand. */
const REACTION_MS = 380;
const unhurried = (strike: Strike): Strike => {
  return async (page, seat) => {
    await page.waitForTimeout(REACTION_MS);
    await strike(page, seat);
  };
};

const devices = {
  desktop: { viewport: { width: 1440, height: 900 }, strike: unhurried(byKeyboard) },
  phone: {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
    strike: unhurried(byPointer),
  },
};

/** Each has played a round, which put them on the board, and is in the middle of the next one. */
const pictures = [
  { device: "desktop", colorScheme: "light", player: "Robin", hits: 10 },
  { device: "desktop", colorScheme: "dark", player: "Sasha", hits: 12 },
  { device: "phone", colorScheme: "light", player: "Kim", hits: 11 },
  { device: "phone", colorScheme: "dark", player: "Alex", hits: 13 },
] as const;

/** The stand with everyone who is here, and a little of the page around it. */
async function pictureStand(page: Page, path: string): Promise<void> {
  const stand = page.locator(".crowd");
  await stand.scrollIntoViewIfNeeded();
  const box = await stand.boundingBox();
  if (!box) throw new Error("The page shows no stand");
  const margin = 12;
  const { x, y, width, height } = box;
  const clip = { x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin };
  await page.screenshot({ path, clip });
}

const browser = await launchBrowser();
const sendGuestsAway = await letGuestsIn(url);
try {
  for (const { device, colorScheme, player, hits } of pictures) {
    const { strike, ...screen } = devices[device];
    const { page, ownRow, playRound, beginRound, close } = await enter(browser, url, player, {
      ...screen,
      colorScheme,
    });
    await playRound(hits, strike);
    await ownRow.waitFor();
    await beginRound(5, strike);
    await page.screenshot({ path: `${folder}/demo-${device}-${colorScheme}.png` });
    if (device === "desktop") await pictureStand(page, `${folder}/demo-stand-${colorScheme}.png`);
    await close();
  }
} finally {
  sendGuestsAway();
  await browser.close();
}
