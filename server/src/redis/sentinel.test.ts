import { afterAll, beforeAll, expect, it } from "vitest";
import { eventually } from "../../test/support/eventually.js";
import { freshPrefix } from "../../test/support/names.js";
import { SENTINEL_MASTER, startSentinels, type TestSentinels } from "../../test/support/redis/sentinel.js";
import { silentLog } from "../../test/support/silent-log.js";
import { connectRedis } from "./client.js";
import { isRedisUnavailable } from "./faults.js";

let sentinels: TestSentinels;
const sentinel = { master: SENTINEL_MASTER, password: null };

beforeAll(async () => {
  sentinels = await startSentinels();
});

afterAll(() => sentinels.close());

it("OP5: a start whose settings do not fit Sentinel fails, and the error says what does not fit", async () => {
  const { url, primary, replica } = sentinels;
  const urlOf = ({ host, port }: { host: string; port: number }) => `redis://${host}:${port}`;
  const unknown = connectRedis(url, silentLog, { sentinel: { master: "nobody", password: null } });
  await expect(unknown).rejects.toThrow(`knows ${SENTINEL_MASTER}, not "nobody"`);
  await expect(connectRedis(urlOf(primary), silentLog, { sentinel })).rejects.toThrow("is no Sentinel");
  await expect(connectRedis(url.split(",")[0]!, silentLog)).rejects.toThrow(
    "it is a Sentinel; name its primary",
  );
  await expect(connectRedis(urlOf(replica), silentLog)).rejects.toThrow(
    `it is a replica of ${primary.host}:${primary.port}`,
  );
});

it("OP3 OP5: after a failover commands and topics reach the new primary, and listeners are synced again", async () => {
  const { url, primary, replica } = sentinels;
  const redis = await connectRedis(url, silentLog, { sentinel });
  await redis.topics.start();
  const topic = `${freshPrefix()}:{t}`;
  const heard: string[] = [];
  await redis.topics.listen(topic, {
    receive: (message) => heard.push(message),
    resync: () => heard.push("resync"),
  });
  await redis.commands.publishTo(topic, "before");
  await eventually(() => expect(heard).toEqual(["before"]));
  await primary.kill();
  await eventually(async () => {
    await redis.commands.set(topic, "", "PX", 60_000).catch((error: unknown) => {
      expect([error, isRedisUnavailable(error)]).toEqual([error, true]);
      throw error;
    });
  });
  expect(await replica.client.exists(topic)).toBe(1);
  await eventually(() => expect(redis.topics.isSynced).toBe(true));
  await redis.commands.publishTo(topic, "after");
  await eventually(() => expect(heard).toEqual(["before", "resync", "after"]));
  await redis.close();
});
