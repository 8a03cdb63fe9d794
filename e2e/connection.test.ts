import { createClient } from "@grandstand/sdk";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { freshPrefix, TEST_API_KEY } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { eventually } from "./eventually.js";
import { enterOn, type Player } from "./player.js";

let node: NodeProcess;
let browser: Browser;
let score = 900;

beforeAll(async () => {
  node = await startNode({
    redisUrl: inject("redisUrl"),
    prefix: freshPrefix(),
    env: { GRANDSTAND_WEB: webDir },
  });
  await openArcade(node.url, { mara: score });
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await node.stop();
});

/** Raises a score on the server and waits until the page shows it. */
async function seesAnotherScore(player: Player): Promise<void> {
  score += 1;
  const server = createClient({ url: node.url, token: TEST_API_KEY });
  await server.leaderboard("arcade").submit({ member: "mara", score });
  server.close();
  await player.rowOf("mara").getByText(String(score)).waitFor({ timeout: 5_000 });
}

describe("SD3 the demo's page", () => {
  it("uses a plain WebSocket, and does not load the code of Socket.IO", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const opened: string[] = [];
    page.on("websocket", (socket) => opened.push(new URL(socket.url()).pathname));
    const requested: string[] = [];
    page.on("request", (request) => requested.push(request.url()));
    const player = await enterOn(page, node.url, "Ada");
    await seesAnotherScore(player);
    expect(opened).toEqual(["/v1/ws"]);
    expect(requested.filter((url) => url.includes("socket.io"))).toEqual([]);
    await context.close();
  });

  it("uses long-polling where WebSockets are blocked", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.routeWebSocket(/./, (socket) => socket.close());
    const polled = page.waitForRequest(/transport=polling/);
    const player = await enterOn(page, node.url, "Bo");
    await seesAnotherScore(player);
    await polled;
    await context.close();
  });
});

describe.each(["websocket", "polling"] as const)("SD6 over %s", (transport) => {
  it("a page from the back/forward cache is live again within 5 s", { timeout: 60_000 }, async () => {
    const caching = await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu"],
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    });
    try {
      const page = await (await caching.newContext()).newPage();
      if (transport === "polling") await page.addInitScript("globalThis.WebSocket = undefined");
      const player = await enterOn(page, node.url, "Cleo");
      await page.evaluate(() => Object.assign(window, { isTheSamePage: true }));
      for (const _ of [1, 2, 3]) {
        await page.goto(`${node.url}/openapi.json`);
        // Playwright's goBack would wait for a load event, which a page from the back/forward cache does not
        // emit.
        void page.evaluate(() => history.back()).catch(() => {});
        await eventually(() => page.evaluate(() => "isTheSamePage" in window).catch(() => false)).toBe(true);
        await player.badge.and(page.locator('[data-status="live"]')).waitFor({ timeout: 5_000 });
        await seesAnotherScore(player);
      }
    } finally {
      await caching.close();
    }
  });

  it("a page that was frozen follows the board again, and shows that it is live", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    if (transport === "polling") await page.addInitScript("globalThis.WebSocket = undefined");
    const player = await enterOn(page, node.url, "Dan");
    const devtools = await context.newCDPSession(page);
    await devtools.send("Page.setWebLifecycleState", { state: "frozen" });
    await devtools.send("Page.setWebLifecycleState", { state: "active" });
    await seesAnotherScore(player);
    await eventually(() => player.badge.getAttribute("data-status")).toBe("live");
    await context.close();
  });
});

describe("the SDK on a page without the demo", () => {
  /** Opens a page with the SDK as `window.sdk`: the node's own page, or an empty one of another origin. */
  async function openPage(foreignOrigin?: string): Promise<Page> {
    const context = await browser.newContext({ bypassCSP: true });
    const page = await context.newPage();
    if (foreignOrigin !== undefined) await page.route(foreignOrigin, (route) => route.fulfill({ body: "" }));
    await page.goto(foreignOrigin ?? node.url);
    const { outputFiles } = await build({
      stdin: { contents: 'export * from "@grandstand/sdk"', resolveDir: import.meta.dirname },
      bundle: true,
      write: false,
      format: "iife",
      globalName: "sdk",
      conditions: ["@grandstand/source"],
    });
    await page.addScriptTag({ content: outputFiles[0]?.text ?? "" });
    return page;
  }

  it.each(["websocket", "socketio", "polling"] as const)(
    "SD4 connects by session cookie over %s",
    async (route) => {
      const page = await openPage();
      const [created, connected] = await page.evaluate(async (route) => {
        const response = await fetch("/v1/sessions", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ name: "Eve", cookie: true }),
        });
        const { user } = await response.json();
        if (route === "polling") Object.assign(window, { WebSocket: undefined });
        // biome-ignore lint/suspicious/noExplicitAny: a global of the page
        const { createClient } = (window as any).sdk;
        const client = createClient({ transport: route === "polling" ? "auto" : route });
        await client.sessions.list();
        const { id } = client.connection.get().welcome.user;
        client.close();
        return [user.id, id];
      }, route);
      expect(connected).toBe(created);
      await page.context().close();
    },
  );

  it("reports on a page of another origin the setting of the server that would allow the origin", async () => {
    const page = await openPage("http://elsewhere.example/");
    const message = await page.evaluate(async (url) => {
      // biome-ignore lint/suspicious/noExplicitAny: a global of the page
      const { createClient } = (window as any).sdk;
      const client = createClient({ url, token: "any" });
      client.connect();
      while (client.connection.get().error === null) await new Promise((resolve) => setTimeout(resolve, 50));
      const { error } = client.connection.get();
      client.close();
      return error.message;
    }, node.url);
    expect(message).toContain("pages of http://elsewhere.example (GRANDSTAND_CORS_ORIGINS)");
    await page.context().close();
  });
});
