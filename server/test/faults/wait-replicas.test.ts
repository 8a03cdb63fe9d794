import { afterAll, beforeAll, expect, it } from "vitest";
import { restDriver } from "../support/drivers/rest-driver.js";
import { eventually } from "../support/eventually.js";
import { startTestNode } from "../support/in-process-node.js";
import { freshId, TEST_API_KEY } from "../support/names.js";
import { poll } from "../support/redis/poll.js";
import { type RedisProcess, RedisServers } from "../support/redis/servers.js";

let servers: RedisServers;
let primary: RedisProcess;
let replica: RedisProcess;

beforeAll(async () => {
  servers = await RedisServers.open();
  const settings = { "repl-diskless-sync-delay": 0 };
  [primary, replica] = await Promise.all([servers.start(settings), servers.start(settings)]);
  await replica.client.call("REPLICAOF", primary.host, primary.port);
  await poll(async () => {
    if (!(await replica.client.info("replication")).includes("master_link_status:up"))
      throw new Error("no link");
  });
});

afterAll(() => servers.close());

/** Starts a node. `call` makes a call with an API key. `ready` reads /health/ready: the fields of the reply, and its status. */
async function start(settings: Record<string, string>) {
  const url = `redis://${primary.host}:${primary.port}`;
  const node = await startTestNode({ REDIS_URL: url, ...settings }, url);
  const client = await restDriver.open(node.url, TEST_API_KEY);
  return {
    ...node,
    call: client.call,
    ready: async () => {
      const response = await fetch(`${node.url}/health/ready`);
      return { ...(await response.json()), status: response.status };
    },
  };
}

/** How many WAIT commands the primary has answered. */
async function waits(): Promise<number> {
  return Number(/cmdstat_wait:calls=(\d+)/.exec(await primary.client.info("commandstats"))?.[1] ?? 0);
}

it("OP3: with GRANDSTAND_WAIT_REPLICAS a write is acknowledged once the replica has it, and `unavailable` before", {
  timeout: 60_000,
}, async () => {
  const node = await start({ GRANDSTAND_WAIT_REPLICAS: "1" });
  const room = freshId("room");
  const send = (text: string, idempotencyKey: string) =>
    node.call("chat.send", { room, text, idempotencyKey });
  const texts = async () => {
    const { data } = (await node.call("chat.history", { room })) as {
      data: { messages: { text: string }[] };
    };
    return data.messages.map(({ text }) => text);
  };
  try {
    const before = await waits();
    const many = await Promise.all(
      Array.from({ length: 100 }, (_, number) =>
        node.call("counter.set", { counter: freshId(`c${number}`), value: 1 }),
      ),
    );
    for (const reply of many) expect(reply).toMatchObject({ ok: true });
    expect(await waits()).toBeGreaterThan(before);
    expect(await waits()).toBeLessThan(before + 100);
    expect(await send("first", "1")).toMatchObject({ ok: true });
    expect(await node.ready()).toMatchObject({ status: 200, checks: { writes: true } });

    replica.pause();
    expect(await send("second", "2")).toMatchObject({ ok: false, error: { code: "unavailable" } });
    // The repeated call writes nothing, and is not acknowledged either.
    expect(await send("second", "2")).toMatchObject({ ok: false, error: { code: "unavailable" } });
    expect(await node.call("key.create", { name: freshId("key"), scopes: ["chat:read"] })).toMatchObject({
      error: { code: "unavailable" },
    });
    expect(await texts()).toEqual(["first", "second"]);
    expect(await node.ready()).toMatchObject({
      status: 200,
      reason: "NOREPLICAS",
      checks: { reads: true, writes: false },
    });

    replica.resume();
    await eventually(async () => expect(await send("second", "2")).toMatchObject({ ok: true }));
    expect(await texts()).toEqual(["first", "second"]);
    await eventually(async () => expect((await node.ready()).checks.writes).toBe(true));
  } finally {
    replica.resume();
    await node.close();
  }
});

it("OP3: without GRANDSTAND_WAIT_REPLICAS nothing waits for replicas", async () => {
  const node = await start({});
  try {
    const before = await waits();
    replica.pause();
    const sent = await node.call("chat.send", { room: freshId("room"), text: "hello" });
    expect(sent).toMatchObject({ ok: true });
    expect(await waits()).toBe(before);
  } finally {
    replica.resume();
    await node.close();
  }
});
