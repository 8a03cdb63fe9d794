import { Redis, type RedisOptions } from "ioredis";
import type { RedisAddress } from "../config/redis-url.js";
import type { KeyPage, PublishCommand, RedisCommands } from "./commands.js";
import type { OpenRedis } from "./open-redis.js";
import { commandOptions, jobOptions, subscriptionOptions } from "./options.js";
import { registerScripts } from "./scripts.js";
import { checkServer, loginOf } from "./server-check.js";
import { ServerTopics } from "./server-topics.js";

/** Sends commands to one server: to a fixed server, or to the current primary, which Sentinels name. */
class ServerCommands extends Redis implements RedisCommands {
  publishCommand: PublishCommand = "PUBLISH";

  publishTo(topic: string, message: string): Promise<unknown> {
    return this.publishCommand === "SPUBLISH" ? this.spublish(topic, message) : this.publish(topic, message);
  }

  async subscriberCount(topic: string): Promise<number> {
    const section = this.publishCommand === "SPUBLISH" ? "SHARDNUMSUB" : "NUMSUB";
    const [, count] = (await this.call("PUBSUB", section, topic)) as [string, number];
    return count;
  }

  async scanKeys(pattern: string, cursor: string, count: number): Promise<KeyPage> {
    const [nextCursor, keys] = await this.scan(cursor, "MATCH", pattern, "COUNT", count);
    return { keys, nextCursor };
  }

  onReconnect(listener: () => void): () => void {
    this.on("ready", listener);
    return () => void this.off("ready", listener);
  }
}

type ServerOptions = Omit<RedisOptions, "replyMapping">;

/** Opens the connections to one server. */
export function openSingle(address: RedisAddress): OpenRedis {
  const { hosts, path, db } = address;
  return openServer({ ...(path === undefined ? hosts[0] : { path }), ...loginOf(address), db });
}

/** @param server says how to find the server and how to log in */
export function openServer(server: ServerOptions): OpenRedis {
  const commands = new ServerCommands({ ...server, ...commandOptions() });
  registerScripts(commands);
  // After a reconnect, ServerTopics subscribes again instead of ioredis, because the listeners must be notified.
  const subscriptions = new Redis({ ...server, ...subscriptionOptions(), autoResubscribe: false });
  const jobs = new Redis({ ...server, ...jobOptions() });
  return {
    commands,
    jobs,
    all: { commands, subscriptions, jobs },
    notReady: "the connection is not open yet",
    check: () => checkServer(commands, server.db ?? 0),
    topics: ({ heartbeatTopic, publishCommand, observer, pace, log }) =>
      new ServerTopics({
        subscriptions,
        publish: (topic, message) => commands.publishTo(topic, message),
        publishCommand,
        heartbeatTopic: heartbeatTopic(0),
        observer,
        pace,
        log,
      }),
  };
}
