import { Redis } from "ioredis";
import { type RoomChange, readChanges } from "../../src/domains/presence/watched-room.js";
import { Keys } from "../../src/redis/keys.js";

/** What was told of a room, and when. */
export interface WatchedChange extends Pick<RoomChange, "kind" | "user"> {
  at: number;
}

/** Hears of every change of a room's presence from Redis itself, whatever becomes of the nodes. */
export async function watchPresence(redisUrl: string, prefix: string, room: string) {
  const redis = new Redis(redisUrl.replace("unix://", ""));
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
