import { createShardedAdapter } from "@socket.io/redis-adapter";
import { Server } from "socket.io";
import { afterAll, beforeAll, expect, it } from "vitest";
import { newGuest } from "../../../test/support/accounts.js";
import { openSocketIo, type SocketIoClient } from "../../../test/support/drivers/socketio-driver.js";
import { eventually } from "../../../test/support/eventually.js";
import { startTestNode, type TestNode } from "../../../test/support/in-process-node.js";
import { freshPrefix } from "../../../test/support/names.js";
import { connectTestRedis, redisClient, type TestRedis } from "../../../test/support/redis-client.js";
import { Keys } from "../../redis/keys.js";

const prefix = freshPrefix();
let nodes: TestNode[];
let redis: TestRedis;

beforeAll(async () => {
  const settings = { GRANDSTAND_PREFIX: prefix, GRANDSTAND_SOCKETIO_ADAPTER: "on" };
  nodes = await Promise.all([startTestNode(settings), startTestNode(settings)]);
  redis = await connectTestRedis();
});

afterAll(() => Promise.all([...nodes.map((node) => node.close()), redis.close()]));

it("a program without an HTTP server emits to the sockets of all nodes, lists them and disconnects those of a user", async () => {
  const subscriptions = redisClient();
  const publisher = redisClient();
  const options = { channelPrefix: new Keys(prefix).socketIo, subscriptionMode: "static" as const };
  const program = new Server({ adapter: createShardedAdapter(publisher, subscriptions, options) });
  const users = await Promise.all(nodes.map(({ url }) => newGuest(url)));
  const clients = await Promise.all(nodes.map(({ url }, at) => openSocketIo(url, users[at]!.token)));
  await eventually(async () =>
    expect(await redis.commands.subscriberCount(`${options.channelPrefix}#/#`)).toBe(3),
  );
  const received = clients.map(({ socket }) => {
    const events: unknown[] = [];
    socket.onAny((event: string, ...args: unknown[]) => events.push([event, ...args]));
    return events;
  });

  program.emit("announcement", { text: "Grüße" });
  program.to(`sockets-of:${users[1]!.user.id}`).emit("hello");
  await eventually(() => expect(received[1]).toHaveLength(2));
  expect(received[0]).toEqual([["announcement", { text: "Grüße" }]]);
  expect(received[1]).toEqual([["announcement", { text: "Grüße" }], ["hello"]]);

  const sockets = await program.fetchSockets();
  expect(sockets.map(({ id, data }) => [id, data.user]).sort()).toEqual(
    clients.map(({ socket }, at) => [socket.id, users[at]!.user.id]).sort(),
  );
  expect(JSON.stringify(sockets.map(({ handshake }) => handshake))).not.toContain(users[0]!.token);

  const isClosed = (client: SocketIoClient) => !client.socket.connected;
  program.in(`sockets-of:${users[0]!.user.id}`).disconnectSockets(true);
  await eventually(() => expect(clients.map(isClosed)).toEqual([true, false]));
  await clients[1]!.close();
  subscriptions.disconnect();
  publisher.disconnect();
});
