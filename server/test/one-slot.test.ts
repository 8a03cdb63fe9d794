import { rights } from "@grandstand/shared/access";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Caller } from "../src/core/caller.js";
import { scriptNames } from "../src/redis/scripts.js";
import type { Client } from "./support/drivers/driver.js";
import { restDriver } from "./support/drivers/rest-driver.js";
import { openWebSocket } from "./support/drivers/websocket-driver.js";
import { startTestNode, type TestNode } from "./support/in-process-node.js";
import { freshId, TEST_API_KEY } from "./support/names.js";
import type { Example } from "./support/permissions/example.js";
import { examples } from "./support/permissions/examples.js";
import { CallerTokens } from "./support/permissions/tokens.js";
import { type RedisProcess, RedisServers } from "./support/redis/servers.js";
import { SlotWatch } from "./support/redis/slot-watch.js";
import { TOKEN_SECRET } from "./support/tokens.js";

/**
 * The test has its own Redis, so that all commands come from the test's node. `npm run test:redis -- slots` makes
 * the same checks during whole test suites.
 */
let servers: RedisServers;
let redis: RedisProcess;

beforeAll(async () => {
  servers = await RedisServers.open();
  redis = await servers.start({});
});

afterAll(() => servers.close());

it("OP5: scripts touch only keys that they declare, and no script or transaction touches two slots", async () => {
  const watch = await SlotWatch.start(redis.client);
  const node = await startTestNode(
    { GRANDSTAND_TOKEN_SECRET: TOKEN_SECRET },
    `redis://${redis.host}:${redis.port}`,
  );
  const server = await restDriver.open(node.url, TEST_API_KEY);
  const tokens = new CallerTokens(node.url, server);
  for (const example of examples) await callOnce(example, node, server, tokens);
  await server.close();
  await node.close();
  await watch.stop();

  expect([...watch.violations, ...watch.wideTransactions]).toEqual([]);
  const ran = watch.scripts.size;
  expect(ran, `${ran} of ${new Set(scriptNames().values()).size} scripts ran`).toBeGreaterThan(70);
});

async function callOnce(
  example: Example,
  node: TestNode,
  server: Client,
  tokens: CallerTokens,
): Promise<void> {
  const id = freshId("user");
  const user = (channels: string[]): Caller => ({
    kind: "user",
    user: { id, name: "Ann", avatar: null, isGuest: false },
    ...(channels.length > 0 && { caps: [{ channels, allow: [...rights] }] }),
  });
  const me = await restDriver.open(node.url, await tokens.for(user([])));
  const { input, channels } = await example.prepare({ server, me, id });
  await me.close();
  const token = example.servers === "may not" ? (await tokens.for(user(channels)))! : TEST_API_KEY;
  const caller = await openWebSocket(node.url, token);
  const ack = await caller.call(example.operation, { ...input, ...example.inputWith?.(token) });
  await caller.close();
  const expected = example.passesAs ? { ok: false, error: { code: example.passesAs } } : { ok: true };
  expect(ack, `${example.operation} ${example.about ?? ""}`).toMatchObject(expected);
}
