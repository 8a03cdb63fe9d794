import { isUtf8 } from "node:buffer";
import { createSecretKey, type KeyObject } from "node:crypto";
import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import type { Logger } from "pino";
import type { TokenSettings } from "../config/config.js";
import { type Caller, leftMsOf } from "../core/caller.js";
import { headerOf, verifyHs256 } from "./hmac-token.js";
import { KeySet, type KeySetPace } from "./key-set.js";
import { tokenClaims } from "./token-claims.js";

/** A token is accepted for this time after its expiry. */
export const EXPIRY_TOLERANCE_MS = 5_000;
/** How far an issuer's clock may be ahead: a token is accepted this long before its `nbf` and `iat`. */
const AHEAD_TOLERANCE_SECONDS = 60;

/** The old and the new name of EdDSA. */
const EDDSA = ["EdDSA", "Ed25519"];

/** A public key, or a set of public keys, that verifies tokens of these algorithms and of no other one. */
interface KeySource {
  algorithms: readonly string[];
  key: KeyObject | JWTVerifyGetKey;
  keySet?: KeySet;
}

/** A token whose signature was verified. */
interface VerifiedToken {
  caller: Caller;
  /** The key set whose key verified the token, and the set's version at that time. Null if the key is in the settings. */
  by: { keySet: KeySet; version: number } | null;
  /** When the token has to be verified again, by `performance.now()`. */
  verifyAt: number;
}

/** Verifies the JWTs that an app's backend or its identity provider issues. */
export class Tokens {
  /** The keys of HS256. */
  readonly #secrets: readonly KeyObject[];
  readonly #sources: KeySource[] = [];
  readonly #issuer: string | null;
  readonly #audience: string | null;
  readonly #keySetMaxAgeMs: number;
  /**
   * Verified tokens by digest, so that few signatures are verified twice. A token signed by a key of a key set is verified
   * again when the set changes or is old, because the key may be gone. An expired token stays until it is evicted, so that
   * a clock that is set back does not revive it.
   */
  readonly #verified = new LRUCache<string, VerifiedToken>({ max: 10_000 });

  constructor(settings: TokenSettings, pace: KeySetPace, log: Logger) {
    const { secrets, publicKey, jwksUrl } = settings;
    this.#issuer = settings.issuer;
    this.#audience = settings.audience;
    this.#keySetMaxAgeMs = pace.maxAgeMs;
    this.#secrets = secrets.map((secret) => createSecretKey(secret, "utf8"));
    if (publicKey) this.#sources.push({ algorithms: algorithmsOf(publicKey), key: publicKey });
    if (jwksUrl) {
      const keySet = new KeySet(jwksUrl, pace, log);
      this.#sources.push({ algorithms: ["RS256", "ES256", ...EDDSA], key: keySet.keyFor, keySet });
    }
  }

  /** Whether a text has the form of a JWT. A JWT with `alg: none` has an empty signature; `callerOf` refuses it. */
  static isToken(token: string): boolean {
    return /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token);
  }

  /**
   * @param digest the digest of the token
   * @throws {GrandstandError} `unavailable` when the key set cannot be fetched now
   * @throws {Error} that names the fault of the token; with several keys, the fault found with the last key
   */
  async callerOf(token: string, digest: string): Promise<Caller> {
    const known = this.#verified.get(digest);
    if (known && leftMsOf(known.caller)! <= -EXPIRY_TOLERANCE_MS) throw new Error("The token has expired");
    known?.by?.keySet.refresh();
    const isCurrent = known && (known.by === null || known.by.version === known.by.keySet.version);
    if (isCurrent && performance.now() < known.verifyAt) return known.caller;
    const { payload, by } = await this.#verify(token);
    const caller = known?.caller ?? callerWith(payload);
    const verifyAt = by === null ? Number.POSITIVE_INFINITY : performance.now() + this.#keySetMaxAgeMs;
    this.#verified.set(digest, { caller, by, verifyAt });
    return caller;
  }

  async #verify(token: string): Promise<{ payload: JWTPayload; by: VerifiedToken["by"] }> {
    const { alg } = headerOf(token);
    // Decoding as text turns all invalid bytes into U+FFFD, so different values of `sub` would name the same user.
    if (!isUtf8(Buffer.from(token.split(".")[1] ?? "", "base64url")))
      throw new Error("The claims are not UTF-8");
    let failure: unknown;
    for (const secret of alg === "HS256" ? this.#secrets : []) {
      try {
        const payload = verifyHs256(token, secret);
        this.#checkClaims(payload);
        return { payload, by: null };
      } catch (error) {
        failure = error;
      }
    }
    for (const { algorithms, key, keySet } of this.#sources) {
      if (typeof alg !== "string" || !algorithms.includes(alg)) continue;
      // The version is read first: if the set changes during the verification, the token is verified again at its next use.
      const by = keySet ? { keySet, version: keySet.version } : null;
      try {
        // jose distinguishes keys and functions by overloads, so it does not take their union.
        const { payload } = await jwtVerify(token, key as JWTVerifyGetKey, {
          algorithms: [alg],
          // The tolerance for `nbf`. jose also applies it to `exp`, but `callerWith` checks `exp` with a shorter one.
          clockTolerance: AHEAD_TOLERANCE_SECONDS,
          requiredClaims: ["sub", "exp"],
          ...(this.#issuer !== null && { issuer: this.#issuer }),
          ...(this.#audience !== null && { audience: this.#audience }),
        });
        return { payload, by };
      } catch (error) {
        // A key set that is unavailable may contain the key of this token, so the error `unavailable` takes precedence.
        if (!(failure instanceof GrandstandError)) failure = error;
      }
    }
    throw failure ?? new Error(`No key is configured for the algorithm ${alg}`);
  }

  /**
   * Checks `iss`, `aud` and `nbf`, as jose does for the other algorithms. `callerWith` checks the other claims.
   * @throws {Error} that names the wrong claim
   */
  #checkClaims({ iss, aud, nbf }: JWTPayload): void {
    if (this.#issuer !== null && iss !== this.#issuer) throw new Error('The claim "iss" is another issuer');
    if (
      this.#audience !== null &&
      aud !== this.#audience &&
      !(Array.isArray(aud) && aud.includes(this.#audience))
    )
      throw new Error('The claim "aud" is another audience');
    if (nbf === undefined) return;
    if (typeof nbf !== "number") throw new Error('The claim "nbf" must be a number');
    if (nbf > Date.now() / 1_000 + AHEAD_TOLERANCE_SECONDS)
      throw new Error('The claim "nbf" lies in the future');
  }
}

/** @throws {Error} when a claim is malformed or out of range */
function callerWith(payload: JWTPayload): Caller & { kind: "user" } {
  const { sub, exp, iat, name, avatar, role, caps } = tokenClaims.parse(payload);
  const now = Date.now() / 1_000;
  if (exp * 1_000 + EXPIRY_TOLERANCE_MS <= now * 1_000) throw new Error("The token has expired");
  if (iat !== undefined && iat > now + AHEAD_TOLERANCE_SECONDS)
    throw new Error("The token was issued in the future");
  if ((exp - (iat ?? now)) * 1_000 > limits.tokenLifetimeMs)
    throw new Error("The lifetime of the token is too long");
  return {
    kind: "user",
    user: { id: sub, name: name ?? null, avatar: avatar ?? null, isGuest: false },
    ...(role !== undefined && { role }),
    ...(caps !== undefined && { caps }),
    credential: {
      id: `token:${sub}`,
      expiresAt: exp * 1_000,
      expiresAtMonotonicMs: performance.now() + (exp - now) * 1_000,
      issuedAt: (iat ?? 0) * 1_000,
    },
  };
}

function algorithmsOf(key: KeyObject): string[] {
  const algorithms: Partial<Record<string, string[]>> = { rsa: ["RS256"], ec: ["ES256"], ed25519: EDDSA };
  return algorithms[key.asymmetricKeyType ?? ""] ?? [];
}
