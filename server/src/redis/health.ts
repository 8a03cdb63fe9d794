import type { Logger } from "pino";
import type { RedisCommands } from "./commands.js";
import { refusalOf } from "./faults.js";
import type { Pace } from "./pace.js";

/** Why reads and writes fail: a code of Redis such as `OOM`, or `no reply`; null while they work. */
export interface RedisFailures {
  reads: string | null;
  writes: string | null;
}

const CHECK_INTERVAL = { ms: 2_000, idleMs: 120_000 };
const KEY_TTL_MS = 10_000;

/**
 * Checks regularly whether Redis serves reads and writes, and logs each change once with its reason. It logs a warning
 * only when Redis refuses, because a lost connection logs its own warning.
 */
export class RedisHealth {
  readonly #redis: RedisCommands;
  readonly #key: string;
  readonly #log: Logger;
  #failures: RedisFailures = { reads: null, writes: null };
  #checking: Promise<RedisFailures> | null = null;
  #stop = () => {};

  constructor(redis: RedisCommands, key: string, log: Logger) {
    this.#redis = redis;
    this.#key = key;
    this.#log = log;
  }

  /** The result of the last check. */
  get failures(): RedisFailures {
    return this.#failures;
  }

  start(pace: Pace): void {
    this.#stop = pace.every(CHECK_INTERVAL, () => this.check());
  }

  stop(): void {
    this.#stop();
  }

  /** Never rejects. Calls at the same time share one check. */
  check(): Promise<RedisFailures> {
    this.#checking ??= this.#check().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async #check(): Promise<RedisFailures> {
    const [reads, writes] = await Promise.all([
      reasonOf(this.#redis.get(this.#key)),
      reasonOf(this.#redis.set(this.#key, "", "PX", KEY_TTL_MS)),
    ]);
    const before = this.#failures;
    this.#failures = { reads, writes };
    this.#logChange("reads", before.reads, reads);
    this.#logChange("writes", before.writes, writes);
    return this.#failures;
  }

  #logChange(what: keyof RedisFailures, before: string | null, reason: string | null): void {
    if (before === reason) return;
    if (reason === null) this.#log.info(`redis serves ${what} again`);
    else {
      const isLoggedByConnection = reason === NO_REPLY || this.#redis.status !== "ready";
      this.#log[isLoggedByConnection ? "info" : "warn"]({ reason }, `redis does not serve ${what}`);
    }
  }
}

const NO_REPLY = "no reply";

function reasonOf(command: Promise<unknown>): Promise<string | null> {
  return command.then(
    () => null,
    (error: unknown) => refusalOf(error) ?? NO_REPLY,
  );
}
