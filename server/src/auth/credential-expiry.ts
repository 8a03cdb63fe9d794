import type { IdentityPace } from "../config/config.js";
import { endOf } from "../core/caller.js";
import type { Connection } from "../core/connection.js";

const TICK_MS = 1_000;

/**
 * Warns connections whose credentials are about to expire, and closes those that did not present new ones. One timer serves
 * all connections: each is filed under the tick at which it is due.
 */
export class CredentialExpiry {
  readonly #pace: Pick<IdentityPace, "warnMs" | "graceMs">;
  readonly #due = new Map<number, Set<Connection>>();
  readonly #tickOf = new Map<Connection, number>();
  readonly #timer: NodeJS.Timeout;
  #lastTick = ticksUntil(Date.now());

  constructor(pace: Pick<IdentityPace, "warnMs" | "graceMs">) {
    this.#pace = pace;
    this.#timer = setInterval(() => this.#checkDue(), TICK_MS);
  }

  /** The number of connections with an expiry. */
  get size(): number {
    return this.#tickOf.size;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Called when a connection has a new credential. */
  watch(connection: Connection): void {
    this.forget(connection);
    const expiresAt = endOf(connection.caller);
    if (expiresAt === null) return;
    const leftMs = expiresAt - Date.now();
    // A connection with less time left is warned when half of it has passed.
    const aheadMs = leftMs > this.#pace.warnMs ? this.#pace.warnMs : leftMs / 2;
    this.#fileAt(connection, leftMs > 0 ? expiresAt - aheadMs : this.#closesAt(expiresAt));
  }

  forget(connection: Connection): void {
    const tick = this.#tickOf.get(connection);
    if (tick === undefined) return;
    this.#tickOf.delete(connection);
    const others = this.#due.get(tick);
    others?.delete(connection);
    if (others?.size === 0) this.#due.delete(tick);
  }

  #closesAt(expiresAt: number): number {
    return expiresAt + this.#pace.graceMs;
  }

  #fileAt(connection: Connection, ms: number): void {
    const tick = Math.max(tickAt(ms), this.#lastTick + 1);
    const others = this.#due.get(tick) ?? new Set();
    this.#due.set(tick, others.add(connection));
    this.#tickOf.set(connection, tick);
  }

  #checkDue(): void {
    const now = ticksUntil(Date.now());
    // More than one tick has passed after the machine slept.
    while (this.#lastTick < now) {
      this.#lastTick += 1;
      for (const connection of [...(this.#due.get(this.#lastTick) ?? [])]) this.#check(connection);
    }
  }

  #check(connection: Connection): void {
    this.forget(connection);
    const expiresAt = endOf(connection.caller);
    if (expiresAt === null) return;
    const now = Date.now();
    if (now >= this.#closesAt(expiresAt)) connection.close("tokenExpired");
    else {
      if (now < expiresAt) connection.warn({ expiresAt: new Date(expiresAt).toISOString() });
      this.#fileAt(connection, this.#closesAt(expiresAt));
    }
  }
}

/** The last tick at or before a time. */
function ticksUntil(ms: number): number {
  return Math.floor(ms / TICK_MS);
}

/** The first tick at or after a time. */
function tickAt(ms: number): number {
  return Math.ceil(ms / TICK_MS);
}
