import { randomBytes } from "node:crypto";
import type { OutputOf } from "@grandstand/shared/contract";
import { limits } from "@grandstand/shared/limits";
import type { User } from "@grandstand/shared/user";
import type { Logger } from "pino";
import { SESSION_TOKEN_PREFIX } from "../config/api-keys.js";
import type { Caller, Capability } from "../core/caller.js";
import { toIsoTime } from "../core/iso-time.js";
import type { RedisCommands } from "../redis/commands.js";
import type { Keys } from "../redis/keys.js";
import { runScript, scriptsOf } from "../redis/scripts.js";
import { digestOf } from "./digest.js";
import type { Revocations } from "./revocations.js";

const define = scriptsOf(import.meta.url, { keys: ["record", "sessions"] });
const beginScript = define("begin-session", { args: ["about", "ttlMs"], waitsForReplicas: true });
const useScript = define("use-session", { args: ["seenIntervalMs"] });
const listScript = define("list-session", { args: ["id", "ttlMs", "maxSessions"] });

/**
 * The use of a session is recorded at most once in this time. Even the shortest session lives much longer, so a session
 * does not expire while it is in use.
 */
const SEEN_INTERVAL_MS = 60_000;

/** The user of a session, and the rights of the session. */
export interface SessionRights {
  user: User;
  role?: string | undefined;
  caps?: readonly Capability[] | undefined;
}

export interface NewSession {
  id: string;
  token: string;
  expiresAt: Date;
}

interface About extends SessionRights {
  userAgent: string | null;
  /**
   * Only for a session that was issued in exchange for a token: when the token was issued, in ms since 1970. If a
   * revocation of the user covers that token, it covers the session too.
   */
  issuedAt?: number | undefined;
}

/** One session of a user. */
export type ListedSession = Omit<OutputOf<"session.list">["sessions"][number], "isCurrent">;

/**
 * Sessions in Redis. The key of a session has the digest of its token, so a reader of Redis finds no usable token. A
 * session and the list of its user's sessions may be on two servers of a Cluster, so no script changes both. The list
 * may have ids of sessions that no longer exist; reads skip these ids.
 */
export class Sessions {
  readonly #redis: RedisCommands;
  readonly #keys: Keys;
  readonly #revocations: Revocations;
  readonly #log: Logger;

  constructor(redis: RedisCommands, keys: Keys, revocations: Revocations, log: Logger) {
    this.#redis = redis;
    this.#keys = keys;
    this.#revocations = revocations;
    this.#log = log;
  }

  static isToken(token: string): boolean {
    return token.startsWith(SESSION_TOKEN_PREFIX);
  }

  /** @param options.issuedAt the issue time of the token that is exchanged for the session, in ms since 1970 */
  async create(
    rights: SessionRights,
    {
      ttlMs = limits.sessionTtlMs.default,
      userAgent = null,
      issuedAt,
    }: { ttlMs?: number | undefined; userAgent?: string | null | undefined; issuedAt?: number | undefined },
  ): Promise<NewSession> {
    const token = SESSION_TOKEN_PREFIX + randomBytes(32).toString("base64url");
    const id = digestOf(token);
    const about: About = { ...rights, userAgent, issuedAt };
    const [createdAt, surplus] = await Promise.all([
      runScript(this.#redis, beginScript, this.#keys.session(id), { about: JSON.stringify(about), ttlMs }),
      this.#recordExpiry(rights.user.id, id, ttlMs),
    ]);
    await this.#endSurplus(surplus);
    return { id, token, expiresAt: new Date(Number(createdAt) + ttlMs) };
  }

  /** Reads a session, and renews its TTL at most once a minute. @returns its caller, or null when there is no such session */
  async use(id: string): Promise<Caller | null> {
    const keys = this.#keys.session(id);
    const args = { seenIntervalMs: SEEN_INTERVAL_MS };
    const found = (await runScript(this.#redis, useScript, keys, args)) as string[];
    const [stored, ttlMs, createdAt, isRenewed] = found;
    if (stored === undefined) return null;
    const { user, role, caps, issuedAt } = JSON.parse(stored) as About;
    if (isRenewed === "1") {
      // Not awaited, because the session is valid before its entry in the list is renewed.
      this.#recordExpiry(user.id, id, Number(ttlMs))
        .then((surplus) => this.#endSurplus(surplus))
        .catch((error: unknown) =>
          this.#log.warn({ err: error }, "the expiry of a session could not be recorded"),
        );
    }
    return {
      kind: "user",
      user,
      ...(role !== undefined && { role }),
      ...(caps !== undefined && { caps }),
      credential: {
        id: `session:${id}`,
        expiresAt: null,
        issuedAt: issuedAt ?? Number(createdAt),
        slidesMs: Number(ttlMs),
      },
    };
  }

  /** The user of a session, without renewing it; null when there is no such session. */
  async userOf(id: string): Promise<string | null> {
    const about = await this.#redis.hget(this.#keys.session(id).record, "about");
    return about === null ? null : (JSON.parse(about) as About).user.id;
  }

  /** A user's sessions, most recently used first. */
  async list(user: string): Promise<ListedSession[]> {
    const ids = await this.#redis.zrange(this.#keys.user(user).sessions, "0", "-1");
    const read = async (id: string): Promise<ListedSession | null> => {
      const fields = ["about", "ttlMs", "createdAt", "seenAt"] as const;
      const [about, ttlMs, createdAt, seenAt] = await this.#redis.hmget(
        this.#keys.session(id).record,
        ...fields,
      );
      if (!about) return null;
      const { userAgent } = JSON.parse(about) as About;
      return {
        id,
        createdAt: toIsoTime(createdAt!),
        lastSeenAt: toIsoTime(seenAt!),
        expiresAt: toIsoTime(Number(seenAt) + Number(ttlMs)),
        userAgent,
      };
    };
    const found = (await Promise.all(ids.map(read))).filter((session) => session !== null);
    return found.sort((one, other) => (one.lastSeenAt < other.lastSeenAt ? 1 : -1));
  }

  async end(user: string, id: string): Promise<void> {
    await Promise.all([this.#delete([id]), this.#redis.zrem(this.#keys.user(user).sessions, id)]);
  }

  /** Ends the sessions of a user that were issued until `at`, in ms since 1970. */
  async endAllOf(user: string, at: number): Promise<void> {
    const list = this.#keys.user(user).sessions;
    const all = await this.#redis.zrange(list, "0", "-1");
    const issuedAts = await Promise.all(all.map((id) => this.#issuedAt(id)));
    const ids = all.filter((_, index) => issuedAts[index]! <= at);
    await this.#delete(ids);
    if (ids.length > 0) await this.#redis.zrem(list, ...ids);
  }

  /** When a session was issued, in ms since 1970; 0 when there is no such session. */
  async #issuedAt(id: string): Promise<number> {
    const [about, createdAt] = await this.#redis.hmget(this.#keys.session(id).record, "about", "createdAt");
    if (!about) return 0;
    return (JSON.parse(about) as About).issuedAt ?? Number(createdAt);
  }

  /** @returns the ids of the sessions that exceed the user's maximum number */
  async #recordExpiry(user: string, id: string, ttlMs: number): Promise<string[]> {
    const args = { id, ttlMs, maxSessions: limits.sessionsPerUser };
    return (await runScript(this.#redis, listScript, this.#keys.user(user), args)) as string[];
  }

  /** Ends the sessions above the maximum, and their connections. */
  async #endSurplus(surplus: string[]): Promise<void> {
    await Promise.all(surplus.map((id) => this.#revocations.revoke("session", id, null)));
    await this.#delete(surplus);
  }

  async #delete(ids: string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.#redis.unlink(this.#keys.session(id).record)));
  }
}
