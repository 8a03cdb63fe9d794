import type { Cluster, Command, Redis } from "ioredis";
import { noObserver, type Observer } from "../observer/observer.js";
import { isRedisAway, refusalOf } from "./faults.js";
import { scriptNames } from "./scripts.js";

const attributes = { "db.system.name": "redis" };

/** ioredis sends these when a connection opens, and ignores their refusals by an older server. */
const openingCommands = new Set(["hello", "client", "info", "auth", "select"]);

/** Tells the observer of each command on a connection, and opens spans for those within a call. A script has its own name, `script` if it is a library's. */
export function observeCommands(redis: Redis | Cluster, observer: Observer): void {
  if (observer === noObserver) return;
  const { tracer } = observer;
  const names = scriptNames();
  // ioredis sends a command again that waited while it was offline.
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
  return refusalOf(error) ?? (isRedisAway(error) ? "no reply" : "error");
}
