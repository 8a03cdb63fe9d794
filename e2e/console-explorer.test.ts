import { createClient } from "@grandstand/sdk";
import { type OperationName, operationNames } from "@grandstand/shared/contract";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, inject, it, vi } from "vitest";
import { freshPrefix, TEST_API_KEY, TEST_WEBHOOK_SECRET } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";

// The test opens a page for each of a hundred calls, which can take minutes on a slow machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 60_000 });

/**
 * Operations that are called last, because they hide, close or remove what other calls need. An entry is
 * removed before its board, and a message before its room.
 */
const removals: readonly OperationName[] = [
  "leaderboard.hide",
  "leaderboard.show",
  "leaderboard.remove",
  "leaderboard.close",
  "leaderboard.delete",
  "chat.delete",
  "chat.removeMember",
  "chat.drop",
  "presence.drop",
  "counter.delete",
  "user.revoke",
  "user.erase",
];
const calls = [...operationNames.filter((name) => !removals.includes(name)), ...removals];

/**
 * The operations whose example fails here, by error code. Most of them need a user as caller, or name
 * something that does not exist.
 */
const refusals: Record<string, readonly OperationName[]> = {
  forbidden: [
    "chat.react",
    "chat.unreact",
    "chat.typing",
    "chat.read",
    "chat.unread",
    "chat.rooms",
    "presence.enter",
    "presence.update",
    "presence.leave",
  ],
  not_found: [
    "webhook.update",
    "webhook.test",
    "webhook.deliveries",
    "webhook.replay",
    "webhook.delete",
    "chat.member",
    "cache.get",
    "admin.trace",
    "session.revoke",
    "key.revoke",
  ],
  unauthenticated: ["auth.refresh"],
  conflict: ["lock.renew", "job.fail"],
};
const refused = Object.fromEntries(
  Object.entries(refusals).flatMap(([code, operations]) => operations.map((operation) => [operation, code])),
);

let node: NodeProcess;
let browser: Browser;

beforeAll(async () => {
  node = await startNode({
    redisUrl: inject("redisUrl"),
    prefix: freshPrefix(),
    env: { GRANDSTAND_WEB: webDir, GRANDSTAND_WEBHOOK_SECRET: TEST_WEBHOOK_SECRET },
  });
  const server = createClient({ url: node.url, token: TEST_API_KEY });
  await server.call("leaderboard.configure", { board: "arcade", windows: ["all", "weekly"] });
  await server.call("leaderboard.submit", { board: "arcade", member: "ada", score: 1 });
  await server.call("chat.send", { room: "lobby", text: "Hello" });
  server.close();
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
});

it("OP15: the API explorer calls each operation of the contract with its example, and shows the answer of the node", async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${node.url}/console`);
  await page.getByLabel("API key").fill(TEST_API_KEY);
  await page.keyboard.press("Enter");
  await page.locator(".shell").waitFor();
  const answers: Record<string, string> = {};
  for (const operation of calls) {
    await page.evaluate((hash) => location.assign(hash), `#/explorer/${operation}`);
    await page.getByRole("heading", { name: operation, exact: true }).waitFor();
    await page.getByRole("button", { name: "Call" }).click();
    const answer = page.locator(".try").getByRole("status");
    await answer.waitFor();
    answers[operation] = (await answer.textContent())!.replace(/ after .*/, "");
  }
  expect(answers).toEqual(
    Object.fromEntries(calls.map((operation) => [operation, refused[operation] ?? "ok"])),
  );
  await page.context().close();
});
