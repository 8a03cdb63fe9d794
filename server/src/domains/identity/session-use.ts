import type { Logger } from "pino";
import type { Sessions } from "../../auth/sessions.js";
import type { Connections } from "../../live/connections.js";

const HOUR_MS = 3_600_000;
/** Sessions that are used at the same time, so that no call waits behind all of them. */
const AT_ONCE = 200;

/**
 * A session is in use while a connection holds it: once an hour, or three times in the life of a short one, the sessions
 * of all connections of the node are used, each once.
 */
export class SessionUse {
  readonly #connections: Connections;
  readonly #sessions: Sessions;
  readonly #everyMs: number;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #round = 0;

  constructor(connections: Connections, sessions: Sessions, everyMs: number, log: Logger) {
    this.#connections = connections;
    this.#sessions = sessions;
    this.#everyMs = everyMs;
    this.#log = log;
    this.#timer = setInterval(() => {
      this.#useAll().catch((error: unknown) =>
        this.#log.warn({ err: error }, "the sessions of connections could not be noted as used"),
      );
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #useAll(): Promise<void> {
    this.#round += 1;
    const ids = new Set<string>();
    for (const { caller } of this.#connections) {
      if (caller.kind !== "user" || !caller.credential?.slidesMs) continue;
      const { id, slidesMs } = caller.credential;
      const rounds = Math.max(1, Math.floor(Math.min(HOUR_MS, slidesMs / 3) / this.#everyMs));
      if (this.#round % rounds === 0) ids.add(id.slice("session:".length));
    }
    const all = [...ids];
    for (let at = 0; at < all.length; at += AT_ONCE) {
      await Promise.all(all.slice(at, at + AT_ONCE).map((id) => this.#sessions.use(id)));
    }
  }
}
