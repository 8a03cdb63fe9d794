import { timingSafeEqual } from "node:crypto";
import type { Caller } from "../core/caller.js";

/** The API keys in the settings, kept as digests. */
export class ApiKeys {
  readonly #keys: { digest: Buffer; caller: Caller }[];

  /** @param digests the name of each key, with the SHA-256 of its secret as base64url */
  constructor(digests: ReadonlyMap<string, string>) {
    this.#keys = [...digests].map(([keyName, digest]) => ({
      digest: Buffer.from(digest),
      caller: {
        kind: "server",
        keyName,
        // Only a change of the settings and a restart can revoke this key.
        credential: { id: `key:${digest}`, expiresAt: null, issuedAt: 0 },
      },
    }));
  }

  /** The caller whose key has this digest, or null. Compares in constant time over all keys. */
  callerOf(digest: string): Caller | null {
    const presented = Buffer.from(digest);
    let found: Caller | null = null;
    for (const key of this.#keys) if (timingSafeEqual(key.digest, presented)) found = key.caller;
    return found;
  }

  get size(): number {
    return this.#keys.length;
  }

  hasName(name: string): boolean {
    return this.#keys.some(({ caller }) => caller.kind === "server" && caller.keyName === name);
  }
}
