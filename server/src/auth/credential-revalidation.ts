import type { Logger } from "pino";
import { type Credential, credentialOf } from "../core/caller.js";
import type { Connection } from "../core/connection.js";
import type { ApiKeys } from "./api-keys.js";
import type { Sessions } from "./sessions.js";
import type { StoredKeys } from "./stored-keys.js";

const HOUR_MS = 3_600_000;
/** The number of credentials that are checked at once. Between two batches, Redis can serve calls. */
const BATCH_SIZE = 200;

/**
 * Checks periodically whether the sessions and keys of open connections still exist, and closes the connections of a
 * session or key that is gone. Several connections with the same session or key need only one check. Keys are checked
 * in every round. The check of a session also renews the session's TTL, so sessions are checked less often: once an
 * hour, or three times per TTL if the TTL is shorter than three hours.
 */
export class CredentialRevalidation {
  readonly #connections: Iterable<Connection>;
  readonly #sessions: Sessions;
  readonly #storedKeys: StoredKeys;
  readonly #apiKeys: ApiKeys;
  readonly #everyMs: number;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #round = 0;

  constructor(
    connections: Iterable<Connection>,
    { sessions, storedKeys, apiKeys }: { sessions: Sessions; storedKeys: StoredKeys; apiKeys: ApiKeys },
    everyMs: number,
    log: Logger,
  ) {
    this.#connections = connections;
    this.#sessions = sessions;
    this.#storedKeys = storedKeys;
    this.#apiKeys = apiKeys;
    this.#everyMs = everyMs;
    this.#log = log;
    this.#timer = setInterval(() => {
      this.#checkAll().catch((error: unknown) =>
        this.#log.warn({ err: error }, "the credentials of open connections could not be checked"),
      );
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #checkAll(): Promise<void> {
    this.#round += 1;
    const due = new Set<string>();
    for (const { caller } of this.#connections) {
      const credential = credentialOf(caller);
      if (credential && this.#isDue(credential)) due.add(credential.id);
    }
    const all = [...due];
    for (let at = 0; at < all.length; at += BATCH_SIZE) {
      const some = all.slice(at, at + BATCH_SIZE);
      const exists = await Promise.all(some.map((id) => this.#exists(id)));
      this.#close(new Set(some.filter((_, index) => !exists[index])));
    }
  }

  #isDue({ id, slidesMs }: Credential): boolean {
    if (slidesMs === undefined) return id.startsWith("key:");
    const rounds = Math.max(1, Math.floor(Math.min(HOUR_MS, slidesMs / 3) / this.#everyMs));
    return this.#round % rounds === 0;
  }

  async #exists(id: string): Promise<boolean> {
    const digest = id.slice(id.indexOf(":") + 1);
    if (id.startsWith("session:")) return (await this.#sessions.use(digest)) !== null;
    return this.#apiKeys.callerOf(digest) !== null || (await this.#storedKeys.read(digest)) !== null;
  }

  #close(gone: ReadonlySet<string>): void {
    if (gone.size === 0) return;
    for (const connection of this.#connections) {
      const credential = credentialOf(connection.caller);
      if (!credential || !gone.has(credential.id)) continue;
      const { expiresAt } = credential;
      // An expired API key may be deleted already. `CredentialExpiry` (credential-expiry.ts) closes its connections, with
      // the reason `tokenExpired`.
      if (expiresAt === null || expiresAt > Date.now()) connection.close("revoked");
    }
  }
}
