import type { KeyObject } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import { decodeProtectedHeader, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { TokenSettings } from "../config/config.js";
import type { Caller } from "../core/caller.js";
import { KeySet, type KeySetPace } from "./key-set.js";
import { tokenClaims } from "./token-claims.js";

/** How far an issuer's clock may be from ours. */
const TOLERANCE_SECONDS = 5;

/** EdDSA by its old name and its new one. */
const EDDSA = ["EdDSA", "Ed25519"];

/** What may have signed a token, and the algorithms that it is for: a key is never tried with any other. */
interface Source {
  algorithms: readonly string[];
  key: Uint8Array | KeyObject | JWTVerifyGetKey;
  keySet?: KeySet;
}

/** A token that was checked. */
interface Checked {
  caller: Caller;
  /** The key set that has its key, in the version that it was checked with; null for a key of the settings. */
  by: { keySet: KeySet; version: number } | null;
}

/** Checks the JWTs that an app's own backend or its identity provider issues. */
export class Tokens {
  readonly #sources: Source[];
  readonly #issuer: string | null;
  readonly #audience: string | null;
  readonly #keySetMaxAgeMs: number;
  /**
   * Those that were checked, by digest, until they end: a signature is checked once. With a key of a key set it is checked
   * again when the set changed, in which the key may be missing then.
   */
  readonly #checked = new LRUCache<string, Checked>({ max: 10_000 });

  constructor(settings: TokenSettings, pace: KeySetPace, log: Logger) {
    const { secrets, publicKey, jwksUrl } = settings;
    this.#issuer = settings.issuer;
    this.#audience = settings.audience;
    this.#keySetMaxAgeMs = pace.maxAgeMs;
    this.#sources = secrets.map((secret) => ({ algorithms: ["HS256"], key: Buffer.from(secret) }));
    if (publicKey) this.#sources.push({ algorithms: algorithmsOf(publicKey), key: publicKey });
    if (jwksUrl) {
      const keySet = new KeySet(jwksUrl, pace, log);
      this.#sources.push({ algorithms: ["RS256", "ES256", ...EDDSA], key: keySet.keyFor, keySet });
    }
  }

  /** Three parts, of which the last may be empty: who sends `alg: none` means it. */
  static isToken(token: string): boolean {
    return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
  }

  /**
   * @param digest of the token
   * @throws {GrandstandError} `unavailable` when the key can't be had now; any other error says what is wrong with the token.
   */
  async callerOf(token: string, digest: string): Promise<Caller> {
    const checked = this.#checked.get(digest);
    checked?.by?.keySet.refresh();
    if (checked && (checked.by === null || checked.by.version === checked.by.keySet.version))
      return checked.caller;
    const { payload, by } = await this.#verify(token);
    const caller = callerWith(payload);
    const leftMs = caller.credential!.expiresAt! + 1_000 * TOLERANCE_SECONDS - Date.now();
    const ttl = Math.max(1, by === null ? leftMs : Math.min(leftMs, this.#keySetMaxAgeMs));
    this.#checked.set(digest, { caller, by }, { ttl });
    return caller;
  }

  async #verify(token: string): Promise<{ payload: JWTPayload; by: Checked["by"] }> {
    const { alg } = decodeProtectedHeader(token);
    let failure: unknown = new Error(`Nothing here can check the algorithm ${alg}`);
    for (const { algorithms, key, keySet } of this.#sources) {
      if (alg === undefined || !algorithms.includes(alg)) continue;
      // Noted before: a set that changes meanwhile makes the token be checked once more.
      const by = keySet ? { keySet, version: keySet.version } : null;
      try {
        // Not the union of key and function that the source has: jose tells them apart by overloads.
        const { payload } = await jwtVerify(token, key as JWTVerifyGetKey, {
          algorithms: [alg],
          clockTolerance: TOLERANCE_SECONDS,
          requiredClaims: ["sub", "exp"],
          ...(this.#issuer !== null && { issuer: this.#issuer }),
          ...(this.#audience !== null && { audience: this.#audience }),
        });
        return { payload, by };
      } catch (error) {
        // A source that is away may be the one that could tell.
        if (!(failure instanceof GrandstandError)) failure = error;
      }
    }
    throw failure;
  }
}

/** @throws when the claims are not as they must be. */
function callerWith(payload: JWTPayload): Caller & { kind: "user" } {
  const { sub, exp, iat, name, avatar, role, caps } = tokenClaims.parse(payload);
  const now = Date.now() / 1_000;
  if (iat !== undefined && iat > now + TOLERANCE_SECONDS) throw new Error("The token is from the future");
  if ((exp - (iat ?? now)) * 1_000 > limits.tokenLifetimeMs) throw new Error("The token lives too long");
  return {
    kind: "user",
    user: { id: sub, name: name ?? null, avatar: avatar ?? null, isGuest: false },
    ...(role !== undefined && { role }),
    ...(caps !== undefined && { caps }),
    credential: {
      id: `token:${sub}`,
      expiresAt: exp * 1_000,
      issuedAt: (iat ?? 0) * 1_000,
    },
  };
}

function algorithmsOf(key: KeyObject): string[] {
  const algorithms: Partial<Record<string, string[]>> = { rsa: ["RS256"], ec: ["ES256"], ed25519: EDDSA };
  return algorithms[key.asymmetricKeyType ?? ""] ?? [];
}
