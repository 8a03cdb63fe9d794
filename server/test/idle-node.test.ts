import { describe, expect, it, type TestContext } from "vitest";
import { webhookPace } from "../src/config/config.js";
import { Keys } from "../src/redis/keys.js";
import { dataOf } from "./support/acks.js";
import { RestartableRedis } from "./support/chaos/restartable-redis.js";
import { restDriver } from "./support/drivers/rest-driver.js";
import { openWebSocket } from "./support/drivers/websocket-driver.js";
import { eventually } from "./support/eventually.js";
import { startTestNode } from "./support/in-process-node.js";
import { watchCommands } from "./support/monitor.js";
import { TEST_API_KEY, TEST_WEBHOOK_SECRET } from "./support/names.js";
import { startReceiver } from "./support/receiver.js";

const DAY_MS = 86_400_000;
const COMMANDS_PER_DAY = 20_000;
const CONNECTIONS = 5;

const webhooks = {
  url: null,
  secrets: [TEST_WEBHOOK_SECRET],
  allowedRanges: ["127.0.0.1"],
  pace: webhookPace,
};

/** Starts a receiver, and creates a webhook for it. */
async function receive({ onTestFinished }: TestContext, nodeUrl: string, event: string) {
  const receiver = await startReceiver();
  onTestFinished(() => receiver.close());
  const server = await restDriver.open(nodeUrl, TEST_API_KEY);
  dataOf(await server.call("webhook.create", { url: receiver.url, events: [event] }));
  return receiver;
}

/**
 * Starts a node on its own Redis. The node becomes idle after 200 ms without a call or a connection.
 * @param idleSpeed divides the intervals of an idle node
 */
async function idleNode({ onTestFinished }: TestContext, idleSpeed: number) {
  const redis = await RestartableRedis.start();
  const commands: string[] = [];
  const stopWatching = await watchCommands(redis.client, (line) => {
    if (!line.startsWith("[lua]")) commands.push(line);
  });
  const node = await startTestNode({}, redis.url, { pace: { idleAfterMs: 200, idleSpeed }, webhooks });
  onTestFinished(async () => {
    await node.close();
    stopWatching();
    await redis.stop();
  });
  /** The commands that Redis receives within the next `ms` milliseconds. */
  const commandsWithin = async (ms: number): Promise<string[]> => {
    const from = commands.length;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return commands.slice(from);
  };
  const isQuiet = async () => expect(await commandsWithin(600)).toEqual([]);
  return { node, redis: redis.client, commandsWithin, isQuiet };
}

describe.concurrent("an idle node", () => {
  it("OP12: sends Redis at most one command within four seconds, and has at most five connections", async (context) => {
    const { redis, commandsWithin } = await idleNode(context, 1);
    const windowMs = 4_000;
    const allowed = Math.ceil(COMMANDS_PER_DAY * (windowMs / DAY_MS));
    await eventually(async () => {
      const received = await commandsWithin(windowMs);
      expect(received.length, received.join("\n")).toBeLessThanOrEqual(allowed);
    });
    const clients = String(await redis.client("LIST"))
      .trim()
      .split("\n");
    const ofTest = clients.filter((line) => /flags=\S*O|cmd=client/.test(line));
    expect(clients.length - ofTest.length, clients.join("\n")).toBeLessThanOrEqual(CONNECTIONS);
  });

  it.for(["without webhooks", "with a webhook"])(
    "OP12: sends at most 20,000 commands a day %s",
    async (title, context) => {
      // At this speed, the window covers what an idle node otherwise does in almost eleven minutes.
      const [windowMs, idleSpeed] = [6_500, 100];
      const { node, commandsWithin } = await idleNode(context, idleSpeed);
      if (title === "with a webhook") await receive(context, node.url, "chat.message");
      await eventually(async () => expect((await commandsWithin(200)).length).toBeLessThan(12));
      const received = await commandsWithin(windowMs);
      expect(received.length, "the node does nothing").toBeGreaterThan(10);
      expect(received.length * (DAY_MS / windowMs / idleSpeed), received.join("\n")).toBeLessThanOrEqual(
        COMMANDS_PER_DAY,
      );
    },
  );

  it("OP12: sends heartbeats while a client is connected, and becomes idle again afterwards", async (context) => {
    const { node, commandsWithin, isQuiet } = await idleNode(context, 1);
    await eventually(isQuiet);
    const socket = await openWebSocket(node.url, TEST_API_KEY);
    await eventually(async () => {
      const received = await commandsWithin(2_500);
      for (const heartbeat of [/PUBLISH.*heartbeat/i, /:leases/]) {
        expect(received.filter((line) => heartbeat.test(line)).length).toBeGreaterThan(1);
      }
    });
    await socket.close();
    await eventually(isQuiet);
  });

  it("OP15: reports that its last client connection was closed", async (context) => {
    const { node, redis } = await idleNode(context, 1);
    const reported = async () => {
      const [report] = Object.values(await redis.hgetall(new Keys(node.prefix).admin.nodes));
      return JSON.parse(report!.slice(report!.indexOf("{"))).connections.websocket as number;
    };
    const socket = await openWebSocket(node.url, TEST_API_KEY);
    await eventually(async () => expect(await reported()).toBe(1));
    await socket.close();
    await eventually(async () => expect(await reported()).toBe(0));
  });

  it("OP12, LB7: closes seasons when they end, without a call", async (context) => {
    const { node, redis } = await idleNode(context, 1);
    const server = await restDriver.open(node.url, TEST_API_KEY);
    const windows = [{ name: "rounds", cron: "*/2 * * * * *" }];
    await server.call("leaderboard.configure", { board: "b", windows, retainSeasons: 10 });
    const { seasons } = new Keys(node.prefix).board("b");
    const begun = await redis.hlen(seasons);
    await eventually(async () => expect(await redis.hlen(seasons)).toBeGreaterThan(begun + 1));
  });

  it("OP12, OP7: delivers events that happen while it is idle", async (context) => {
    const { node, isQuiet } = await idleNode(context, 1);
    const receiver = await receive(context, node.url, "presence.left");
    await eventually(isQuiet);
    const server = await restDriver.open(node.url, TEST_API_KEY);
    dataOf(await server.call("presence.keep", { room: "r", user: "ann", ttlMs: 5_000 }));
    await eventually(isQuiet);
    await eventually(() => expect(receiver.requests).toHaveLength(1));
  });
});
