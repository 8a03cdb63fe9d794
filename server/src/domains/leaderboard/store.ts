import type { Redis } from "ioredis";
import { type Idempotency, idempotencyArguments } from "../../redis/idempotency.js";
import type { BoardKeys, Keys } from "../../redis/keys.js";
import { runScript, runScriptRaw, type Script, type ScriptArgument } from "../../redis/scripts.js";
import { refuse } from "./refusals.js";

/** The one season of the window `all`, which never ends. */
export const ALL = { window: "all", season: "all" } as const;

/** Runs the scripts of one board: the keys, the idempotent writes, the statuses. */
export class BoardStore {
  readonly #redis: Redis;
  readonly #keys: BoardKeys;
  readonly #publish: string;

  constructor(redis: Redis, keys: Keys, publishCommand: string, board: string) {
    this.#redis = redis;
    this.#keys = keys.board(board);
    this.#publish = publishCommand;
  }

  get meta(): string {
    return this.#keys.meta;
  }

  get topic(): string {
    return this.#keys.topic;
  }

  get ranking(): string {
    return this.#keys.ranking(ALL.window, ALL.season);
  }

  get records(): string {
    return this.#keys.records(ALL.window, ALL.season);
  }

  /** What every script that reads entries takes. */
  get readKeys(): string[] {
    return [this.meta, this.ranking, this.records];
  }

  /**
   * Runs a script that reads; its first string is a status.
   * @returns what follows the status, as Buffers.
   * @throws {GrandstandError} what the status says.
   */
  async read(script: Script, keys: string[], args: ScriptArgument[] = []): Promise<Buffer[]> {
    const [status, ...rest] = (await runScriptRaw(this.#redis, script, keys, args)) as Buffer[];
    refuse(String(status));
    return rest;
  }

  /**
   * Runs a script that writes and tells watchers. It takes the kept answer as its second key and the topic
   * as its third, and fingerprint, TTL and publishing command as its first arguments.
   * @returns what follows the status, strings and tables of strings.
   */
  async write(
    script: Script,
    idempotency: Idempotency | null,
    keys: string[],
    args: ScriptArgument[] = [],
  ): Promise<unknown[]> {
    const { scope, argv } = idempotencyArguments(idempotency);
    const [status, ...rest] = (await runScript(
      this.#redis,
      script,
      [this.meta, this.#keys.answer(scope), this.topic, ...keys],
      [...argv, this.#publish, ...args],
    )) as unknown[];
    refuse(String(status));
    return rest;
  }
}
