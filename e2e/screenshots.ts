/**
 * Takes the screenshots of a running demo for the README and the docs. The picture of a killed node needs a
 * demo with several nodes.
 *
 * node --import tsx --conditions=@grandstand/source e2e/screenshots.ts http://127.0.0.1:8080
 */
import { fileURLToPath } from "node:url";
import type { Page } from "playwright";
import { launchBrowser } from "./browser.js";
import { connectGuests } from "./guests.js";
import { byKeyboard, byPointer, enter, type Strike } from "./player.js";

const [url] = process.argv.slice(2);
if (url === undefined) throw new Error("The URL of a running node is needed");

const folder = fileURLToPath(new URL("../docs/images", import.meta.url));

/**
 * The time that a practised player needs to hit one seat (a button of the game). Without this delay, the pictures would
 * show scores that no person can reach.
 */
const REACTION_MS = 380;
const atHumanSpeed = (strike: Strike): Strike => {
  return async (page, seat) => {
    await page.waitForTimeout(REACTION_MS);
    await strike(page, seat);
  };
};

const devices = {
  desktop: { viewport: { width: 1440, height: 900 }, strike: atHumanSpeed(byKeyboard) },
  phone: {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true,
    isMobile: true,
    strike: atHumanSpeed(byPointer),
  },
};

/** In each picture the player has a score on the board and is in the middle of the next round. */
const pictures = [
  { device: "desktop", colorScheme: "light", player: "Robin", hits: 10 },
  { device: "desktop", colorScheme: "dark", player: "Sasha", hits: 12 },
  { device: "phone", colorScheme: "light", player: "Kim", hits: 11 },
  { device: "phone", colorScheme: "dark", player: "Alex", hits: 13 },
] as const;

/** Takes a picture of the stand (the panel that shows who is in the room), with a small margin. */
async function captureStand(page: Page, path: string): Promise<void> {
  const stand = page.locator(".crowd");
  await stand.scrollIntoViewIfNeeded();
  const box = await stand.boundingBox();
  if (!box) throw new Error("The page shows no stand");
  const margin = 12;
  const { x, y, width, height } = box;
  const clip = { x: x - margin, y: y - margin, width: width + 2 * margin, height: height + 2 * margin };
  await page.screenshot({ path, clip });
}

/** In a demo with several nodes: kills the node that serves the page, and takes a picture of the result. */
async function captureProof(page: Page, path: string): Promise<void> {
  const kill = page.getByRole("button", { name: "Kill this node" });
  if (!(await kill.isVisible())) return;
  await kill.click();
  await page.mouse.move(0, 0);
  await page.locator('.proof-result[data-step="done"]').waitFor();
  await page.locator(".proof").screenshot({ path });
}

const browser = await launchBrowser();
const disconnectGuests = await connectGuests(url);
try {
  for (const { device, colorScheme, player, hits } of pictures) {
    const { strike, ...screen } = devices[device];
    const { page, ownRow, playRound, beginRound, close } = await enter(browser, url, player, {
      ...screen,
      colorScheme,
    });
    await playRound(hits, strike);
    await ownRow.waitFor({ state: "attached" });
    await beginRound(5, strike);
    await page.screenshot({ path: `${folder}/demo-${device}-${colorScheme}.png` });
    if (device === "desktop") {
      await captureStand(page, `${folder}/demo-stand-${colorScheme}.png`);
      await captureProof(page, `${folder}/demo-nodes-${colorScheme}.png`);
    }
    await close();
  }
} finally {
  disconnectGuests();
  await browser.close();
}
