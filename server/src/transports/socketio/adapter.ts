import { createShardedAdapter } from "@socket.io/redis-adapter";
import type { Namespace } from "socket.io";
import type { Adapter } from "socket.io-adapter";
import type { RedisConnections } from "../../redis/client.js";

/**
 * The Socket.IO adapter. It uses this node's subscriptions to Redis (`topics`), so it needs no connection of its
 * own and works on every kind of Redis. It carries what an app emits to sockets of other nodes, as JSON.
 * Publications of channels never pass through it.
 */
export function socketIoAdapter(
  { commands, topics }: RedisConnections,
  channelPrefix: string,
): (namespace: Namespace) => Adapter {
  // The adapter accepts a client of node-redis or of ioredis. This object is like a client of node-redis.
  const client = {
    async sSubscribe(channel: string, receive: (message: Buffer, channel: string) => void) {
      const listener = {
        receive: (message: string) => receive(Buffer.from(message), channel),
        // Messages to sockets during an outage are lost, as with Socket.IO's own adapters over Redis pub/sub.
        resync: () => {},
      };
      // `topics` logs a failed subscription and tries again.
      topics.listen(channel, listener).catch(() => {});
    },
    async sUnsubscribe(channels: string | string[]) {
      for (const channel of [channels].flat()) topics.ignore(channel);
    },
    sPublish: (channel: string, payload: string) => commands.publishTo(channel, payload),
    /** The adapter sends only `PUBSUB SHARDNUMSUB <channel>`, to count the nodes. */
    sendCommand: async ([, , channel]: [string, string, string]) => [
      channel,
      String(await commands.subscriberCount(channel)),
    ],
  };
  // "static" is one topic for all rooms. "dynamic" would subscribe to one topic for each room.
  return createShardedAdapter(client, client, { channelPrefix, subscriptionMode: "static" });
}
