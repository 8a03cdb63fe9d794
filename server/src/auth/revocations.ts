import { limits } from "@grandstand/shared/limits";
import type { Logger } from "pino";
import { type Caller, credentialOf } from "../core/caller.js";
import { TurnBatcher } from "../core/turn-batcher.js";
import type { RedisCommands } from "../redis/commands.js";
import { type Idempotency, idempotencyArguments, refuseReusedKey } from "../redis/idempotency.js";
import type { Keys } from "../redis/keys.js";
import { fullPace, type Pace } from "../redis/pace.js";
import { runScript, scriptsOf } from "../redis/scripts.js";
import { digestOf } from "./digest.js";

const define = scriptsOf(import.meta.url, {
  keys: ["revoked", "revokedUsers", "ended", "topic", "firstReply", "apiKeys"],
});
const revokeScript = define("revoke", {
  args: ["id", "kind", "memoryMs", "publishCommand", "fingerprint", "replyTtlMs"],
  reply: ["atMs"],
});
const sinceScript = define("revoked-since", { args: ["sinceMs"] });

/** How long Redis remembers the revocation of a session or key, for nodes that missed the notice. */
const ENDED_MEMORY_MS = 3_600_000;
/** How long a node remembers a revocation. No node caches a credential for longer. */
const MEMORY_MS = 60_000;
/** How often an idle node reads revocations. An idle node has no connection that a revocation could end. */
const IDLE_REVIEW_MS = 120_000;
/**
 * How far a review (`#review`) reads back beyond the time of the previous review. A failover can set Redis's clock back.
 * A new revocation may then have a time before the previous review.
 */
const OVERLAP_MS = 5_000;

export type Revoked = "user" | "session" | "key";

/**
 * Revocations of users, sessions and keys. One script records a revocation in Redis and publishes it. A node reads
 * missed revocations periodically, and whenever its subscriptions were interrupted. The times of
 * revocations are from Redis's clock.
 */
export class Revocations {
  readonly #redis: RedisCommands;
  readonly #keys: Keys["identity"];
  readonly #publishCommand: string;
  readonly #log: Logger;
  /** Recent revocations by `<kind>:<id>`. */
  readonly #recent = new Map<string, { at: number; recordedAt: number }>();
  /** Whether this node has seen an erased user's revocation. A pseudonym replaces the user's id in it (`pseudonymize`). */
  #hasPseudonyms = false;
  /** Reads each user's last revocation time; null for none. One command reads all users of one turn of the event loop. */
  readonly #revokedAt = new TurnBatcher<string, number | null>((users) => this.#readRevokedAt(users));
  #onRevoked = (): void => {};
  #reviewedAt: string | null = null;
  #stopReviews = () => {};

  constructor(options: {
    redis: RedisCommands;
    keys: Keys;
    publishCommand: "SPUBLISH" | "PUBLISH";
    log: Logger;
  }) {
    this.#redis = options.redis;
    this.#keys = options.keys.identity;
    this.#publishCommand = options.publishCommand;
    this.#log = options.log;
  }

  /** @param listener called as soon as `covers` takes new revocations into account */
  onRevoked(listener: () => void): void {
    this.#onRevoked = listener;
  }

  /** @param reviewMs how often to read missed revocations while the node is not idle */
  async start(reviewMs: number, pace: Pace = fullPace): Promise<void> {
    await this.#review();
    this.#stopReviews = pace.every({ ms: reviewMs, idleMs: Math.max(reviewMs, IDLE_REVIEW_MS) }, () =>
      this.#reviewSafely(),
    );
  }

  stop(): void {
    this.#stopReviews();
  }

  /**
   * @param id the id of the user, session or key
   * @returns when it was revoked, in ms since 1970
   * @throws {GrandstandError} `conflict` when the idempotency key was used with another input
   */
  async revoke(kind: Revoked, id: string, idempotency: Idempotency | null): Promise<number> {
    const { scope, args } = idempotencyArguments(idempotency);
    const { revokedUsers, ended, topic, firstReply, apiKeys } = this.#keys;
    const [status, at] = (await runScript(
      this.#redis,
      revokeScript,
      { revoked: kind === "user" ? revokedUsers : ended, topic, firstReply: firstReply(scope), apiKeys },
      {
        id,
        kind,
        memoryMs: kind === "user" ? limits.tokenLifetimeMs : ENDED_MEMORY_MS,
        publishCommand: this.#publishCommand,
        ...args,
      },
    )) as string[];
    refuseReusedKey(status!);
    if (this.#record(`${kind}:${id}`, Number(at))) this.#onRevoked();
    return Number(at);
  }

  /**
   * Whether a call with this idempotency key has already revoked something. A repeat of that call succeeds although the
   * session or key no longer exists.
   */
  async revokedBefore(idempotency: Idempotency | null): Promise<boolean> {
    return idempotency !== null && (await this.#redis.exists(this.#keys.firstReply(idempotency.scope))) === 1;
  }

  /** Whether a user was revoked after `issuedAt` (ms since 1970). Reads Redis. */
  async isRevoked(user: string, issuedAt: number): Promise<boolean> {
    const at = await this.#revokedAt.add(user);
    return at !== null && issuedAt <= at;
  }

  async #readRevokedAt(users: string[]): Promise<(number | null)[]> {
    const names = users.flatMap((user) => [user, pseudonymOf(user)]);
    const times = await this.#redis.zmscore(this.#keys.revokedUsers, ...names);
    return users.map((_, at) => {
      const own = times.slice(2 * at, 2 * at + 2).filter((time) => time !== null);
      return own.length > 0 ? Math.max(...own.map(Number)) : null;
    });
  }

  /** Replaces the id of a revoked user with a pseudonym when the user is erased. The revocation stays in force. */
  async pseudonymize(user: string): Promise<void> {
    const { revokedUsers } = this.#keys;
    const at = await this.#redis.zscore(revokedUsers, user);
    if (at === null) return;
    await this.#redis.multi().zadd(revokedUsers, at, pseudonymOf(user)).zrem(revokedUsers, user).exec();
  }

  /** Whether a recent revocation covers a caller's credential. */
  covers(caller: Caller): boolean {
    const credential = this.#recent.size === 0 ? undefined : credentialOf(caller);
    if (credential === undefined) return false;
    const { id, issuedAt } = credential;
    if (this.#recent.has(id)) return true;
    if (caller.kind !== "user") return false;
    const names = [caller.user.id, ...(this.#hasPseudonyms ? [pseudonymOf(caller.user.id)] : [])];
    return names.some(
      (name) => issuedAt <= (this.#recent.get(`user:${name}`)?.at ?? Number.NEGATIVE_INFINITY),
    );
  }

  /** Receives a notice: `<ms since 1970> <kind>:<id>`. */
  receive(notice: string): void {
    const space = notice.indexOf(" ");
    if (this.#record(notice.slice(space + 1), Number(notice.slice(0, space)))) this.#onRevoked();
  }

  /** Called when notices may have been missed. */
  resync(): void {
    void this.#reviewSafely();
  }

  #reviewSafely(): Promise<void> {
    return this.#review().catch((error: unknown) =>
      this.#log.warn({ err: error }, "missed revocations could not be read; the node tries again"),
    );
  }

  async #review(): Promise<void> {
    const from = this.#reviewedAt === null ? "+inf" : String(Number(this.#reviewedAt) - OVERLAP_MS);
    const reply = await runScript(this.#redis, sinceScript, this.#keys, { sinceMs: from });
    const [now, users, others] = reply as [string, string[], string[]];
    this.#reviewedAt = now;
    this.#forget();
    let isNew = false;
    for (let at = 0; at < users.length; at += 2)
      isNew = this.#record(`user:${users[at]}`, Number(users[at + 1])) || isNew;
    for (let at = 0; at < others.length; at += 2)
      isNew = this.#record(others[at]!, Number(others[at + 1])) || isNew;
    if (isNew) this.#onRevoked();
  }

  /** @returns whether the revocation is new. Known revocations come again in the node's own notices and in later reviews */
  #record(revoked: string, at: number): boolean {
    if (revoked.startsWith(`user:${PSEUDONYM}`)) this.#hasPseudonyms = true;
    const known = this.#recent.get(revoked)?.at ?? Number.NEGATIVE_INFINITY;
    this.#recent.set(revoked, { at: Math.max(at, known), recordedAt: performance.now() });
    return at > known;
  }

  #forget(): void {
    const oldest = performance.now() - MEMORY_MS;
    for (const [revoked, { recordedAt }] of this.#recent)
      if (recordedAt < oldest) this.#recent.delete(revoked);
  }
}

/** A pseudonym begins with a character that no id has. */
const PSEUDONYM = "\n";

function pseudonymOf(user: string): string {
  return PSEUDONYM + digestOf(user);
}
