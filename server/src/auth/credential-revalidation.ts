import type { Logger } from "pino";
import { type Credential, credentialOf } from "../core/caller.js";
import type { Connection } from "../core/connection.js";
import type { ApiKeys } from "./api-keys.js";
import type { Sessions } from "./sessions.js";
import type { StoredKeys } from "./stored-keys.js";

const HOUR_MS = 3_600_000;
/** Credentials that are looked at together, so that no call waits behind all of them. */
const AT_ONCE = 200;

/**
 * Looks after what the connections of this node hold, each session and key once for all that hold it. A session is in use
 * while a connection holds it: it is used once an hour, or three times in the life of a short one. A key is looked at in
 * every round. Connections whose session or key is gone are closed, whether or not anybody was told.
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
      this.#lookAtAll().catch((error: unknown) =>
        this.#log.warn({ err: error }, "the credentials of connections could not be looked at"),
      );
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #lookAtAll(): Promise<void> {
    this.#round += 1;
    const due = new Set<string>();
    for (const { caller } of this.#connections) {
      const credential = credentialOf(caller);
      if (credential && this.#isDue(credential)) due.add(credential.id);
    }
    const all = [...due];
    for (let at = 0; at < all.length; at += AT_ONCE) {
      const some = all.slice(at, at + AT_ONCE);
      const isThere = await Promise.all(some.map((id) => this.#isThere(id)));
      this.#close(new Set(some.filter((_, index) => !isThere[index])));
    }
  }

  #isDue({ id, slidesMs }: Credential): boolean {
    if (slidesMs === undefined) return id.startsWith("key:");
    const rounds = Math.max(1, Math.floor(Math.min(HOUR_MS, slidesMs / 3) / this.#everyMs));
    return this.#round % rounds === 0;
  }

  async #isThere(id: string): Promise<boolean> {
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
      // A key that came to its end is forgotten sooner than connections are closed for it, with a word of their own.
      if (expiresAt === null || expiresAt > Date.now()) connection.close("revoked");
    }
  }
}
