/**
 * Takes screenshots of every page of the console of a running demo. `npm run pictures` starts a demo and runs
 * this program:
 *
 *     node --import tsx --conditions=@grandstand/source e2e/console-screenshots.ts http://127.0.0.1:8080 demo-key folder [socket of its Redis]
 */
import type { Page } from "playwright";
import { launchBrowser } from "./browser.js";
import { seedHistory } from "./console-history.js";
import { prepareScene } from "./console-scene.js";
import { connectGuests } from "./guests.js";

const [url, key, folder, redisPath] = process.argv.slice(2);
if (url === undefined || key === undefined || folder === undefined) {
  throw new Error("The URL of a node, an API key and a folder are needed");
}

const devices = {
  desktop: { viewport: { width: 1440, height: 900 } },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};

if (redisPath !== undefined) await seedHistory(url, key, redisPath);
const scene = await prepareScene(url, key);

/** The pages, each with the selector of an element that must be visible before the picture is taken. */
const pages: { name: string; hash: string; ready: string; before?: (page: Page) => Promise<void> }[] = [
  { name: "overview", hash: "overview", ready: ".node" },
  { name: "boards", hash: "boards", ready: ".row" },
  { name: "board", hash: "boards/arcade", ready: ".table" },
  {
    name: "board-rules",
    hash: "boards/arcade",
    ready: ".table",
    before: (page) => page.getByRole("tab", { name: "Rules" }).click(),
  },
  { name: "rooms", hash: "rooms", ready: ".row" },
  { name: "room", hash: "rooms/terrace", ready: ".message" },
  { name: "counters", hash: "counters", ready: ".row" },
  { name: "counter", hash: "counters/cheers%3Aclaps", ready: ".counter-value" },
  { name: "users", hash: "users", ready: ".row" },
  { name: "user", hash: "users/Maya", ready: ".panel" },
  { name: "inspector", hash: "inspector/chat%3Aterrace", ready: ".frames li", before: scene.talk },
  { name: "explorer", hash: "explorer/leaderboard.submit", ready: ".try" },
  { name: "trace", hash: `trace/${scene.trace}`, ready: ".trace-records .row" },
  {
    name: "jobs",
    hash: "jobs",
    ready: ".tab-panel",
    before: (page) => page.getByRole("tab", { name: "Due later" }).click(),
  },
  { name: "queue", hash: "jobs/mails", ready: ".row" },
  { name: "webhooks", hash: "webhooks", ready: ".row" },
  { name: "webhook", hash: `webhooks/${scene.webhook}`, ready: ".row" },
  {
    name: "webhook-settings",
    hash: `webhooks/${scene.webhook}`,
    ready: ".row",
    before: (page) => page.getByRole("tab", { name: "Settings" }).click(),
  },
  { name: "tools", hash: "tools", ready: ".panel" },
  { name: "keys", hash: "keys", ready: ".empty, .row" },
  { name: "audit", hash: "audit", ready: ".table" },
];

const browser = await launchBrowser();
const disconnectGuests = await connectGuests(url);
try {
  for (const [device, screen] of Object.entries(devices)) {
    for (const colorScheme of ["light", "dark"] as const) {
      const context = await browser.newContext({ ...screen, colorScheme });
      const page = await context.newPage();
      page.on("console", (message) => message.type() === "error" && console.error(message.text()));
      page.on("pageerror", (error) => console.error(error.message));
      await page.goto(new URL("/console", url).href);
      await page.getByLabel("API key").waitFor();
      await page.screenshot({ path: `${folder}/console-sign-in-${device}-${colorScheme}.png` });
      await page.getByLabel("API key").fill(key);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.locator(".shell").waitFor();
      for (const { name, hash, ready, before } of pages) {
        await page.goto(new URL(`/console#/${hash}`, url).href);
        await page.locator(ready).first().waitFor();
        await before?.(page);
        await page.evaluate(() => document.fonts.ready);
        await page.mouse.move(0, 0);
        await page.waitForTimeout(600);
        await page.screenshot({ path: `${folder}/console-${name}-${device}-${colorScheme}.png` });
      }
      await context.close();
    }
  }
} finally {
  disconnectGuests();
  await browser.close();
  await scene.close();
}
