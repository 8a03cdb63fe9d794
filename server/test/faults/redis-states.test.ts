import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLog } from "../../src/ops/log.js";
import { connectRedis } from "../../src/redis/client.js";
import { RestartableRedis } from "../support/chaos/restartable-redis.js";
import type { Client } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { eventually } from "../support/eventually.js";
import { expectWithin } from "../support/expect-within.js";
import { type FreezableProxy, freezableProxy } from "../support/freezable-proxy.js";
import { startTestNode, type TestNode } from "../support/in-process-node.js";
import { TEST_API_KEY } from "../support/names.js";

interface LogLine {
  level: number;
  msg: string;
  reason?: string;
}

const WARN = 40;
const PASSWORD = "pass-of-the-test";

let redis: RestartableRedis;
let proxy: FreezableProxy;
let node: TestNode | undefined;
let client: Client;
let lines: LogLine[];

const log = createLog(
  { level: "debug", isPretty: false },
  new Writable({
    write(line, _encoding, done) {
      lines.push(JSON.parse(String(line)));
      done();
    },
  }),
);

beforeEach(async () => {
  lines = [];
  redis = await RestartableRedis.start();
  proxy = await freezableProxy(redis.url);
});

afterEach(async () => {
  await node?.close();
  node = undefined;
  await proxy.close();
  await redis.stop();
});

async function start(settings: Record<string, string> = {}, url = proxy.url): Promise<TestNode> {
  node = await startTestNode(settings, url, {}, log);
  client = await restDriver.open(node.url, TEST_API_KEY);
  return node;
}

const add = () => client.call("counter.add", { counter: "c" });
const get = () => client.call("counter.get", { counter: "c" });
const ready = async () => {
  const response = await fetch(`${node!.url}/health/ready`);
  return { ...(await response.json()), status: response.status };
};
const warnings = () => lines.filter(({ level }) => level >= WARN).map(({ msg, reason }) => [msg, reason]);

it("OP3: every connection to Redis that is open but silent is replaced within 25 s", {
  timeout: 60_000,
}, async () => {
  await start();
  expect(await add()).toMatchObject({ ok: true });
  proxy.freeze();
  // A node has one connection for commands, one for subscriptions, and two for jobs.
  expect(proxy.silentCount).toBeGreaterThanOrEqual(4);
  await vi.waitFor(async () => expect(await add()).toMatchObject({ ok: true }), {
    timeout: 6_000,
    interval: 50,
  });
  await eventually(async () => expect(await ready()).toMatchObject({ status: 200 }));
  await vi.waitFor(() => expect(proxy.silentCount).toBe(0), { timeout: 25_000 });
});

it("OP3: when its primary is demoted, a node connects to the new primary", async () => {
  await start();
  expect(await add()).toMatchObject({ ok: true });
  const next = await RestartableRedis.start();
  await redis.client.call("REPLICAOF", "127.0.0.1", "1");
  proxy.retarget(next.url);
  await vi.waitFor(async () => expect(await add()).toMatchObject({ ok: true }), {
    timeout: 3_000,
    interval: 50,
  });
  expect(await ready()).toMatchObject({ status: 200, checks: { writes: true } });
  await node!.close();
  node = undefined;
  await next.stop();
});

const states: { code: string; begin: string[][]; end: string[][]; readsWork: boolean }[] = [
  {
    code: "OOM",
    begin: [["CONFIG", "SET", "maxmemory", "1"]],
    end: [["CONFIG", "SET", "maxmemory", "0"]],
    readsWork: true,
  },
  {
    code: "NOREPLICAS",
    begin: [["CONFIG", "SET", "min-replicas-to-write", "1"]],
    end: [["CONFIG", "SET", "min-replicas-to-write", "0"]],
    readsWork: true,
  },
  {
    code: "READONLY",
    begin: [["REPLICAOF", "127.0.0.1", "1"]],
    end: [["REPLICAOF", "NO", "ONE"]],
    readsWork: true,
  },
  {
    code: "NOPERM",
    begin: [["ACL", "SETUSER", "app", "-@write"]],
    end: [["ACL", "SETUSER", "app", "+@all"]],
    readsWork: true,
  },
  {
    code: "WRONGPASS",
    begin: [
      ["ACL", "SETUSER", "app", "resetpass", ">other"],
      ["CLIENT", "KILL", "USER", "app"],
    ],
    end: [["ACL", "SETUSER", "app", `>${PASSWORD}`]],
    readsWork: false,
  },
];

describe.each(states)("OP3: while Redis replies $code", ({ code, begin, end, readsWork }) => {
  it("writes are `unavailable`, one warning names the reason, and all works again afterwards", async () => {
    await redis.client.call("ACL", "SETUSER", "app", "on", `>${PASSWORD}`, "~*", "&*", "+@all");
    await start({}, proxy.url.replace("redis://", `redis://app:${PASSWORD}@`));
    expect(await add()).toMatchObject({ ok: true });
    expect(await ready()).toMatchObject({ status: 200, checks: { reads: true, writes: true } });
    for (const [command, ...args] of begin) await redis.client.call(command!, ...args);
    await eventually(async () => expect(await add()).toMatchObject({ error: { code: "unavailable" } }));
    if (readsWork) {
      await eventually(async () =>
        expect(await ready()).toMatchObject({
          status: 200,
          reason: code,
          checks: { reads: true, writes: false },
        }),
      );
      expect(await get()).toMatchObject({ ok: true });
      expect(warnings()).toEqual([["redis does not serve writes", code]]);
    } else {
      await eventually(async () =>
        expect(await ready()).toMatchObject({ status: 503, checks: { reads: false } }),
      );
      expect(await get()).toMatchObject({ error: { code: "unavailable" } });
      expect(warnings()).toHaveLength(1);
      expect(JSON.stringify(lines)).toContain(code);
    }
    for (const [command, ...args] of end) await redis.client.call(command!, ...args);
    await eventually(async () => expect(await add()).toMatchObject({ ok: true }));
    await eventually(async () =>
      expect(await ready()).toMatchObject({ status: 200, checks: { reads: true, writes: true } }),
    );
    expect(JSON.stringify(lines)).not.toContain(PASSWORD);
  });
});

it("a start waits for a Redis that is full, and a warning names the reason", async () => {
  await redis.client.call("CONFIG", "SET", "maxmemory", "1");
  const starting = start();
  await eventually(() => expect(warnings()).toEqual([["waiting for redis", "OOM"]]));
  await redis.client.call("CONFIG", "SET", "maxmemory", "0");
  await starting;
  expect(await add()).toMatchObject({ ok: true });
});

it("a start waits for a Redis that can't be reached", async () => {
  proxy.freezeNew();
  const starting = start();
  await eventually(() => expect(JSON.stringify(warnings())).toContain("waiting for redis"));
  proxy.thawNew();
  await starting;
  expect(await add()).toMatchObject({ ok: true });
});

it("a start with wrong credentials or a database that does not exist fails at once", async () => {
  await expect(start({}, proxy.url.replace("redis://", "redis://app:s3cret@"))).rejects.toThrow("WRONGPASS");
  await expect(start({}, `${proxy.url}/99`)).rejects.toThrow("DB index is out of range");
  expect(JSON.stringify(lines)).not.toContain("s3cret");
});

it("OP3: commands in flight on a connection that closes fail at once", async () => {
  const connections = await connectRedis(proxy.url, log);
  await redis.client.call("CLIENT", "PAUSE", "10000", "WRITE");
  const startedAt = performance.now();
  const failing = Promise.allSettled([connections.commands.set("a", ""), connections.commands.get("a")]);
  await eventually(async () => expect(await redis.client.info("clients")).toContain("blocked_clients:1"));
  proxy.cut();
  for (const { status } of await failing) expect(status).toBe("rejected");
  expectWithin(2_000, startedAt);
  await redis.client.call("CLIENT", "UNPAUSE");
  await connections.close();
});

it("nodes on two databases of one Redis do not receive each other's publications", async () => {
  const prefix = "same";
  await start({ GRANDSTAND_PREFIX: prefix }, `${proxy.url}/1`);
  const other = await startTestNode({ GRANDSTAND_PREFIX: prefix }, `${proxy.url}/2`);
  const topics = (await redis.client.call("PUBSUB", "SHARDCHANNELS", "*")) as string[];
  const identity = topics.filter((topic) => topic.includes("{identity}"));
  expect(identity.sort()).toEqual([`${prefix}:{identity}:live:1`, `${prefix}:{identity}:live:2`]);
  const counts = (await redis.client.call("PUBSUB", "SHARDNUMSUB", ...topics)) as unknown[];
  expect(counts.filter((count) => Number(count) > 1)).toEqual([]);
  await other.close();
});
