import { createHash, randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { keySlot } from "../../../src/redis/key-slot.js";
import { scriptNames } from "../../../src/redis/scripts.js";
import { watchCommands } from "../monitor.js";
import { poll } from "./poll.js";

/**
 * Which arguments of a command are keys, as Redis reports it in the reply to COMMAND. A negative `last` counts from the
 * end.
 */
interface KeyRange {
  first: number;
  last: number;
  step: number;
  /** Whether the positions of the keys depend on other arguments. */
  isMovable: boolean;
}

/**
 * For commands with a variable number of keys: the position of the argument that states this number. The keys follow that
 * argument. In a `...store` command, the key of the destination precedes it.
 */
const numberedKeys: Record<string, number> = {
  eval: 2,
  evalsha: 2,
  eval_ro: 2,
  evalsha_ro: 2,
  zunion: 1,
  zinter: 1,
  zunionstore: 2,
  zinterstore: 2,
};

/**
 * A script whose commands are being reported. MONITOR reports the commands of a script directly after the
 * script.
 */
interface RunningScript {
  name: string;
  declared: Set<string>;
  isOurs: boolean;
}

const scriptCalls = new Set(["eval", "evalsha", "eval_ro", "evalsha_ro"]);

/**
 * Watches all commands of one server for those that can fail on a Cluster: scripts and transactions that
 * touch several slots, and scripts that use keys they did not declare. The server must listen on TCP, because
 * MONITOR gives all clients of a Unix socket the same name.
 */
export class SlotWatch {
  /** The names of our scripts that ran. */
  readonly scripts = new Set<string>();
  /** Texts that say what can fail on a Cluster. Transactions are in `wideTransactions`. */
  readonly violations = new Set<string>();
  /**
   * Transactions of several slots. They are listed separately, because some tests send such transactions
   * themselves.
   */
  readonly wideTransactions = new Set<string>();
  /** Names of our scripts by their SHA-1. */
  readonly #names = scriptNames();
  readonly #ranges: Map<string, KeyRange>;
  /** The keys of each open transaction, by client. */
  readonly #transactions = new Map<string, string[]>();
  readonly #redis: Redis;
  #script: RunningScript | null = null;
  #marker = "";
  #stop = () => {};

  private constructor(redis: Redis, ranges: Map<string, KeyRange>) {
    this.#redis = redis;
    this.#ranges = ranges;
  }

  static async start(redis: Redis): Promise<SlotWatch> {
    const watch = new SlotWatch(redis, await readKeyRanges(redis));
    watch.#stop = await watchCommands(redis, (line) => watch.#take(line));
    return watch;
  }

  /** Waits until MONITOR has reported all commands so far, then stops watching. */
  async stop(): Promise<void> {
    const marker = randomUUID();
    await this.#redis.echo(marker);
    await poll(() => {
      if (this.#marker !== marker) throw new Error("MONITOR has not caught up");
    });
    this.#stop();
  }

  #take(line: string): void {
    const client = line.slice(1, line.indexOf("]"));
    const args = argumentsOf(line);
    const name = args[0]?.toLowerCase() ?? "";
    if (client === "lua") {
      this.#takeOfScript(name, args);
      return;
    }
    this.#script = null;
    if (name === "echo") this.#marker = args[1] ?? "";
    const keys = this.#keysOf(name, args);
    if (scriptCalls.has(name)) this.#begin(name, args[1]!, keys);
    if (name === "multi") this.#transactions.set(client, []);
    else if (name === "exec" || name === "discard") {
      const touched = this.#transactions.get(client) ?? [];
      if (slotsOf(touched).size > 1) this.wideTransactions.add(touched.join(" "));
      this.#transactions.delete(client);
    } else this.#transactions.get(client)?.push(...keys);
  }

  #begin(command: string, script: string, keys: string[]): void {
    const sha = command.startsWith("evalsha")
      ? script
      : createHash("sha1").update(script, "latin1").digest("hex");
    const ours = this.#names.get(sha);
    if (ours !== undefined) this.scripts.add(ours);
    const name = ours ?? `unknown script ${sha}`;
    this.#script = { name, declared: new Set(keys), isOurs: ours !== undefined };
    this.#checkSlot(name, keys);
  }

  #takeOfScript(command: string, args: string[]): void {
    if (this.#script === null) return;
    const { name, declared, isOurs } = this.#script;
    const keys = this.#keysOf(command, args);
    for (const key of isOurs ? keys : []) {
      if (!declared.has(key) && !(name.startsWith("leaderboard.") && isRankingByValue(key, declared)))
        this.violations.add(`${name}: ${command} of ${key}, which the script did not declare`);
    }
    this.#checkSlot(`${name}, ${command}`, [...declared, ...keys]);
  }

  #keysOf(name: string, args: string[]): string[] {
    const numberAt = numberedKeys[name];
    if (numberAt !== undefined) {
      const keys = args.slice(numberAt + 1, numberAt + 1 + Number(args[numberAt]));
      return name.endsWith("store") ? [args[1]!, ...keys] : keys;
    }
    const range = this.#ranges.get(name);
    if (range === undefined) return [];
    if (range.isMovable) {
      this.violations.add(`${name}: SlotWatch can't find the keys of this command among its arguments`);
      return [];
    }
    const { first, last, step } = range;
    if (first === 0) return [];
    const end = last < 0 ? args.length + last : last;
    return args.filter((_, at) => at >= first && at <= end && (at - first) % step === 0);
  }

  #checkSlot(what: string, keys: string[]): void {
    const { size } = slotsOf(keys);
    if (size > 1) this.violations.add(`${what}: keys in ${size} slots, with ${keys[0]} and ${keys.at(-1)}`);
  }
}

function slotsOf(keys: string[]): Set<number> {
  return new Set(keys.map((key) => keySlot(Buffer.from(key, "latin1"))));
}

/**
 * Whether a key belongs to a ranking by value, which ranks the board entries with the same value of a metadata field. `:r:`
 * marks the key of the ranking itself, `:d:` the key of its distinct scores. Scripts build the names of both keys from a
 * declared key. Scripts declare all other keys (docs/decisions/0014).
 */
function isRankingByValue(key: string, declared: Set<string>): boolean {
  const [, counts] = /^(.*?):[rd]:/.exec(key) ?? [];
  return counts !== undefined && declared.has(counts);
}

async function readKeyRanges(redis: Redis): Promise<Map<string, KeyRange>> {
  const commands = (await redis.call("COMMAND")) as [string, number, string[], number, number, number][];
  return new Map(
    commands.map(([name, , flags, first, last, step]) => [
      name,
      { first, last, step, isMovable: flags.includes("movablekeys") },
    ]),
  );
}

/** The arguments in a line of MONITOR. Each byte becomes one character. */
function argumentsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text]) =>
    text!.replaceAll(/\\(x[\da-f]{2}|.)/g, (_, code: string) => {
      if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
      return escapes[code] ?? code;
    }),
  );
}

const escapes: Record<string, string> = { n: "\n", r: "\r", t: "\t", a: "\x07", b: "\b" };
