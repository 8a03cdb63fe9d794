import { Queue } from "bullmq";
import { Keys } from "../../src/redis/keys.js";
import { freshId } from "./names.js";
import { redisClient } from "./redis-client.js";

/** Jobs of the queue `upkeep` that fail at their first attempt and are not repeated. `mend` removes the cause. */
export interface FailingJobs {
  queue: Queue;
  /** Adds a job that closes a season of a board. The board's key `meta` in Redis has a wrong type, so the job fails. */
  addSeasonEnd(): Promise<{ id: string; board: string; mend(): Promise<unknown> }>;
  /** Adds a job that erases a user. The key of the user's notices in Redis has a wrong type, so the job fails. */
  addErasure(): Promise<{ id: string; user: string; mend(): Promise<unknown> }>;
  close(): Promise<void>;
}

/** @param prefix the prefix of a running node @param redisUrl the Redis of that node */
export function failingJobs(prefix: string, redisUrl?: string): FailingJobs {
  const redis = redisClient(redisUrl);
  const keys = new Keys(prefix);
  const queue = new Queue("upkeep", { connection: redis, prefix: keys.jobs });
  const add = async (name: string, data: object, broken: string) => {
    await redis.set(broken, "not a hash");
    const { id } = await queue.add(name, data, { attempts: 1, removeOnComplete: true });
    return { id: id!, mend: () => redis.unlink(broken) };
  };
  return {
    queue,
    async addSeasonEnd() {
      const board = freshId("broken");
      const season = { board, window: "all", endsAtMs: Date.now() - 1_000 };
      return { board, ...(await add("close", season, keys.board(board).meta)) };
    },
    async addErasure() {
      const user = freshId("user");
      return { user, ...(await add("erase", { user }, keys.user(user).notices)) };
    },
    async close() {
      await queue.close();
      redis.disconnect();
    },
  };
}
