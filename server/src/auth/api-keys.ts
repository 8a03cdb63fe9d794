import { timingSafeEqual } from "node:crypto";
import type { Caller } from "../core/caller.js";

/** The API keys of the settings, held as digests. */
export class ApiKeys {
  readonly #keys: { digest: Buffer; caller: Caller }[];

  /** @param digests SHA-256 of the secret by name, as base64url */
  constructor(digests: ReadonlyMap<string, string>) {
    this.#keys = [...digests].map(([keyName, digest]) => ({
      digest: Buffer.from(digest),
      caller: {
        kind: "server",
        keyName,
        // Nobody can take it back but who changes the settings, and starts the node anew.
        credential: { id: `key:${digest}`, expiresAt: null, issuedAt: 0 },
      },
    }));
  }

  /** Who has the key with this digest, or null. Takes the same time whichever key it is, if any. */
  callerOf(digest: string): Caller | null {
    const offered = Buffer.from(digest);
    let found: Caller | null = null;
    for (const key of this.#keys) if (timingSafeEqual(key.digest, offered)) found = key.caller;
    return found;
  }

  hasName(name: string): boolean {
    return this.#keys.some(({ caller }) => caller.kind === "server" && caller.keyName === name);
  }
}
