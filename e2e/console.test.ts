import { createClient } from "@grandstand/sdk";
import { operationNames } from "@grandstand/shared/contract";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { failingJobs } from "../server/test/support/failing-jobs.js";
import { freshPrefix, TEST_API_KEY, TEST_WEBHOOK_SECRET } from "../server/test/support/names.js";
import { type NodeProcess, startNode } from "../server/test/support/node-process.js";
import { type Receiver, startReceiver } from "../server/test/support/receiver.js";
import { RedisServers } from "../server/test/support/redis/servers.js";
import { overflowPx } from "./accessible.js";
import { openArcade, webDir } from "./arcade.js";
import { launchBrowser } from "./browser.js";
import { eventually } from "./eventually.js";
import { collectProblems } from "./page-problems.js";
import { enter } from "./player.js";

// Opening a page can take seconds on a slow machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let node: NodeProcess;
let receiver: Receiver;
/** The test has its own Redis, because a list of users scans all keys of Redis, and other tests leave many. */
let servers: RedisServers;
let redisUrl: string;
const prefix = freshPrefix();
let browser: Browser;
let console: Page;
let problems: string[];

beforeAll(async () => {
  receiver = await startReceiver();
  servers = await RedisServers.open();
  const { host, port } = await servers.start({});
  redisUrl = `redis://${host}:${port}`;
  node = await startNode({
    redisUrl,
    prefix,
    env: {
      GRANDSTAND_WEB: webDir,
      GRANDSTAND_WEBHOOK_SECRET: TEST_WEBHOOK_SECRET,
      GRANDSTAND_WEBHOOK_ALLOWED_RANGES: "127.0.0.1",
    },
  });
  await openArcade(node.url);
  const server = createClient({ url: node.url, token: TEST_API_KEY });
  await server.call("chat.send", { room: "terrace", text: "Welcome" });
  await server.call("counter.add", { counter: "boos", by: 1 });
  await server.call("session.create", { user: { id: "robin" } });
  server.close();
  browser = await launchBrowser();
  console = await signIn({ viewport: { width: 1440, height: 900 } });
  problems = collectProblems(console);
});

// Each test opens its pages itself. The blank page stops the scripts and requests of the previous page.
beforeEach(async () => {
  await console.goto("about:blank");
  // Leaving a page aborts its requests, which the page may log as errors.
  problems.length = 0;
});

afterEach(() => {
  expect(problems).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await node?.stop();
  await servers?.close();
  await receiver?.close();
});

async function signIn(options: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(`${node.url}/console`);
  await page.getByLabel("API key").fill(TEST_API_KEY);
  await page.keyboard.press("Enter");
  await page.locator(".shell").waitFor();
  return page;
}

/** Opens a page of the console, and waits for what it must show. */
async function open(page: Page, place: string, ready: string): Promise<void> {
  await page.goto(`${node.url}/console#/${place}`);
  await page.locator(ready).first().waitFor();
}

/** The violations that the accessibility checker axe finds on a page. */
async function faults(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ["violations"] }),
  );
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}

async function confirm(page: Page, action: string): Promise<void> {
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: action }).click();
  await eventually(() => dialog.count()).toBe(0);
}

it("OP15: the sign-in page shows why a wrong API key is refused, and keeps the key in the field", async () => {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${node.url}/console`);
  await page.getByLabel("API key").fill("wrong");
  await page.keyboard.press("Enter");
  await page.getByText("This is no API key, or it expired or was revoked").waitFor();
  expect(await page.getByLabel("API key").inputValue()).toBe("wrong");
  expect(await faults(page)).toEqual([]);
  await page.context().close();
});

it("OP15: the overview shows the node, what needs attention, and four charts", async () => {
  await open(console, "overview", ".node");
  await eventually(() => console.locator(".page-lead").textContent()).toMatch(/^1 node with \d+ connection/);
  expect(await console.locator(".attention").count()).toBe(1);
  expect(await console.locator(".chart").count()).toBe(4);
});

it("OP15: a user at once sees that an operator has deleted a message and muted the user", async () => {
  const ada = await enter(browser, node.url, "Ada");
  await ada.page.getByLabel("Your message").fill("Buy my coins");
  await ada.page.keyboard.press("Enter");
  await open(console, "rooms/terrace", ".message");
  const message = console.locator(".message", { hasText: "Buy my coins" });
  await message.getByRole("button", { name: "Sanction" }).click();
  await confirm(console, "Mute");
  await message.getByRole("button", { name: "Delete" }).click();
  await confirm(console, "Delete the message");
  await eventually(() => ada.page.locator(".message-deleted").count()).toBe(1);

  await console.getByLabel("Message to terrace, as the system").fill("No advertising, please");
  await console.keyboard.press("Enter");
  await ada.page.getByText("No advertising, please").waitFor();
  await ada.page.getByLabel("Your message").fill("But why");
  await ada.page.keyboard.press("Enter");
  await ada.page.getByText(/muted/i).first().waitFor();

  await console.getByRole("tab", { name: "Sanctions (1)" }).click();
  await console.getByRole("button", { name: "Unmute" }).click();
  await confirm(console, "End the mute");
  await console.getByText("Nobody is muted or banned here.").waitFor();
  await ada.close();
});

it("OP15: players at once see a score submitted and an entry removed in the console; a wrong score is explained at its field", async () => {
  const player = await enter(browser, node.url, "Cleo");
  await open(console, "boards/arcade", ".empty, .table");
  await console.getByRole("button", { name: "Submit a score" }).click();
  const dialog = console.getByRole("dialog");
  await dialog.getByLabel("Member required").fill("robin");
  await dialog.getByLabel("Score required", { exact: true }).fill("much");
  await dialog.getByRole("button", { name: "Submit" }).click();
  await dialog.getByText("Score must be a number").waitFor();
  await dialog.getByLabel("Score required", { exact: true }).fill("999999999");
  await dialog.getByRole("button", { name: "Submit" }).click();
  await dialog
    .getByText(/must not be above 100000/)
    .first()
    .waitFor();
  await dialog.getByLabel("Score required", { exact: true }).fill("4321");
  await dialog.getByRole("button", { name: "Submit" }).click();
  await eventually(() => dialog.count()).toBe(0);
  await console.getByRole("link", { name: "robin" }).waitFor();
  await player.rowOf("robin").waitFor();
  await console.getByRole("button", { name: "Remove robin" }).click();
  await confirm(console, "Remove the entry");
  await eventually(() => player.rowOf("robin").count()).toBe(0);
  await player.close();
});

it("OP15: a long board loads more entries when scrolled to its end; the last entry can be removed", async () => {
  const server = createClient({ url: node.url, token: TEST_API_KEY });
  const entries = 500;
  await server.call("leaderboard.configure", { board: "marathon" });
  const scores = Array.from({ length: entries }, (_, at) => ({
    member: `runner-${at}`,
    score: entries - at,
  }));
  await server.call("leaderboard.submitMany", { board: "marathon", scores });
  server.close();
  await open(console, "boards/marathon", ".table");
  await console.getByRole("link", { name: "runner-99", exact: true }).waitFor();
  const last = console.getByRole("row", { name: `runner-${entries - 1}` });
  await eventually(async () => {
    await console.getByRole("row").last().scrollIntoViewIfNeeded();
    return last.count();
  }).toBe(1);
  expect(await last.locator("td").first().textContent()).toBe(String(entries));
  // The page contains only the top entries, which are updated live, and the rows near the visible part. The attributes
  // tell a screen reader the number of all rows.
  expect(await console.getByRole("row").count()).toBeLessThan(400);
  expect(await console.getByRole("table").getAttribute("aria-rowcount")).toBe(String(entries + 1));
  expect(await last.getAttribute("aria-rowindex")).toBe(String(entries + 1));
  // The arrow keys move the focus between rows, and a focused row stays in the page when it is scrolled out
  // of view.
  await last.getByRole("button", { name: "Hide" }).focus();
  await console.keyboard.press("ArrowUp");
  const focused = () => console.evaluate(() => document.activeElement?.textContent);
  await eventually(focused).toBe(`Hide runner-${entries - 2}`);
  await console.evaluate(() => window.scrollTo(0, 0));
  await eventually(() => console.getByRole("row", { name: "runner-400" }).count()).toBe(0);
  expect(await focused()).toBe(`Hide runner-${entries - 2}`);
  await console.keyboard.press("End");
  await last.waitFor();
  expect(await faults(console)).toEqual([]);
  await last.getByRole("button", { name: "Remove" }).click();
  await confirm(console, "Remove the entry");
  await console.locator(".bar-note", { hasText: "499 entries" }).waitFor();
});

it("OP15: the page of a room with many messages contains only the messages near the visible part", async () => {
  const server = createClient({ url: node.url, token: TEST_API_KEY });
  const messages = 400;
  for (let at = 0; at < messages; at += 50) {
    const texts = Array.from({ length: 50 }, (_, number) => `Line ${at + number + 1}`);
    for (const text of texts) await server.call("chat.send", { room: "archive", text });
  }
  server.close();
  await open(console, "rooms/archive", ".message");
  const list = console.getByRole("list", { name: "Messages, oldest first" });
  await list.getByText(`Line ${messages}`, { exact: true }).waitFor();
  const older = console.getByRole("button", { name: /^Load/ });
  await eventually(async () => {
    if (await older.isEnabled({ timeout: 100 }).catch(() => false)) await older.click({ timeout: 5_000 });
    return older.count();
  }).toBe(0);
  await list.evaluate((element) => element.scrollTo(0, 0));
  const first = list.getByText("Line 1", { exact: true });
  await first.waitFor();
  expect(await list.getByRole("listitem").count()).toBeLessThan(250);
  expect(await faults(console)).toEqual([]);
  await list.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await list.getByText(`Line ${messages}`, { exact: true }).waitFor();
  await eventually(() => first.count()).toBe(0);
});

it("OP15: the explorer lists every operation; a write that is called there is in the audit log", async () => {
  await open(console, "explorer/counter.add", ".try");
  const listed = await console
    .locator(".explorer-list a")
    .evaluateAll((links) => links.map((link) => link.getAttribute("href")!.split("/").at(-1)));
  expect(listed.toSorted()).toEqual(operationNames.toSorted());
  // A skip link leads the keyboard past the list to the input.
  await console.locator("main").focus();
  await console.keyboard.press("Tab");
  await console.keyboard.press("Enter");
  expect(await console.evaluate(() => document.activeElement?.id)).toBe("explorer-input");
  await console.getByLabel("Input", { exact: true }).fill('{"counter": "yays", "by": 3}');
  await console.getByRole("button", { name: "Call" }).click();
  await console.getByText('"value": 3').waitFor();
  await console.getByRole("tab", { name: "curl" }).click();
  await console.getByText(`curl -X POST '${node.url}/v1/counters/yays/add'`).waitFor();
  await open(console, "audit", ".table");
  expect(await console.locator("tbody td:nth-child(3)").allTextContents()).toContain("counter.add");
});

it("OP15: a board shows the profile that the console gave a user, and none after the console deleted it", async () => {
  const server = createClient({ url: node.url, token: TEST_API_KEY });
  await server.call("leaderboard.configure", { board: "named" });
  await server.call("leaderboard.submit", { board: "named", member: "robin", score: 1 });
  const nameOnBoard = async () =>
    (await server.call("leaderboard.entry", { board: "named", member: "robin" })).profile?.name;
  await open(console, "users/robin", ".panel");
  await console.getByRole("button", { name: "Give a profile" }).click();
  const dialog = console.getByRole("dialog");
  await dialog.getByRole("button", { name: "Save the profile" }).click();
  await dialog
    .getByText(/^Name .*(required|must|expected)/i)
    .first()
    .waitFor();
  await dialog.getByLabel("Name required").fill("Robin Hood");
  await dialog.getByRole("button", { name: "Save the profile" }).click();
  await console.getByText("Robin Hood").waitFor();
  await eventually(nameOnBoard).toBe("Robin Hood");
  await console.getByRole("button", { name: "Delete the profile" }).click();
  await confirm(console, "Delete the profile");
  await console.getByText("No profile.").waitFor();
  await eventually(nameOnBoard).toBeUndefined();
  server.close();
});

it("OP15: erasing a user in the console signs the user out, removes the messages and reports what was removed", async () => {
  const ben = await enter(browser, node.url, "Ben");
  await ben.page.getByLabel("Your message").fill("Forget me");
  await ben.page.keyboard.press("Enter");
  await open(console, "rooms/terrace", ".message");
  const message = console.locator(".message", { hasText: "Forget me" });
  await message.getByRole("link", { name: "Ben" }).click();
  await eventually(() => console.getByText("1 message").count()).toBe(1);
  await console.getByRole("button", { name: "Erase" }).click();
  const dialog = console.getByRole("dialog");
  await dialog.getByRole("button", { name: "Erase" }).click();
  await dialog.getByText("chat messages").waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();
  await ben.page.getByLabel("Your name on the board").waitFor();
  await open(console, "rooms/terrace", ".message");
  await eventually(() => console.getByText("Forget me").count()).toBe(0);
  await ben.close();
});

it("OP15: a webhook created in the console shows a dead letter with its reason, and a replay delivers the event", async () => {
  receiver.answer((_, response) => void response.writeHead(410).end());
  await open(console, "webhooks", ".empty");
  await console.getByRole("button", { name: "New webhook" }).click();
  const dialog = console.getByRole("dialog");
  await dialog.getByLabel("Url required").fill("ftp://example.com");
  await dialog.getByRole("button", { name: "Create the webhook" }).click();
  await dialog.getByText("Url must be an http or https URL").waitFor();
  await dialog.getByLabel("Url required").fill(receiver.url);
  await dialog.getByText("Counter.threshold").click();
  await dialog.getByLabel("Ids", { exact: true }).fill("dead-*\nletter-*");
  await dialog.getByRole("button", { name: "Create the webhook" }).click();
  await dialog.getByText("whsec_").waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();
  await console.getByRole("link", { name: receiver.url }).click();

  await console.getByRole("button", { name: "Send a test" }).click();
  await dialog.getByText("Status 410").waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();

  const server = createClient({ url: node.url, token: TEST_API_KEY });
  await server.call("counter.configure", { counter: "dead-1", thresholds: [5] });
  await server.call("counter.add", { counter: "dead-1", by: 7 });
  server.close();
  await console.getByRole("tab", { name: "Dead letters (1)" }).waitFor();
  await console.getByText("the receiver answered 410").waitFor();
  receiver.answer((_, response) => void response.end());
  await console.getByRole("button", { name: /^Replay evt_/ }).click();
  await console.getByRole("tab", { name: "Delivered (1)" }).click();
  await console.locator(".row", { hasText: "counter.threshold" }).waitFor();

  await console.getByRole("tab", { name: "Settings" }).click();
  await console.getByLabel("Ids", { exact: true }).fill("dead-*");
  await console.getByRole("button", { name: "Save the settings" }).click();
  await console.getByText("Saved the settings").waitFor();
  await console.getByRole("button", { name: "Delete" }).click();
  await confirm(console, "Delete the webhook");
  await console.getByText("There is no webhook yet.").waitFor();
});

it("OP15: the console shows a failed job of a node with its reason, and Retry runs the job again", async () => {
  const jobs = failingJobs(prefix, redisUrl);
  const { board, mend } = await jobs.addSeasonEnd();
  await open(console, "jobs", ".tab-panel");
  const row = console.locator(".row", { hasText: board });
  await row.getByText(/WRONGTYPE/).waitFor();
  await mend();
  await row.getByRole("button", { name: `Retry Close a season ${board}` }).click();
  await console.getByText("No job failed for good.").waitFor();
  await jobs.close();
});

it("OP15: the console shows failed jobs of the app with reason and payload, and retries or removes one or all", async () => {
  const server = createClient({ url: node.url, token: TEST_API_KEY });
  for (let at = 0; at < 20; at += 1) {
    await server.call("job.add", { queue: "mails", job: `mail-${at}`, payload: { to: at }, attempts: 1 });
  }
  const fail = async () => {
    const token = crypto.randomUUID();
    const { jobs } = await server.call("job.take", { queue: "mails", token, limit: 16 });
    for (const { job } of jobs) {
      await server.call("job.fail", { queue: "mails", job, token, reason: `No mailbox for ${job}` });
    }
  };
  await fail();
  await fail();
  await open(console, "jobs", ".tab-panel");
  await console.getByRole("link", { name: /^mails.*20 failed/ }).click();
  const row = console.locator(".row", { hasText: "No mailbox for mail-19" });
  await row.getByText('{"to":19}').waitFor();
  expect(await faults(console)).toEqual([]);
  await row.getByRole("button", { name: "Retry" }).click();
  await console.getByRole("tab", { name: "Failed (19)" }).waitFor();
  await console.getByRole("tab", { name: "Waiting (1)" }).click();
  await console.getByRole("button", { name: "Remove mail-19" }).click();
  await confirm(console, "Remove the job");
  await console.getByText("No job waits for a worker.").waitFor();

  await console.getByRole("tab", { name: "Failed (19)" }).click();
  await console.getByText("1 to 16 of 19 jobs").waitFor();
  await console.getByRole("button", { name: "Further" }).click();
  await console.getByText("17 to 19 of 19 jobs").waitFor();
  await console.getByRole("button", { name: "Retry all failed" }).click();
  await confirm(console, "Retry them");
  await console.getByText("19 of 19 retried").waitFor();
  await console.getByRole("tab", { name: "Waiting (19)" }).waitFor();
  await fail();
  await fail();
  // Another client removes one of the jobs while the dialog is open. The console removes the other 18.
  await console.getByRole("button", { name: "Remove all failed" }).click();
  const dialog = console.getByRole("dialog");
  await dialog.getByText("Remove 19 failed jobs?").waitFor();
  await server.call("job.remove", { queue: "mails", job: "mail-4" });
  await dialog.getByRole("button", { name: "Remove them" }).click();
  await console.getByText("18 of 18 removed").waitFor();
  await eventually(() => dialog.count()).toBe(0);
  await console.getByRole("tab", { name: "Failed (0)" }).waitFor();

  await console.getByRole("button", { name: "Add a job" }).click();
  await dialog.getByLabel("Payload required").fill('{"to": "ann"}');
  await dialog.getByRole("button", { name: "Add the job" }).click();
  await eventually(() => dialog.count()).toBe(0);
  await console.getByRole("tab", { name: "Waiting (1)" }).waitFor();
  server.close();
});

it("OP15: the console holds and releases a lock, stores and invalidates a cache entry, and reads a limit", async () => {
  const server = createClient({ url: node.url, token: TEST_API_KEY });
  await open(console, "tools", ".panel");
  const dialog = console.getByRole("dialog");
  await console.getByLabel("Id of the lock").fill("invoices");
  await console.keyboard.press("Enter");
  await console.getByText("free", { exact: true }).waitFor();
  await console.getByRole("button", { name: "Hold the lock" }).click();
  await dialog.getByRole("button", { name: "Hold the lock" }).click();
  await dialog.getByText("You hold it for").waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();
  await console.getByText("held", { exact: true }).waitFor();
  expect((await server.call("lock.acquire", { lock: "invoices", ttlMs: 1_000 })).acquired).toBe(false);
  await console.getByRole("button", { name: "Release" }).click();
  await dialog.getByRole("button", { name: "Release the lock" }).click();
  await dialog.getByText("The lock is free.").waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();
  await console.getByText("free", { exact: true }).waitFor();

  await console.getByLabel("Id of the cache").fill("prices");
  await console.getByLabel("Key of the entry").fill("apple");
  await console.keyboard.press("Enter");
  await console.getByText("No such entry.").waitFor();
  await console.getByRole("button", { name: "Store a value" }).click();
  await dialog.getByLabel("Value required").fill('{"cents": 40}');
  await dialog.getByLabel(/^Ttl/).fill("60000");
  await dialog.getByLabel("Tags", { exact: true }).fill("fruit");
  await dialog.getByRole("button", { name: "Store" }).click();
  await console.getByText('"cents": 40').waitFor();
  expect(await faults(console)).toEqual([]);
  await console.getByRole("button", { name: "Invalidate" }).click();
  await dialog.getByLabel("Tags", { exact: true }).fill("fruit");
  await dialog.getByRole("button", { name: "Invalidate" }).click();
  await console.getByText("No such entry.").waitFor();

  await server.call("limit.check", { limit: "login", key: "robin", points: 5, windowMs: 3_600_000, cost: 2 });
  await console.getByRole("button", { name: "Check a limit" }).click();
  for (const [label, value] of [
    ["Limit", "login"],
    ["Key", "robin"],
    ["Points", "5"],
  ] as const) {
    await dialog.getByLabel(`${label} required`).fill(value);
  }
  await dialog.getByLabel(/^Window/).fill("3600000");
  await dialog.getByRole("button", { name: "Check" }).click();
  await dialog.locator("dd", { hasText: /^3$/ }).waitFor();
  await dialog.getByRole("button", { name: "Done" }).click();
  server.close();
});

it("OP15: the console finds a hidden member of a board, shows the member again and saves metadata", async () => {
  const server = createClient({ url: node.url, token: TEST_API_KEY });
  await server.call("leaderboard.configure", { board: "veiled" });
  await server.call("leaderboard.submit", { board: "veiled", member: "robin", score: 7 });
  await server.call("leaderboard.hide", { board: "veiled", member: "robin" });
  await open(console, "boards/veiled", ".empty");
  await console.getByText("Find a member, also a hidden one").click();
  await console.getByLabel("Member", { exact: true }).fill("robin");
  await console.getByRole("button", { name: "Find" }).click();
  await console.getByText("rank 1, 7").waitFor();
  await console.setViewportSize({ width: 390, height: 844 });
  expect(await overflowPx(console)).toBeLessThanOrEqual(0);
  expect(await faults(console)).toEqual([]);
  await console.setViewportSize({ width: 1440, height: 900 });
  await console.getByRole("button", { name: "Show again" }).click();
  await confirm(console, "Show the member");
  await console.getByRole("row", { name: /robin/ }).waitFor();
  await console.getByRole("button", { name: "Metadata" }).click();
  await console.getByRole("dialog").getByLabel("Metadata").fill('{"car": "red"}');
  await console.getByRole("dialog").getByRole("button", { name: "Save the metadata" }).click();
  await console.getByRole("cell", { name: '{"car":"red"}' }).waitFor();
  server.close();
});

it("OP15: a trace begun in the console shows the connections that received a user's message", async () => {
  const dora = await enter(browser, node.url, "Dora");
  await open(console, "rooms/terrace", ".message");
  await dora.page.getByLabel("Your message").fill("Before the trace");
  await dora.page.keyboard.press("Enter");
  const own = console.locator(".message", { hasText: "Before the trace" });
  const user = (await own.getByRole("link", { name: "Dora" }).getAttribute("href"))!.split("/").at(-1)!;
  await open(console, "trace", ".empty");
  await console.getByLabel("Room").fill("terrace");
  await console.getByLabel("User").fill(decodeURIComponent(user));
  await console.getByRole("button", { name: "Begin" }).click();
  await console.getByText("Nothing happened yet.").waitFor();
  await dora.page.getByLabel("Your message").fill("Where does this go?");
  await dora.page.keyboard.press("Enter");
  await console.locator(".trace-records .row", { hasText: "published" }).waitFor();
  await console.locator(".trace-records .row", { hasText: "handed to" }).first().waitFor();
  expect(await faults(console)).toEqual([]);
  await console.getByRole("button", { name: "End now" }).click();
  await console.getByText("over", { exact: true }).waitFor();
  await dora.close();
});

const places: [place: string, ready: string][] = [
  ["overview", ".node"],
  ["boards", ".row"],
  ["boards/arcade", ".tab-panel"],
  ["rooms", ".row"],
  ["rooms/terrace", ".message"],
  ["counters", ".row"],
  ["counters/boos", ".counter-value"],
  ["users", ".row"],
  ["users/nobody", ".panel"],
  ["inspector/chat%3Aterrace", ".frames li"],
  ["explorer/leaderboard.submit", ".try"],
  ["trace", ".empty"],
  ["jobs", ".tab-panel"],
  ["jobs/nothing", ".empty"],
  ["webhooks", ".empty, .row"],
  ["webhooks/wh_Qm9vdHMtYW5kLUNh", ".empty"],
  ["tools", ".panel"],
  ["keys", ".empty, .row"],
  ["audit", ".table"],
  ["nowhere", ".empty"],
];

it("OP15: no page has an accessibility violation or overflows, on a desktop in light and on a phone in dark", async () => {
  const phone = await signIn({
    viewport: { width: 360, height: 780 },
    hasTouch: true,
    isMobile: true,
    colorScheme: "dark",
    reducedMotion: "reduce",
  });
  const look = async (page: Page) => {
    for (const [place, ready] of places) {
      await open(page, place, ready);
      expect(await faults(page), place).toEqual([]);
      expect(await overflowPx(page), place).toBeLessThanOrEqual(0);
    }
  };
  await Promise.all([look(console), look(phone)]);
  // If the bar at the top of the phone's page covers an element that gets the focus, the page scrolls until the element is
  // visible.
  await open(phone, "counters/boos", ".counter-value");
  await phone.evaluate(() => {
    document.body.style.paddingBlockEnd = "200vh";
    document.querySelector<HTMLElement>(".page-actions a")!.focus();
    window.scrollBy(0, document.querySelector(".back")!.getBoundingClientRect().top - 10);
  });
  await phone.keyboard.press("Shift+Tab");
  const bar = (await phone.locator(".topbar").boundingBox())!;
  expect((await phone.locator(".back").boundingBox())!.y).toBeGreaterThanOrEqual(bar.y + bar.height);
  await phone.context().close();
});

it("OP15: a moderator deletes a message with the keyboard only", async () => {
  const server = createClient({ url: node.url, token: TEST_API_KEY });
  await server.call("chat.send", { room: "stand", text: "Spam" });
  server.close();
  const page = await signIn({ viewport: { width: 1440, height: 900 } });
  const focused = () =>
    page.evaluate(() => (document.activeElement?.textContent || document.activeElement?.ariaLabel) ?? "");
  const tabTo = async (name: RegExp) => {
    for (let stops = 0; stops < 60; stops += 1) {
      await page.keyboard.press("Tab");
      if (name.test(await focused())) return;
    }
    throw new Error(`The tab key does not reach ${name}`);
  };
  await tabTo(/^Rooms$/);
  await page.keyboard.press("Enter");
  await page.getByRole("link", { name: /^stand/ }).waitFor();
  await tabTo(/^stand/);
  await page.keyboard.press("Enter");
  await page.locator(".message", { hasText: "Spam" }).waitFor();
  await tabTo(/^Delete message 1/);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await tabTo(/^Delete the message$/);
  await page.keyboard.press("Enter");
  await page.getByText("This message was deleted.").waitFor();
  await eventually(() => dialog.count()).toBe(0);
  // The deleted message has no button any more, and no other message can be deleted, so the tab that names the
  // list gets the focus.
  await eventually(focused).toBe("Messages");
  await page.context().close();
});

it("OP15: after a row was removed, the focus moves to a neighbouring row, or to the name of an empty list", async () => {
  const server = createClient({ url: node.url, token: TEST_API_KEY });
  await server.call("leaderboard.configure", { board: "bench" });
  for (const user of ["ana", "bea", "cyd"]) {
    await server.call("chat.setMember", { room: "bench", user, role: "member" });
    await server.call("leaderboard.submit", { board: "bench", member: user, score: 1 });
  }
  await server.call("chat.moderate", { room: "bench", user: "ana", action: "mute" });
  await server.call("key.create", { name: "spare", scopes: ["chat:read"] });
  server.close();
  const focused = () => console.evaluate(() => document.activeElement?.textContent);
  const dialog = console.getByRole("dialog");
  /** Opens a dialog by its button, and presses `steps` in it. Tab and Enter confirm; Enter alone and Escape cancel. */
  const remove = async (name: string, steps = ["Tab", "Enter"]) => {
    await console.getByRole("button", { name }).focus();
    await console.keyboard.press("Enter");
    await dialog.waitFor();
    for (const key of steps) await console.keyboard.press(key);
    await eventually(() => dialog.count()).toBe(0);
  };
  await open(console, "rooms/bench", ".tab-panel");
  await console.getByRole("tab", { name: "Messages" }).focus();
  await console.keyboard.press("End");
  await eventually(focused).toBe("Settings");
  await console.keyboard.press("Home");
  await eventually(focused).toBe("Messages");
  await console.getByRole("tab", { name: "Members" }).click();
  await remove("Remove ana", ["Escape"]);
  expect(await focused()).toBe("Remove ana");
  await remove("Remove ana", ["Enter"]);
  expect(await focused()).toBe("Remove ana");
  await remove("Remove ana");
  await eventually(focused).toBe("Remove bea");
  await remove("Remove cyd");
  await eventually(focused).toBe("Remove bea");
  await remove("Remove bea");
  await eventually(focused).toBe("Members");

  await console.getByRole("tab", { name: "Sanctions" }).click();
  await remove("Unmute ana");
  await eventually(focused).toBe("Sanctions");

  await open(console, "boards/bench", ".table");
  await remove("Remove ana");
  await eventually(focused).toBe("Remove bea");

  await open(console, "keys", ".row");
  await remove("Revoke spare");
  await eventually(focused).toBe("API keys");
});

it("OP15: a button that is disabled while its call runs has the focus again afterwards, also after a second click", async () => {
  await open(console, "explorer/counter.list", ".try");
  const button = console.getByRole("button", { name: "Call", exact: true });
  /** How many calls have ended. The button is enabled again after each of them. */
  let ended = 0;
  await console.exposeFunction("callEnded", () => {
    ended += 1;
  });
  await button.evaluate((element: HTMLButtonElement) => {
    const { callEnded } = window as unknown as { callEnded(): void };
    const onChange = () => !element.disabled && callEnded();
    new MutationObserver(onChange).observe(element, { attributeFilter: ["disabled"] });
  });
  for (const click of [1, 2]) {
    await button.click();
    await eventually(() => ended).toBe(click);
    expect(await button.evaluate((element) => element === document.activeElement)).toBe(true);
  }
});

it("OP15: nothing moves if the user prefers reduced motion", async () => {
  const page = await signIn({ reducedMotion: "reduce" });
  for (const [place, ready] of [
    ["inspector/chat%3Aterrace", ".frames li"],
    ["overview", ".node"],
    ["rooms/terrace", ".message"],
  ] as const) {
    await open(page, place, ready);
    expect(await page.evaluate(() => document.getAnimations().length), place).toBe(0);
  }
  await page.context().close();
});

it("OP15: after a sign-out the console asks for the API key, also after a reload", async () => {
  const page = await signIn({});
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("API key").waitFor();
  await page.reload();
  await page.getByLabel("API key").waitFor();
  await page.context().close();
});
