import type { OperationName } from "@grandstand/shared/contract";
import { type ErrorDetails, GrandstandError } from "@grandstand/shared/errors";
import type { Ack } from "@grandstand/shared/frames";
import { ageMsOf, type Instant, now } from "./instant.js";
import { frameLimitOf } from "./operations.js";

export type Outcome = { ok: true; data: unknown } | { ok: false; error: GrandstandError };

/** The part of the connection that `Calls` uses. */
export interface CallWire {
  readonly isLive: boolean;
  send(operation: string, inputJson: string, onReply: (ack: Ack) => void): void;
}

export interface CallTerms {
  /** How long the caller waits, over all connections that the call needs. */
  timeoutMs: number;
  /** Whether the call is sent again after its connection was lost. If not, the loss ends the call. */
  isResent: boolean;
}

interface PendingCall {
  readonly operation: OperationName;
  readonly inputJson: string;
  readonly isResent: boolean;
  readonly timeoutMs: number;
  readonly startedAt: Instant;
  /** Whether the call was sent on the current connection. */
  isOnWire: boolean;
  wasSent: boolean;
  /** How many connections were lost between sending the call and its reply. */
  losses: number;
  /** Whether the call was made before the app changed the token. */
  isOfFormerToken: boolean;
  readonly settle: (outcome: Outcome) => void;
}

/** Why a connection ended: it was lost, it was lost because a message was too large, or the client closed it. */
export type Loss = "lost" | "tooLarge" | "left";

/**
 * After this many lost connections a call is not sent again, because the call itself may be what breaks the
 * connections.
 */
const MOST_LOSSES = 2;

/**
 * The calls that have no reply yet. A call whose connection was lost is sent once more, on the next connection, if its
 * `isResent` is true. A write carries an idempotency key, so the second attempt has no second effect. Each call settles
 * exactly once, unless it is dropped.
 */
export class Calls {
  readonly #wire: CallWire;
  readonly #pending = new Set<PendingCall>();
  #ended: GrandstandError | null = null;
  #awaited = new Set<PendingCall>();
  #onSettled: (() => void) | null = null;

  constructor(wire: CallWire) {
    this.#wire = wire;
  }

  get size(): number {
    return this.#pending.size;
  }

  /**
   * Starts a call, now or as soon as there is a connection. `settle` is a callback and not a promise, because
   * it has to run before the next push is processed, even if that push arrives in the same packet as the reply.
   * @returns a function that drops the call without settling it
   */
  start(
    operation: OperationName,
    input: unknown,
    terms: CallTerms,
    settle: (outcome: Outcome) => void,
  ): () => void {
    const refuse = (error: GrandstandError) => {
      settle({ ok: false, error });
      return () => {};
    };
    if (this.#ended) return refuse(withEffect(this.#ended, false));
    let inputJson: string;
    try {
      inputJson = JSON.stringify(input ?? {});
    } catch (cause) {
      return refuse(new GrandstandError("bad_request", "The input can't be written as JSON", { cause }));
    }
    const limit = frameLimitOf(operation);
    if (isLarger(inputJson, limit)) {
      return refuse(
        new GrandstandError("payload_too_large", `${operation} takes at most ${limit} bytes of input`, {
          mayHaveTakenEffect: false,
        }),
      );
    }
    const drop = () => {
      clearTimeout(timer);
      const wasPending = this.#pending.delete(call);
      this.#awaited.delete(call);
      return wasPending;
    };
    const call: PendingCall = {
      operation,
      inputJson,
      isResent: terms.isResent,
      timeoutMs: terms.timeoutMs,
      startedAt: now(),
      isOnWire: false,
      wasSent: false,
      losses: 0,
      isOfFormerToken: false,
      settle: (outcome) => {
        if (!drop()) return;
        settle(outcome);
        this.#noteSettled();
      },
    };
    const timer = setTimeout(() => this.#fail(call, unavailable(overdue(call))), terms.timeoutMs);
    this.#pending.add(call);
    if (this.#wire.isLive) this.#send(call);
    return () => {
      if (drop()) this.#noteSettled();
    };
  }

  /** A connection is open: sends every waiting call, in the order in which the calls were started. */
  resume(): void {
    for (const call of [...this.#pending]) {
      if (call.isOnWire) continue;
      // The timer of a call stops while the device sleeps, so the call may be overdue although the timer did
      // not fire.
      if (ageMsOf(call.startedAt) >= call.timeoutMs) this.#fail(call, unavailable(overdue(call)));
      else this.#send(call);
    }
  }

  /** The connection has ended, so the calls that were sent on it get no reply. */
  suspend(loss: Loss): void {
    for (const call of [...this.#pending]) {
      if (!call.isOnWire) continue;
      call.isOnWire = false;
      if (loss !== "left") call.losses += 1;
      const lost = `${call.operation} lost its connection before the reply`;
      if (!call.isResent) this.#fail(call, unavailable(lost));
      else if (call.losses >= MOST_LOSSES) {
        const code = loss === "tooLarge" ? "payload_too_large" : "unavailable";
        this.#fail(call, new GrandstandError(code, `${lost}, ${call.losses} times`));
      }
    }
  }

  /** Calls `listener` once, when every call that is pending now has settled or was dropped; at once if there is none. */
  whenSettled(listener: () => void): void {
    this.#awaited = new Set(this.#pending);
    this.#onSettled = listener;
    this.#noteSettled();
  }

  /** The app changed the token: marks all pending calls as made with the former token. */
  markAsFormer(): void {
    for (const call of this.#pending) call.isOfFormerToken = true;
  }

  /** The new token belongs to the same user: the pending calls stay valid. */
  unmark(): void {
    for (const call of this.#pending) call.isOfFormerToken = false;
  }

  /** Another user is signed in: fails the calls that were made with the former token. */
  failFormer(error: GrandstandError): void {
    for (const call of [...this.#pending]) if (call.isOfFormerToken) this.#fail(call, error);
  }

  /** Fails all calls, and every later one until `reopen`. */
  end(error: GrandstandError): void {
    this.#ended = error;
    for (const call of [...this.#pending]) this.#fail(call, error);
  }

  reopen(): void {
    this.#ended = null;
  }

  #send(call: PendingCall): void {
    call.isOnWire = true;
    call.wasSent = true;
    this.#wire.send(call.operation, call.inputJson, (ack) => call.settle(outcomeOf(ack)));
  }

  #fail(call: PendingCall, error: GrandstandError): void {
    call.settle({ ok: false, error: withEffect(error, call.wasSent) });
  }

  #noteSettled(): void {
    if (this.#awaited.size > 0) return;
    const listener = this.#onSettled;
    this.#onSettled = null;
    listener?.();
  }
}

function outcomeOf(ack: Ack): Outcome {
  return ack.ok ? ack : { ok: false, error: GrandstandError.fromWire(ack.error) };
}

/**
 * Turns an error of the connection into the error of one call, which says whether the call may have been
 * carried out.
 */
function withEffect(cause: GrandstandError, mayHaveTakenEffect: boolean): GrandstandError {
  return new GrandstandError(cause.code, cause.message, {
    ...(cause as ErrorDetails),
    mayHaveTakenEffect,
    cause,
  });
}

function unavailable(message: string): GrandstandError {
  return new GrandstandError("unavailable", message);
}

function overdue({ operation, wasSent }: PendingCall): string {
  return wasSent
    ? `${operation} was not answered in time; it may have been carried out`
    : `${operation} was not sent: there was no connection in time`;
}

/**
 * Whether a text takes more than `limitBytes` in UTF-8. A UTF-16 code unit takes 1 to 3 bytes, so the text is encoded
 * only if its length does not decide.
 */
function isLarger(text: string, limitBytes: number): boolean {
  if (text.length > limitBytes) return true;
  return text.length * 3 > limitBytes && new TextEncoder().encode(text).length > limitBytes;
}
