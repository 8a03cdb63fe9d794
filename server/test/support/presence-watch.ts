import { type RoomChange, readChanges } from "../../src/domains/presence/room-state.js";
import { Keys } from "../../src/redis/keys.js";
import { redisClient } from "./redis-client.js";

/** A change of a room's presence, and when the watch received it. */
export interface WatchedChange extends Pick<RoomChange, "kind" | "user"> {
  at: number;
}

/** Receives every change of a room's presence from Redis, without a node. */
export async function watchPresence(redisUrl: string, prefix: string, room: string) {
  const redis = redisClient(redisUrl);
  const changes: WatchedChange[] = [];
  const onMessage = (_topic: string, message: string) => {
    if (!message.startsWith("changes ")) return;
    const at = performance.now();
    for (const { kind, user } of readChanges(message.slice(8)).changes) changes.push({ kind, user, at });
  };
  redis.on("smessage", onMessage);
  await redis.ssubscribe(new Keys(prefix).presence(room).topic);
  return { changes, stop: () => redis.disconnect() };
}
