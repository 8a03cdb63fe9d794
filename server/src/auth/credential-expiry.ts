import type { IdentityPace } from "../config/config.js";
import { endOf } from "../core/caller.js";
import type { Connection } from "../core/connection.js";

const TICK_MS = 1_000;

/**
 * Warns connections whose credentials are about to end, and closes those that went on without new ones. One timer for
 * all of them: each is noted under the tick in which it is next to be looked at.
 */
export class CredentialExpiry {
  readonly #pace: Pick<IdentityPace, "warnMs" | "graceMs">;
  readonly #due = new Map<number, Set<Connection>>();
  readonly #tickOf = new Map<Connection, number>();
  readonly #timer: NodeJS.Timeout;
  #lastTick = ticksUntil(Date.now());

  constructor(pace: Pick<IdentityPace, "warnMs" | "graceMs">) {
    this.#pace = pace;
    this.#timer = setInterval(() => this.#lookAtDue(), TICK_MS);
  }

  /** How many connections are noted. */
  get size(): number {
    return this.#tickOf.size;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A connection has credentials that it did not have before. */
  note(connection: Connection): void {
    this.forget(connection);
    const expiresAt = endOf(connection.caller);
    if (expiresAt === null) return;
    const leftMs = expiresAt - Date.now();
    // Who has less time than that hears of it at half of what is left.
    const aheadMs = leftMs > this.#pace.warnMs ? this.#pace.warnMs : leftMs / 2;
    this.#noteAt(connection, leftMs > 0 ? expiresAt - aheadMs : this.#closesAt(expiresAt));
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

  #noteAt(connection: Connection, ms: number): void {
    const tick = Math.max(tickAt(ms), this.#lastTick + 1);
    const others = this.#due.get(tick) ?? new Set();
    this.#due.set(tick, others.add(connection));
    this.#tickOf.set(connection, tick);
  }

  #lookAtDue(): void {
    const now = ticksUntil(Date.now());
    // A machine that slept has more than one to look at.
    while (this.#lastTick < now) {
      this.#lastTick += 1;
      for (const connection of [...(this.#due.get(this.#lastTick) ?? [])]) this.#lookAt(connection);
    }
  }

  #lookAt(connection: Connection): void {
    this.forget(connection);
    const expiresAt = endOf(connection.caller);
    if (expiresAt === null) return;
    const now = Date.now();
    if (now >= this.#closesAt(expiresAt)) connection.close("tokenExpired");
    else {
      if (now < expiresAt) connection.warn({ expiresAt: new Date(expiresAt).toISOString() });
      this.#noteAt(connection, this.#closesAt(expiresAt));
    }
  }
}

/** The last tick that is not after a moment. */
function ticksUntil(ms: number): number {
  return Math.floor(ms / TICK_MS);
}

/** The first tick that is not before a moment. */
function tickAt(ms: number): number {
  return Math.ceil(ms / TICK_MS);
}
