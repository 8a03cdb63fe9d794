import type { IdentityPace } from "../config/config.js";
import { endOf, leftMsOf } from "../core/caller.js";
import type { Connection } from "../core/connection.js";

/**
 * How often due connections are checked. A warning may be late by this interval, so the interval is short compared to
 * `warnMs`.
 */
const TICK_MS = 250;
/**
 * Between two ticks, the wall clock and the monotonic clock move equally far. A greater difference than this shows that
 * the wall clock was set or the machine was suspended. On Linux, the monotonic clock stands still during a suspension.
 */
const CLOCK_JUMP_MS = 2_000;

/** When a credential expires and its connection is closed, in ms of the monotonic clock. */
interface Expiry {
  closeAt: number;
  expireAt: number;
  isWarned: boolean;
  tick: number;
}

/**
 * Warns connections whose credentials are about to expire, and closes them afterwards. One timer serves all of them.
 * Times are of the monotonic clock, so that setting the wall clock back does not prolong a connection.
 */
export class CredentialExpiry {
  readonly #pace: Pick<IdentityPace, "warnMs" | "graceMs">;
  readonly #due = new Map<number, Set<Connection>>();
  readonly #expiries = new Map<Connection, Expiry>();
  readonly #timer: NodeJS.Timeout;
  #lastTick = Math.floor(performance.now() / TICK_MS);
  #clockOffsetMs = clockOffsetMs();

  constructor(pace: Pick<IdentityPace, "warnMs" | "graceMs">) {
    this.#pace = pace;
    this.#timer = setInterval(() => this.#checkDue(), TICK_MS);
  }

  /** The number of connections whose credentials expire. */
  get size(): number {
    return this.#expiries.size;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A connection has new credentials. */
  note(connection: Connection): void {
    this.forget(connection);
    const leftMs = leftMsOf(connection.caller);
    if (leftMs !== null) this.#schedule(connection, performance.now() + leftMs);
  }

  forget(connection: Connection): void {
    const expiry = this.#expiries.get(connection);
    if (expiry === undefined) return;
    this.#expiries.delete(connection);
    const others = this.#due.get(expiry.tick);
    others?.delete(connection);
    if (others?.size === 0) this.#due.delete(expiry.tick);
  }

  #schedule(connection: Connection, expireAt: number): void {
    const leftMs = expireAt - performance.now();
    const closeAt = expireAt + this.#pace.graceMs;
    // With less than twice `warnMs` left, the warning comes when half of the remaining time has passed.
    const aheadMs = Math.min(this.#pace.warnMs, leftMs / 2);
    const isWarned = leftMs <= 0;
    this.#add(connection, { expireAt, closeAt, isWarned }, isWarned ? closeAt : expireAt - aheadMs);
  }

  #add(connection: Connection, times: Omit<Expiry, "tick">, dueAt: number): void {
    const tick = Math.max(Math.ceil(dueAt / TICK_MS), this.#lastTick + 1);
    const others = this.#due.get(tick) ?? new Set();
    this.#due.set(tick, others.add(connection));
    this.#expiries.set(connection, { ...times, tick });
  }

  #checkDue(): void {
    const offsetMs = clockOffsetMs();
    if (Math.abs(offsetMs - this.#clockOffsetMs) > CLOCK_JUMP_MS) this.#onClockJump();
    this.#clockOffsetMs = offsetMs;
    const now = Math.floor(performance.now() / TICK_MS);
    // After the event loop was blocked, several ticks are due.
    while (this.#lastTick < now) {
      this.#lastTick += 1;
      for (const connection of [...(this.#due.get(this.#lastTick) ?? [])]) this.#check(connection);
    }
  }

  /**
   * Reschedules each connection whose credential expires earlier than scheduled, because the wall clock jumped forward.
   * Such a connection is warned again, unless its credential has already expired.
   */
  #onClockJump(): void {
    for (const [connection, { expireAt }] of [...this.#expiries]) {
      const leftMs = leftMsOf(connection.caller);
      const isEarlier = leftMs !== null && performance.now() + leftMs < expireAt;
      if (!isEarlier) continue;
      this.forget(connection);
      this.#schedule(connection, performance.now() + leftMs);
    }
  }

  #check(connection: Connection): void {
    const expiry = this.#expiries.get(connection);
    this.forget(connection);
    const expiresAt = endOf(connection.caller);
    if (expiry === undefined || expiresAt === null) return;
    const { expireAt, closeAt, isWarned } = expiry;
    if (performance.now() >= closeAt) {
      connection.close("tokenExpired");
      return;
    }
    // A busy node may warn late. The client can still renew its credential until the connection closes.
    if (!isWarned) connection.warn({ expiresAt: new Date(expiresAt).toISOString() });
    this.#add(connection, { expireAt, closeAt, isWarned: true }, closeAt);
  }
}

function clockOffsetMs(): number {
  return Date.now() - performance.now();
}
