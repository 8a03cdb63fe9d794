import type { OutputOf } from "@grandstand/shared/contract";
import { expect, it, onTestFinished } from "vitest";
import { accountOf } from "../../src/verify/account.js";
import { Random } from "../../src/verify/random.js";
import { Reader } from "../../src/verify/reader.js";
import { transports } from "../../src/verify/transports.js";
import { Writer } from "../../src/verify/writer.js";
import { Nemesis } from "../support/chaos/nemesis.js";
import { RestartableRedis } from "../support/chaos/restartable-redis.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { socketIoDriver } from "../support/drivers/socketio-driver.js";
import { webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { freshPrefix, TEST_API_KEY } from "../support/names.js";
import { startNode } from "../support/node-process.js";
import { hasShardedPubSub } from "../support/redis-client.js";

const durationMs = 1_000 * Number(process.env.CHAOS_SECONDS ?? 9);
const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31));
const NODES = 3;
const READERS_PER_TRANSPORT = 3;

/** CHAOS_SECONDS and CHAOS_SEED set the duration and the faults. `npm run chaos` runs longer. */
it(`CT2, CT3, CH3, CH4, CH5: under random faults, no acknowledged message is duplicated, reordered, or lost without a notice (seed ${seed})`, {
  timeout: durationMs + 90_000,
}, async () => {
  const random = new Random(seed);
  const redis = await RestartableRedis.start();
  const prefix = freshPrefix();
  const start = (port = 0) => startNode({ redisUrl: redis.url, prefix, port });
  const nodes = await Promise.all(Array.from({ length: NODES }, () => start()));
  const readers: Reader[] = [];
  const writers: Writer[] = [];
  onTestFinished(async () => {
    for (const writer of writers) writer.stop();
    for (const reader of readers) reader.close();
    await Promise.all(nodes.map((node) => node.kill()));
    await redis.stop();
  });
  const ports = nodes.map(({ port }) => port);
  const chooseUrl = () => random.of(nodes).url;
  const room = "storm";
  const server = await restDriver.open(nodes[0]!.url, TEST_API_KEY);
  await server.call("chat.configure", { room, logSize: 10_000 });

  for (const transport of Object.keys(transports)) {
    for (let at = 1; at <= READERS_PER_TRANSPORT; at += 1) {
      readers.push(new Reader({ name: `reader ${at}`, transport, room, token: TEST_API_KEY, chooseUrl }));
    }
  }
  for (const reader of readers) reader.open();
  await eventually(() => expect(readers.every(({ isLive }) => isLive)).toBe(true));

  const drivers = [socketIoDriver, webSocketDriver, restDriver];
  const pauseMs = () => random.between(5, 60);
  for (const [at, driver] of [...drivers, ...drivers].entries()) {
    const open = () => driver.open(chooseUrl(), TEST_API_KEY);
    writers.push(new Writer({ name: `w${at}`, room, open, pauseMs }));
  }
  const writing = Promise.all(writers.map((writer) => writer.run()));

  const startAgain = (at: number) => start(ports[at]);
  const nemesis = new Nemesis({ random, redis, nodes, startAgain, readers });
  await nemesis.run(durationMs);
  for (const writer of writers) writer.stop();
  await writing;

  await eventually(async () => {
    const ack = await server.call("chat.history", { room, limit: 1 });
    const { position } = (ack as { data: OutputOf<"chat.history"> }).data;
    for (const reader of readers) expect(reader.position).toEqual(position);
  });

  const account = accountOf(
    readers,
    writers.flatMap(({ acknowledged }) => acknowledged),
    nemesis.faults,
  );
  console.log(JSON.stringify({ seed, seconds: durationMs / 1_000, ...account }));
  expect(account.acknowledged).toBeGreaterThan(0);
  expect(writers.flatMap(({ faults }) => faults)).toEqual([]);
  expect(account.unflagged).toEqual([]);
  expect(account.reordered).toEqual([]);
  expect(account.duplicated).toEqual([]);

  for (const reader of readers) reader.close();
  await eventually(async () => {
    const shard = (await hasShardedPubSub(redis.client)) ? "SHARD" : "";
    expect(await redis.client.call("PUBSUB", `${shard}CHANNELS`, `${prefix}:{chat:*`)).toEqual([]);
  });
  for (const node of nodes) await node.stop();
  expect(nodes.map(({ exitCode }) => exitCode)).toEqual(nodes.map(() => 0));
});
