import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import { type Idempotency, idempotencyArguments, refuseReusedKey } from "../../redis/idempotency.js";
import { type ArgumentsOf, namedReply, type ReplyOf, runScript, type Script } from "../../redis/scripts.js";
import type { DomainDependencies } from "../shared/dependencies.js";

type OwnArguments<Args extends string> = Omit<
  ArgumentsOf<Args>,
  "fingerprint" | "replyTtlMs" | "keepMs" | "failedLimit"
>;

export type Stores = Pick<DomainDependencies, "redis" | "keys">;

/** Arguments of all scripts. The keys of a queue live longer than any job can be delayed. */
const common = { keepMs: limits.jobDelayMs * 2, failedLimit: limits.failedJobsPerQueue };

/** Runs the scripts of one queue. */
export class QueueStore {
  readonly #stores: Stores;
  readonly #queue: string;

  constructor(stores: Stores, queue: string) {
    this.#stores = stores;
    this.#queue = queue;
  }

  /**
   * @param token the worker's token, which only take.lua needs. Each token has its own key `took` in Redis: a SET of the
   * jobs that were taken with the token
   * @throws {GrandstandError} `conflict` when the script replies `lost` or `full`, or refuses a reused idempotency key
   */
  async run<Args extends string, Reply extends string>(
    script: Script<Args, Reply>,
    args: OwnArguments<Args>,
    idempotency: Idempotency | null = null,
    token = "none",
  ): Promise<ReplyOf<Reply>> {
    const { redis, keys } = this.#stores;
    const { firstReply, took, ...ofQueue } = keys.jobQueue(this.#queue);
    const { scope, args: ofKey } = idempotencyArguments(idempotency);
    const scriptKeys = { ...ofQueue, took: took(token), firstReply: firstReply(scope) };
    const all = { ...common, ...ofKey, ...args } as unknown as ArgumentsOf<Args>;
    const [status, ...values] = (await runScript(redis, script, scriptKeys, all)) as string[];
    refuseReusedKey(status!);
    if (status === "lost") throw lost();
    if (status === "full") throw full();
    return namedReply(script, status!, values);
  }
}

function lost(): GrandstandError {
  const message =
    "does not belong to the job's worker: the lease has ended, or the job was completed or removed";
  return new GrandstandError("conflict", `The token ${message}`, {
    issues: [{ path: "token", rule: "lost", message }],
  });
}

function full(): GrandstandError {
  const message = `is full: it has ${limits.jobsPerQueue} jobs that are neither completed nor failed`;
  return new GrandstandError("conflict", `The queue ${message}`, {
    issues: [{ path: "queue", rule: "length", message }],
  });
}
