import { hash, randomBytes, randomUUID } from "node:crypto";
import type { User } from "@grandstand/shared/user";
import type { Redis } from "ioredis";
import { LRUCache } from "lru-cache";
import { SESSION_TOKEN_PREFIX } from "../config.js";
import type { Keys } from "../redis/keys.js";

/** A session ends after this long without use. */
const TTL_MS = 7 * 86_400_000;
/** How long a node believes what it read: an ended session lives on for this long at most. */
const BELIEVED_MS = 10_000;

export interface NewSession {
  user: User;
  token: string;
  expiresAt: Date;
}

/** Opaque sessions in Redis, under the digest of their token: who reads Redis can't use them. */
export class Sessions {
  readonly #redis: Redis;
  readonly #keys: Keys;
  readonly #believed = new LRUCache<string, User>({ max: 50_000, ttl: BELIEVED_MS });

  constructor(redis: Redis, keys: Keys) {
    this.#redis = redis;
    this.#keys = keys;
  }

  static isToken(token: string): boolean {
    return token.startsWith(SESSION_TOKEN_PREFIX);
  }

  async createGuest(name: string): Promise<NewSession> {
    const token = SESSION_TOKEN_PREFIX + randomBytes(32).toString("base64url");
    const user: User = { id: `guest-${randomUUID()}`, name, avatar: null, isGuest: true };
    const expiresAt = new Date(Date.now() + TTL_MS);
    await this.#redis.set(this.#key(token), JSON.stringify(user), "PX", TTL_MS);
    return { user, token, expiresAt };
  }

  /** The user of a session, whose end moves away with this use; null when there is no such session. */
  async read(token: string): Promise<User | null> {
    const key = this.#key(token);
    // GETEX would need Redis 6.2; these two leave in one round trip.
    const [stored] = await Promise.all([this.#redis.get(key), this.#redis.pexpire(key, TTL_MS)]);
    return stored === null ? null : (JSON.parse(stored) as User);
  }

  /** The same for those who call again and again: it is believed for a while without asking Redis. */
  async readOften(token: string): Promise<User | null> {
    const believed = this.#believed.get(token);
    if (believed) return believed;
    const user = await this.read(token);
    if (user) this.#believed.set(token, user);
    return user;
  }

  #key(token: string): string {
    return this.#keys.session(hash("sha256", token, "base64url"));
  }
}
