import type { Redis } from "ioredis";
import { afterEach, beforeEach, expect, inject, it, vi } from "vitest";
import { freshPrefix } from "../../test/support/names.js";
import { socketWrites } from "../../test/support/redis/socket-writes.js";
import { silentLog } from "../../test/support/silent-log.js";
import { connectRedis, type RedisConnections } from "./client.js";
import { isRedisUnavailable } from "./faults.js";

const COMMANDS = 50;

let redis: RedisConnections;

beforeEach(async () => {
  redis = await connectRedis(inject("redisUrl"), silentLog);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await redis.close();
});

const connection = () => redis.commands as unknown as Redis;
const values = Array.from({ length: COMMANDS }, (_, at) => String(at));

/** Writes each value and reads it back, all in one turn of the event loop. */
async function writeAndRead(): Promise<(string | null)[]> {
  const prefix = freshPrefix();
  const replies = values.map((value) => {
    void redis.commands.set(`${prefix}:k`, value, "PX", 10_000);
    return redis.commands.get(`${prefix}:k`);
  });
  return Promise.all(replies);
}

it("commands of one turn of the event loop leave in one write, in order", async () => {
  const writes = socketWrites(connection());
  expect(await writeAndRead()).toEqual(values);
  expect(writes()).toBe(1);
  expect(await writeAndRead()).toEqual(values);
  expect(writes()).toBe(2);
});

it("a command does not wait for the reply to a command of an earlier turn", async () => {
  const writes = socketWrites(connection());
  const first = redis.commands.ping();
  await new Promise(setImmediate);
  const second = redis.commands.ping();
  await new Promise(setImmediate);
  expect(writes()).toBe(2);
  await Promise.all([first, second]);
});

it("a socket that can't be corked sends each command in a write of its own", async () => {
  Object.assign(connection().stream, { cork: undefined });
  const writes = socketWrites(connection());
  expect(await writeAndRead()).toEqual(values);
  expect(writes()).toBe(2 * COMMANDS);
});

it("after a connection was lost within a turn, commands over the next connection leave in one write again", async () => {
  const lost = redis.commands.ping();
  connection().stream.destroy();
  await expect(lost).rejects.toSatisfy(isRedisUnavailable);
  await expect.poll(() => redis.readiness.commands).toBe(true);
  const writes = socketWrites(connection());
  expect(await writeAndRead()).toEqual(values);
  expect(writes()).toBe(1);
});
