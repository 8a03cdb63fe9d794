import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from "vitest";
import { restDriver } from "./support/drivers/rest-driver.js";
import { eventually } from "./support/eventually.js";
import { startTestNode, type TestNode } from "./support/in-process-node.js";
import { freshId, TEST_API_KEY } from "./support/names.js";
import { startNode } from "./support/node-process.js";

const command = fileURLToPath(new URL("../dist/command/main.js", import.meta.url));
const ENTRIES = 2_500;

let folder: string;
let node: TestNode;
/** A second node with the same data in Redis. Its limits slow the transfer of a board down, so that tests can interrupt it. */
let slowNode: TestNode;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "grandstand-command-"));
  node = await startTestNode();
  const limits = JSON.stringify({ connection: { burst: 45, perSecond: 1 } });
  slowNode = await startTestNode({ GRANDSTAND_PREFIX: node.prefix, GRANDSTAND_LIMITS: limits });
});

afterAll(async () => {
  await Promise.all([node.close(), slowNode.close()]);
  await rm(folder, { recursive: true });
});

const environment = { PATH: process.env.PATH, API_KEY: TEST_API_KEY };

/** Runs `grandstand` against a node. */
function grandstand(args: string[], env: Record<string, string> = {}, url = node.url) {
  return new Promise<{ exitCode: number; output: string; errors: string }>((resolve) => {
    const options = { env: { ...environment, ...env } };
    const all = [command, ...args, ...(url === "" ? [] : ["--url", url])];
    const child = execFile(process.execPath, all, options, (_, output, errors) => {
      resolve({ exitCode: child.exitCode ?? -1, output, errors });
    });
  });
}

/** Runs `grandstand` against the slow node, and kills the process once the file `saved` exists. */
async function interrupted(args: string[], saved: string): Promise<void> {
  const child = spawn(process.execPath, [command, ...args, "--url", slowNode.url], { env: environment });
  await eventually(() => expect(existsSync(saved)).toBe(true));
  await ended(child, "SIGKILL");
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
}

it("AU1: `grandstand keys` makes, lists and revokes API keys", { timeout: 60_000 }, async () => {
  const name = freshId("key");
  const made = await grandstand(["keys", "make", name, "--scope", "counter:read", "--json"]);
  const { key, secret } = JSON.parse(made.output) as { key: { id: string }; secret: string };
  const withSecret = { API_KEY: "", GRANDSTAND_API_KEYS: `hashed:sha256:00,own:${secret}` };
  const listed = await grandstand(["keys", "list"]);
  expect(listed.output).toMatch(new RegExp(`${name} +${key.id} +counter:read`));
  const refused = await grandstand(["keys", "list"], withSecret);
  expect(refused).toMatchObject({ exitCode: 1, errors: expect.stringContaining("forbidden") });
  expect((await grandstand(["keys", "revoke", key.id])).exitCode).toBe(0);
  const file = join(folder, "secret");
  await writeFile(file, `${secret}\n`);
  const revoked = await grandstand(["keys", "list", "--key-file", file]);
  expect(revoked).toMatchObject({ exitCode: 1, errors: expect.stringContaining("unauthenticated") });
});

it("T1: `grandstand boards` exports and imports a board, and continues either transfer after it was killed", {
  timeout: 120_000,
}, async () => {
  const [board, copy] = [freshId("board"), freshId("board")];
  const server = await restDriver.open(node.url, TEST_API_KEY);
  for (const name of [board, copy]) await server.call("leaderboard.configure", { board: name });
  const scores = Array.from({ length: ENTRIES }, (_, at) => ({ member: `m${at}`, score: at % 97 }));
  for (let at = 0; at < ENTRIES; at += 1_000) {
    await server.call("leaderboard.submitMany", { board, scores: scores.slice(at, at + 1_000) });
  }
  const [whole, file] = [join(folder, "whole"), join(folder, "board.ndjson")];
  expect(await grandstand(["boards", "export", board, whole])).toMatchObject({ exitCode: 0, errors: "" });

  await interrupted(["boards", "export", board, file], `${file}.progress`);
  const other = await grandstand(["boards", "export", copy, file]);
  expect(other).toMatchObject({ exitCode: 1, errors: expect.stringContaining("another export") });
  const exported = JSON.parse((await grandstand(["boards", "export", board, file, "--json"])).output);
  expect(exported).toMatchObject({ entries: ENTRIES, continuedAt: expect.any(Number) });
  expect(exported.continuedAt).toBeGreaterThan(0);
  expect(await readFile(file, "utf8")).toBe(await readFile(whole, "utf8"));

  await interrupted(["boards", "import", copy, file], `${file}.progress`);
  const imported = JSON.parse((await grandstand(["boards", "import", copy, file, "--json"])).output);
  expect(imported).toMatchObject({ lines: ENTRIES, imported: ENTRIES, refused: 0 });
  expect(imported.continuedAt).toBeGreaterThan(0);
  expect(existsSync(`${file}.progress`)).toBe(false);
  const again = join(folder, "again");
  await grandstand(["boards", "export", copy, again]);
  expect(await readFile(again, "utf8")).toBe(await readFile(whole, "utf8"));

  await writeFile(file, '{"member":"a","score":1}\n{"member":"b"}\n{"member":"c","score":2}');
  const partly = await grandstand(["boards", "import", copy, file]);
  expect(partly).toMatchObject({ exitCode: 1, output: expect.stringContaining("line 2: bad_request") });
  expect(partly.output).toContain("Imported 2 of 3");
});

it("T1: `grandstand boards` counts lines that an earlier run of an import refused, and does not continue an import as an export", async () => {
  const [board, file] = [freshId("board"), join(folder, "refused.ndjson")];
  const server = await restDriver.open(node.url, TEST_API_KEY);
  await server.call("leaderboard.configure", { board });
  const first = '{"member":"a"}\n';
  await writeFile(file, `${first}{"member":"b"}\n`);
  const { size, mtimeMs } = await stat(file);
  const fingerprint = createHash("sha256").update(`${size} ${mtimeMs}`).digest("base64url");
  const done = {
    id: freshId("import"),
    board,
    fingerprint,
    bytes: first.length,
    lines: 1,
    imported: 0,
    refused: 1,
  };
  await writeFile(`${file}.progress`, JSON.stringify(done));

  const exported = await grandstand(["boards", "export", board, file]);
  expect(exported).toMatchObject({ exitCode: 1, errors: expect.stringContaining("another export") });
  const { output } = await grandstand(["boards", "import", board, file]);
  expect(output).toMatch(/^Imported 0 of 2 lines .*, continued after 1\n {2}line 2: .*\n {2}and 1 more\n$/);
});

it("CH4: `grandstand tail` prints each publication of a channel once, also while its node restarts", {
  timeout: 90_000,
}, async () => {
  const options = { prefix: node.prefix, redisUrl: inject("redisUrl") };
  const first = await startNode(options);
  const room = freshId("room");
  const server = await restDriver.open(node.url, TEST_API_KEY);
  const send = (text: string) => server.call("chat.send", { room, text });
  const args = [command, "tail", `chat:${room}`, "--json", "--count", "3", "--url", first.url];
  const child = spawn(process.execPath, args, { env: environment });
  onTestFinished(() => void child.kill());
  const printed = { out: "", err: "" };
  child.stdout.on("data", (text) => (printed.out += text));
  child.stderr.on("data", (text) => (printed.err += text));
  const exit = once(child, "exit");
  await eventually(() => expect(printed.err).toContain("Following"));
  await send("one");
  await eventually(() => expect(printed.out).toContain("one"));
  await first.kill();
  await send("two");
  const second = await startNode({ ...options, port: first.port });
  await send("three");
  expect((await exit)[0]).toBe(0);
  const lines = printed.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ offset, event, data }) => [offset, event, data.text])).toEqual([
    [1, "chat.message", "one"],
    [2, "chat.message", "two"],
    [3, "chat.message", "three"],
  ]);

  // A signal ends the command even while no node answers.
  const following = spawn(process.execPath, args, { env: environment });
  onTestFinished(() => void following.kill("SIGKILL"));
  await once(following.stderr, "data");
  await second.kill();
  await ended(following, "SIGTERM");
  expect(following.exitCode).toBe(0);
});

it("`grandstand` refuses a wrong command line with exit code 2, and reports a failed call with exit code 1", {
  timeout: 60_000,
}, async () => {
  const wrong = [
    ["keys"],
    ["keys", "make"],
    ["keys", "list", "a", "b"],
    ["boards", "export", "b"],
    ["boards", "import", "b", "f", "--season", "s"],
    ["tail"],
    ["tail", "chat:a", "--count", "0"],
    ["check", "--scope", "x"],
  ];
  const outcomes = await Promise.all(wrong.map((args) => grandstand(args)));
  expect(outcomes.map(({ exitCode }) => exitCode)).toEqual(wrong.map(() => 2));
  expect(await grandstand(["keys", "list"], { API_KEY: "" })).toMatchObject({ exitCode: 2 });
  const [missing, channel] = await Promise.all([
    grandstand(["boards", "export", freshId("none"), join(folder, "none")]),
    grandstand(["tail", "nothing"]),
  ]);
  expect(missing).toMatchObject({ exitCode: 1, errors: expect.stringContaining("not_found") });
  expect(channel).toMatchObject({ exitCode: 1, errors: expect.stringContaining("bad_request") });
});
