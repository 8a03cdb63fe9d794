import { spawnSync } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { createServerClient } from "@grandstand/sdk/server";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { freshPrefix, TEST_API_KEY } from "../../server/test/support/names.js";
import { type NodeProcess, startNode } from "../../server/test/support/node-process.js";
import { openArcade } from "../arcade.js";
import { launchBrowser } from "../browser.js";
import { type Command, runCommand, startCommand } from "../command.js";
import { eventually } from "../eventually.js";
import { collectProblems } from "../page-problems.js";
import { installExample, installPython, packSdk } from "./installed.js";

// The tests run the examples against a real node. Examples that use the SDK are installed in a separate folder, with the
// packed SDK.

/** Long, because the first run installs the packages of each example. */
const timeout = 300_000;
const hasPython = spawnSync("python3", ["-m", "pip", "--version"]).status === 0;

let tarball: string;
let node: NodeProcess;
let browser: Browser;
let env: Record<string, string>;

beforeAll(async () => {
  [tarball, node, browser] = await Promise.all([
    packSdk(),
    startNode({ redisUrl: inject("redisUrl"), prefix: freshPrefix() }),
    launchBrowser(),
  ]);
  env = { GRANDSTAND_URL: node.url, GRANDSTAND_API_KEY: TEST_API_KEY };
  await openArcade(node.url, { mara: 20_000, noor: 19_000 });
}, timeout);

afterAll(async () => {
  await browser?.close();
  await node?.stop();
});

it("vite-react: builds in strict mode, and shows a live board in the browser", { timeout }, async () => {
  const folder = await installExample("vite-react", tarball);
  await runCommand("npm", ["run", "build"], { cwd: folder, env: { VITE_GRANDSTAND_URL: node.url } });
  expect(await readdir(join(folder, "node_modules/@grandstand"))).toEqual(["sdk"]);
  expect(await readdir(join(folder, "node_modules"))).not.toContain("zod");
  const port = await freePort();
  const args = ["run", "preview", "--", "--port", String(port), "--strictPort", "--host", "127.0.0.1"];
  const preview = startCommand("npm", args, { cwd: folder });
  try {
    await untilAnswers(`http://127.0.0.1:${port}`, preview);
    await seeBoardMove(`http://127.0.0.1:${port}`, "Ada");
  } finally {
    await preview.interrupt();
  }
});

it("nextjs: renders the board on the server, follows it in the browser, submits in a route", {
  timeout,
}, async () => {
  const folder = await installExample("nextjs", tarball);
  const settings = { ...env, NEXT_TELEMETRY_DISABLED: "1" };
  await runCommand("npm", ["run", "build"], { cwd: folder, env: settings });
  const port = await freePort();
  const args = ["run", "start", "--", "--port", String(port), "--hostname", "127.0.0.1"];
  const app = startCommand("npm", args, { cwd: folder, env: settings });
  try {
    const url = `http://127.0.0.1:${port}`;
    await untilAnswers(url, app);
    expect(await (await fetch(url)).text()).toContain("mara");
    await seeBoardMove(url, "next-player");
  } finally {
    await app.interrupt();
  }
});

it("vanilla: a Node program and a page without a bundler follow a board", { timeout }, async () => {
  const folder = await installExample("vanilla", tarball);
  const printed = await runCommand("npm", ["run", "watch"], { cwd: folder, env });
  expect(printed).toMatch(/live \d+ entries, own rank: \d+/);

  const port = await freePort();
  const server = startCommand("npm", ["run", "page"], { cwd: folder, env: { PORT: String(port) } });
  try {
    await untilAnswers(`http://127.0.0.1:${port}`, server);
    await seeBoardMove(`http://127.0.0.1:${port}/?node=${encodeURIComponent(node.url)}`, "Ada");
  } finally {
    await server.interrupt();
  }
});

it("express: creates tokens, submits, reads, and reports errors", { timeout }, async () => {
  const folder = await installExample("express", tarball);
  const app = startCommand("npm", ["start"], { cwd: folder, env: { ...env, PORT: "0" } });
  try {
    await eventually(() => app.output()).toMatch(/http:\S+/);
    const url = /http:\S+/.exec(app.output())![0];
    const post = (path: string, body: object) =>
      fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    expect(await (await post("/token", { userId: "ada", name: "Ada" })).json()).toEqual({
      token: expect.stringMatching(/^gss_/),
    });
    expect(await (await post("/scores", { userId: "ada", score: 18_000 })).json()).toEqual({ rank: 3 });
    expect((await post("/scores", { userId: "ada", score: "fast" })).status).toBe(400);
    const board = (await (await fetch(`${url}/board`)).json()) as { member: string }[];
    expect(board.map(({ member }) => member)).toContain("ada");
  } finally {
    await app.interrupt();
  }
});

it("edge: the bundle runs without any module of Node", { timeout }, async () => {
  const folder = await installExample("edge", tarball);
  await runCommand("npm", ["run", "build"], { cwd: folder });
  const bundle = await readFile(join(folder, "dist/worker.js"), "utf8");
  expect(bundle).not.toMatch(/\b(require\(|import\(|from ")/);
  const web = { fetch, Request, Response, Headers, URL, URLSearchParams, AbortController, AbortSignal };
  const timing = { performance, setTimeout, clearTimeout };
  const context = createContext({ ...web, ...timing, crypto, TextEncoder, TextDecoder });
  const worker = runInContext(
    `(() => {${bundle.replace(/export \{ (\w+) as default \};?/, "return $1;")}})()`,
    context,
  );

  const submitted = await worker.fetch(
    new Request("https://edge.example/", {
      method: "POST",
      body: JSON.stringify({ member: "edge", score: 17_000 }),
    }),
    env,
  );
  expect(await submitted.json()).toMatchObject({ entry: { member: "edge", score: 17_000 } });
  const read = await worker.fetch(new Request("https://edge.example/"), env);
  expect((await read.json()).entries[0]).toMatchObject({ rank: 1 });
});

it("OP9: the example hooks filter a message and refuse a score in a node, in a Fastify server and over HTTP", {
  timeout,
}, async () => {
  const secret = "a secret that signs the questions of this test";
  const settings = () => ({
    PORT: "0",
    REDIS_URL: inject("redisUrl"),
    GRANDSTAND_PREFIX: freshPrefix(),
    GRANDSTAND_API_KEYS: `test:${TEST_API_KEY}`,
    GRANDSTAND_GUESTS: "on",
    LOG_LEVEL: "warn",
  });
  const cwd = fileURLToPath(new URL("../../examples/hooks", import.meta.url));
  const env = { ...settings(), GRANDSTAND_HOOKS_SECRET: secret };
  const programs = ["node.mjs", "fastify.mjs", "receiver.mjs"].map((file) =>
    startCommand("node", [file], { cwd, env: { ...env, GRANDSTAND_PREFIX: freshPrefix() } }),
  );
  let asking: NodeProcess | undefined;
  try {
    const urls = await Promise.all(
      programs.map(async (program) => {
        await eventually(() => program.output()).toMatch(/http:\S+/);
        return /http:\S+/.exec(program.output())![0];
      }),
    );
    const hookSettings = { GRANDSTAND_HOOKS_URL: urls[2]!, GRANDSTAND_HOOKS_SECRET: secret };
    asking = await startNode({
      redisUrl: inject("redisUrl"),
      prefix: freshPrefix(),
      env: { ...hookSettings, GRANDSTAND_HOOKS_TIMEOUT_MS: "2000" },
    });
    await Promise.all([urls[0]!, urls[1]!, asking.url].map(seeHooks));
    expect(await (await fetch(urls[1]!)).json()).toEqual({ hello: "from the app" });
  } finally {
    await asking?.stop();
    await Promise.all(programs.map((program) => program.interrupt()));
  }
});

/** Expects that a guest's message is filtered, and that a score too high for the time of play is refused. */
async function seeHooks(url: string): Promise<void> {
  const { leaderboard } = createServerClient({ url, apiKey: TEST_API_KEY });
  await leaderboard.configure({ board: "hooked", submit: "member" });
  const post = async (path: string, body: object, token = "") => {
    const response = await fetch(`${url}/v1/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    });
    return (await response.json()) as { token: string; user: { id: string } };
  };
  const { token, user } = await post("sessions", { name: "Guest" });
  const sent = await post("chat/hooked/messages", { text: "darn it" }, token);
  expect(sent).toMatchObject({ message: { text: "**** it" } });
  const score = { member: user.id, score: 9_999, metadata: { playedSeconds: 1 } };
  expect(await post("leaderboards/hooked/scores", score, token)).toMatchObject({
    code: "bad_request",
    detail: "The score is not plausible for the time of play",
  });
}

describe.runIf(hasPython)("python", () => {
  it("submits over REST and sees the score over the WebSocket", { timeout }, async () => {
    const packages = await installPython();
    const printed = await runCommand("python3", ["board.py"], {
      cwd: fileURLToPath(new URL("../../examples/python", import.meta.url)),
      env: { ...env, PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1" },
    });
    expect(printed).toMatch(/\d+\. python \d+/);
  });
});

/**
 * Opens a page that shows the board, plays once, and expects the page to show another player who takes the
 * lead.
 */
async function seeBoardMove(url: string, player: string): Promise<void> {
  const page = await browser.newPage();
  const problems = collectProblems(page);
  await page.goto(url);
  await eventually(() => rowsOf(page)).toEqual(expect.arrayContaining([expect.stringMatching(/^mara: /)]));
  await page.getByRole("button", { name: "Play" }).click();
  const row = expect.stringMatching(new RegExp(`^${player}: \\d+$`));
  await eventually(() => rowsOf(page)).toEqual(expect.arrayContaining([row]));

  const grandstand = createServerClient({ url: node.url, apiKey: TEST_API_KEY });
  const { entries } = await grandstand.leaderboard.entries({ board: "arcade", limit: 1 });
  const score = entries[0]!.score + 1;
  const leader = entries[0]!.member === "mara" ? "noor" : "mara";
  await grandstand.leaderboard.submit({ board: "arcade", member: leader, score });
  await eventually(async () => (await rowsOf(page))[0]).toBe(`${leader}: ${score}`);
  expect(problems).toEqual([]);
  await page.close();
}

function rowsOf(page: Page): Promise<string[]> {
  return page.getByRole("listitem").allTextContents();
}

async function untilAnswers(url: string, command: Command): Promise<void> {
  await eventually(async () => {
    if (command.exitCode() !== null)
      throw new Error(`The command ended before it answered:\n${command.output()}`);
    return (await fetch(url).catch(() => null))?.status;
  }).toBe(200);
}

/** A free port, for programs that do not accept the port 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
