import { randomBytes } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import type { ApiKey } from "@grandstand/shared/operations/key";
import type { Caller } from "../core/caller.js";
import { toIsoTime } from "../core/iso-time.js";
import type { RedisCommands } from "../redis/commands.js";
import type { Keys } from "../redis/keys.js";
import { runScript, scriptsOf } from "../redis/scripts.js";
import { digestOf } from "./digest.js";
import { refused } from "./refused.js";

/** The prefix of the secret of a stored key. */
export const KEY_SECRET_PREFIX = "gsk_";

const makeKeyScript = scriptsOf(import.meta.url, { keys: ["apiKeys"] })("make-key", {
  args: ["id", "name", "scopes", "expiresAtMs", "mayReuseName", "maxKeys", "maker"],
  reply: ["createdAtMs"],
  waitsForReplicas: true,
});

/** An API key as Redis stores it. Times are strings of digits, in ms since 1970. */
interface StoredKey {
  name: string;
  scopes: string[];
  createdAt: string;
  expiresAt?: string;
}

/** API keys created with `key.create`. Redis stores the digests of their secrets. */
export class StoredKeys {
  readonly #redis: RedisCommands;
  readonly #key: string;

  constructor(redis: RedisCommands, keys: Keys) {
    this.#redis = redis;
    this.#key = keys.identity.apiKeys;
  }

  /**
   * @param maker the id of the API key that makes the call; null if that key is in the settings
   * @param mayReuseName whether another key may already have the name
   * @throws {GrandstandError} `conflict` when the name is taken or there are too many keys, `bad_request` for an expiry in
   * the past, `forbidden` when the new key would outlive the maker, `unauthenticated` when the maker no longer exists
   */
  async create(
    { name, scopes, expiresAt }: { name: string; scopes: string[]; expiresAt: Date | null },
    { maker, mayReuseName }: { maker: string | null; mayReuseName: boolean },
  ): Promise<{ key: ApiKey; secret: string }> {
    const secret = KEY_SECRET_PREFIX + randomBytes(32).toString("base64url");
    const id = digestOf(secret);
    const ends = expiresAt === null ? "" : String(expiresAt.getTime());
    const [status, at] = (await runScript(
      this.#redis,
      makeKeyScript,
      { apiKeys: this.#key },
      {
        id,
        name,
        scopes: JSON.stringify(scopes),
        expiresAtMs: ends,
        mayReuseName: mayReuseName ? "1" : "0",
        maxKeys: limits.apiKeys,
        maker: maker ?? "",
      },
    )) as string[];
    if (status === "ended") throw refused();
    if (status === "outlives") {
      const message = `must not be after ${toIsoTime(at)}, when the key that creates this one expires`;
      throw new GrandstandError("forbidden", `expiresAt ${message}`, {
        issues: [{ path: "expiresAt", rule: "maker", message }],
      });
    }
    if (status === "past") {
      const message = "must be in the future";
      throw new GrandstandError("bad_request", `expiresAt ${message}`, {
        issues: [{ path: "expiresAt", rule: "future", message }],
      });
    }
    if (status === "name") throw nameTaken();
    if (status === "full") {
      throw new GrandstandError("conflict", `There are ${limits.apiKeys} keys already`, {
        issues: [{ path: "", rule: "max", message: "has reached the maximum: revoke a key first" }],
      });
    }
    return {
      key: shown(id, { name, scopes, createdAt: at!, ...(ends !== "" && { expiresAt: ends }) }),
      secret,
    };
  }

  /** The keys that have not expired, sorted by name. */
  async list(): Promise<ApiKey[]> {
    const all = await this.#redis.hgetall(this.#key);
    return Object.entries(all)
      .map(([id, stored]) => shown(id, JSON.parse(stored) as StoredKey))
      .filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > Date.now())
      .sort((one, other) => (one.name < other.name ? -1 : one.name > other.name ? 1 : 0));
  }

  async read(id: string): Promise<ApiKey | null> {
    const stored = await this.#redis.hget(this.#key, id);
    return stored === null ? null : shown(id, JSON.parse(stored) as StoredKey);
  }

  /** The caller whose key has this digest; null when no key has it, or the key has expired. */
  async callerOf(digest: string): Promise<Caller | null> {
    const key = await this.read(digest);
    if (key === null) return null;
    const expiresAt = key.expiresAt === null ? null : Date.parse(key.expiresAt);
    if (expiresAt !== null && expiresAt <= Date.now()) return null;
    return {
      kind: "server",
      keyName: key.name,
      scopes: key.scopes,
      credential: { id: `key:${digest}`, expiresAt, issuedAt: Date.parse(key.createdAt) },
    };
  }
}

export function nameTaken(): GrandstandError {
  return new GrandstandError("conflict", "Another key has this name", {
    issues: [{ path: "name", rule: "taken", message: "is the name of another key" }],
  });
}

function shown(id: string, { name, scopes, createdAt, expiresAt }: StoredKey): ApiKey {
  return {
    id,
    name,
    scopes,
    createdAt: toIsoTime(createdAt),
    expiresAt: expiresAt === undefined ? null : toIsoTime(expiresAt),
  };
}
