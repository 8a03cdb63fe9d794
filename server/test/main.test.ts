import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { restDriver } from "./support/drivers/rest-driver.js";
import { openSocketIo } from "./support/drivers/socketio-driver.js";
import { openWebSocket } from "./support/drivers/websocket-driver.js";
import { eventually } from "./support/eventually.js";
import { expectWithin } from "./support/expect-within.js";
import { isAlive } from "./support/is-alive.js";
import { freshPrefix, TEST_API_KEY } from "./support/names.js";
import { type NodeProcess, startNode } from "./support/node-process.js";

const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));

describe("a node with an embedded Redis", () => {
  let dataDir: string;
  let node: NodeProcess;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "grandstand-main-"));
    node = await start();
  });

  afterEach(async () => {
    await node.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const start = () => startNode({ prefix: "gs", env: { GRANDSTAND_DATA_DIR: dataDir } });
  const redisPid = () =>
    Number(/"pid":(\d+)/.exec(node.output.find((line) => line.includes("embedded")) ?? "")?.[1]);

  it("keeps its boards across restarts, and leaves no redis-server behind when it is killed", async () => {
    const before = await restDriver.open(node.url, TEST_API_KEY);
    await before.call("leaderboard.configure", { board: "b" });
    await before.call("leaderboard.submit", { board: "b", member: "ann", score: 7 });
    const pid = redisPid();
    expect(isAlive(pid)).toBe(true);
    await node.kill("SIGKILL");
    await eventually(() => expect(isAlive(pid)).toBe(false));

    node = await start();
    const after = await restDriver.open(node.url, TEST_API_KEY);
    expect(await after.call("leaderboard.entry", { board: "b", member: "ann" })).toMatchObject({
      ok: true,
      data: { score: 7, rank: 1 },
    });
    const secondPid = redisPid();
    await node.kill("SIGTERM");
    expect(isAlive(secondPid)).toBe(false);
  });
});

it("a node stops cleanly on SIGTERM: its client gets a close notice, and the exit status is 0", async () => {
  const node = await startNode({ redisUrl: inject("redisUrl"), prefix: freshPrefix() });
  const client = await openSocketIo(node.url, TEST_API_KEY);
  const closings: unknown[] = [];
  client.socket.on("closing", (closing) => closings.push(closing));
  const startedAt = performance.now();
  await node.kill("SIGTERM");
  expect(closings).toEqual([{ code: 4009, reason: "draining", reconnectAfterMs: expect.any(Number) }]);
  expectWithin(10_000, startedAt);
  expect(node.exitCode).toBe(0);
  await client.close();
});

describe("the drain delay", () => {
  const start = (drainDelayMs: number) =>
    startNode({
      redisUrl: inject("redisUrl"),
      prefix: freshPrefix(),
      env: { GRANDSTAND_DRAIN_DELAY_MS: String(drainDelayMs) },
    });
  const readiness = async ({ url }: NodeProcess) => (await fetch(`${url}/health/ready`)).status;

  it("OP2: after SIGTERM a node is not ready but serves calls and connections, until the delay ends", async () => {
    const node = await start(1_500);
    expect(await readiness(node)).toBe(200);
    const startedAt = performance.now();
    const stopped = node.kill("SIGTERM");
    await eventually(async () => expect(await readiness(node)).toBe(503));
    const alive = await fetch(`${node.url}/health/live`);
    // The header asks proxies to send no further request on this connection.
    expect([alive.status, alive.headers.get("connection")]).toEqual([200, "close"]);
    const client = await openWebSocket(node.url, TEST_API_KEY);
    expect(await client.call("leaderboard.list")).toMatchObject({ ok: true });
    const closed = once(client.socket, "close");
    expect((await closed)[0]).toBe(4009);
    expect(performance.now() - startedAt).toBeGreaterThan(1_500);
    await stopped;
    expect(node.exitCode).toBe(0);
  });

  it("OP2: a second signal ends the delay", async () => {
    const node = await start(60_000);
    void node.kill("SIGTERM");
    await eventually(async () => expect(await readiness(node)).toBe(503));
    await node.kill("SIGTERM");
    expect(node.exitCode).toBe(0);
  });
});

it("OP2: SIGTERM ends a start that waits for Redis", async () => {
  const child = spawn(process.execPath, [main], {
    env: { REDIS_URL: "redis://127.0.0.1:1", PORT: "0", LOG_LEVEL: "info" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

it("a node also starts if another program loads its module, as process managers do", async () => {
  const loader = `await import(${JSON.stringify(main)})`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", loader], {
    env: { REDIS_URL: inject("redisUrl"), PORT: "0", GRANDSTAND_PREFIX: freshPrefix() },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  await eventually(() => expect(output).toContain('"msg":"listening"'));
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

it.each([
  [{ PORT: "-1", LOG_LEVEL: "loud" }, ["PORT", "LOG_LEVEL"]],
  [
    {
      NODE_ENV: "production",
      PORT: "-1",
      GRANDSTAND_API_KEYS: "game:secret",
      GRANDSTAND_TOKEN_SECRET: "short",
      GRANDSTAND_WEB: "/no/such/folder",
      GRANDSTAND_GUEST: "on",
    },
    ["PORT", "GRANDSTAND_API_KEYS", "GRANDSTAND_TOKEN_SECRET", "GRANDSTAND_WEB", "GRANDSTAND_GUEST:"],
  ],
  [
    { REDIS_URL: "redis://user:s3cret@127.0.0.1:1", GRANDSTAND_REDIS_WAIT_MS: "500" },
    ["redis://127.0.0.1:1", "ECONNREFUSED"],
  ],
  [{ GRANDSTAND_WEB: "/no/such/folder" }, ["GRANDSTAND_WEB", "/no/such/folder"]],
])("a node that can't start reports the reason, without a stack or a secret: %j", async (env, words) => {
  const { status, stderr } = spawnSync(process.execPath, [main], {
    env: { REDIS_URL: inject("redisUrl"), PORT: "0", LOG_LEVEL: "silent", ...env },
    encoding: "utf8",
  });
  expect(status).toBe(1);
  for (const word of words) expect(stderr).toContain(word);
  expect(stderr).not.toMatch(/s3cret|\n {4}at /);
});
