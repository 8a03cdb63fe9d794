import type { OutputOf } from "@grandstand/shared/contract";
import { expect, it, onTestFinished } from "vitest";
import { newGuest } from "../support/accounts.js";
import { dataOf } from "../support/acks.js";
import { RestartableRedis } from "../support/chaos/restartable-redis.js";
import type { Follower } from "../support/drivers/driver.js";
import { restDriver } from "../support/drivers/rest-driver.js";
import { openWebSocket, webSocketDriver } from "../support/drivers/websocket-driver.js";
import { eventually } from "../support/eventually.js";
import { startTestNode } from "../support/in-process-node.js";
import { freshId, freshPrefix, TEST_API_KEY } from "../support/names.js";
import { startNode } from "../support/node-process.js";

it("PR3, PR6: lookup finds a user in the room after Redis lost all data, and not after the user's node was killed", async () => {
  const redis = await RestartableRedis.start();
  onTestFinished(() => redis.stop());
  const settings = {
    GRANDSTAND_PREFIX: freshPrefix(),
    GRANDSTAND_PRESENCE_GRACE_MS: "200",
    GRANDSTAND_LEASE_TTL_MS: "3000",
  };
  // The user is connected to the first node, and is looked up on the second node.
  const [near, far] = await Promise.all([
    startNode({ redisUrl: redis.url, prefix: settings.GRANDSTAND_PREFIX, env: settings }),
    startTestNode(settings, redis.url),
  ]);
  onTestFinished(async () => {
    await Promise.all([near.stop(), far.close()]);
  });
  const server = await restDriver.open(far.url, TEST_API_KEY);
  const { user, token } = await newGuest(near.url);
  const whereabouts = async () => {
    const { users } = dataOf(await server.call("presence.lookup", { users: [user.id] }));
    return users[0] as OutputOf<"presence.lookup">["users"][number];
  };
  const follow = () => webSocketDriver.follow(far.url, TEST_API_KEY, { channel: `user:${user.id}` });

  const room = freshId("room");
  const watching = await follow();
  const device = await openWebSocket(near.url, token);
  dataOf(await device.call("presence.enter", { room }));
  await eventually(() => expect(eventsOf(watching)).toEqual(["user.entered"]));

  await redis.client.flushall();
  await eventually(async () => expect(await whereabouts()).toMatchObject({ online: true, rooms: [room] }));
  // Followers of the user's channel resync, and see the user in the room.
  await eventually(() => expect(eventsOf(watching)).toEqual(["user.entered", "channel.resync"]));
  const anew = await follow();
  expect(dataOf(anew.reply).snapshot).toEqual({ rooms: [room], notices: [] });

  const killedAt = Date.now();
  await near.kill();
  await eventually(() => expect(eventsOf(anew)).toEqual(["user.left"]));
  const { online, rooms, lastSeenAt } = await whereabouts();
  expect({ online, rooms }).toEqual({ online: false, rooms: [] });
  expect(Date.parse(lastSeenAt!)).toBeGreaterThan(killedAt);

  await Promise.all([device, watching, anew].map((client) => client.close()));
});

function eventsOf({ pushes }: Follower): string[] {
  return pushes.flatMap(({ publications }) => publications.map(({ event }) => event));
}
