import type { Cluster, Command, Redis } from "ioredis";
import { noObserver, type Observer } from "../observer/observer.js";
import { isRedisUnavailable, refusalOf } from "./faults.js";
import { scriptNames } from "./scripts.js";

const attributes = { "db.system.name": "redis" };

/** ioredis sends these when a connection opens, and ignores errors if an older server does not know them. */
const openingCommands = new Set(["hello", "client", "info", "auth", "select"]);

/**
 * Reports each command of a connection to the observer, and opens a span for a command within a call. The node's own
 * scripts are reported by name. Scripts of a library, such as rate-limiter-flexible, are reported as `script`.
 */
export function observeCommands(redis: Redis | Cluster, observer: Observer): void {
  if (observer === noObserver) return;
  const { tracer } = observer;
  const names = scriptNames();
  // ioredis calls `sendCommand` a second time for a command that waited for the connection.
  const seen = new WeakSet<Command>();
  const sendCommand = redis.sendCommand.bind(redis) as (command: Command, ...more: unknown[]) => unknown;
  redis.sendCommand = (command: Command, ...more: unknown[]) => {
    if (!seen.has(command) && !openingCommands.has(command.name)) {
      seen.add(command);
      const sentAt = performance.now();
      const name = nameOf(command, names);
      const note = (failure: string | null) =>
        observer.note("redisReplied", { command: name, failure, ms: performance.now() - sentAt });
      (command.promise as Promise<unknown>).then(
        () => note(null),
        (error: unknown) => note(failureOf(error)),
      );
      if (tracer) return tracer.child(name, "client", attributes, () => sendCommand(command, ...more));
    }
    return sendCommand(command, ...more);
  };
}

function nameOf({ name, args }: Command, names: ReadonlyMap<string, string>): string {
  if (name !== "evalsha" && name !== "eval") return name;
  return names.get(String(args[0])) ?? "script";
}

function failureOf(error: unknown): string {
  return refusalOf(error) ?? (isRedisUnavailable(error) ? "no reply" : "error");
}
