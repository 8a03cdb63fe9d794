import type { OperationName } from "@grandstand/shared/contract";
import { type ErrorDetails, GrandstandError } from "@grandstand/shared/errors";
import type { Ack } from "@grandstand/shared/frames";
import { ageMsOf, type Instant, now } from "./instant.js";
import { frameLimitOf } from "./operations.js";

export type Outcome = { ok: true; data: unknown } | { ok: false; error: GrandstandError };

/** What calls need of a connection. */
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
  /** Whether the present connection carries it. */
  isOnWire: boolean;
  wasSent: boolean;
  /** How many connections it has lost before the reply. */
  losses: number;
  /** Whether the call was made before the app changed the token. */
  isOfFormerToken: boolean;
  readonly settle: (outcome: Outcome) => void;
}

/** Why a connection ended: it was lost, it was lost because a message was too large, or the client closed it. */
export type Loss = "lost" | "tooLarge" | "left";

/** A call that lost its connection this often may be what breaks it. */
const MOST_LOSSES = 2;

/**
 * The calls that have no reply yet. A call that lost its connection is sent once more, on the next one; a write carries
 * an idempotency key, so it has one effect. Each call settles exactly once.
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
   * Starts a call, now or as soon as there is a connection. `settle` is called at once when the reply arrives, before
   * anything that arrived after it: a promise would settle later than a push in the same packet.
   * @returns a function that gives the call up without settling it
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
    return drop;
  }

  /** There is a connection: sends every call that waits, in the order of their start. */
  resume(): void {
    for (const call of [...this.#pending]) {
      if (call.isOnWire) continue;
      // The timer of the deadline stands still while a device sleeps.
      if (ageMsOf(call.startedAt) >= call.timeoutMs) this.#fail(call, unavailable(overdue(call)));
      else this.#send(call);
    }
  }

  /** The connection has ended, and no reply comes any more. */
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

  /** Calls `listener` once, when every call that is pending now has settled; at once if there is none. */
  whenSettled(listener: () => void): void {
    this.#awaited = new Set(this.#pending);
    this.#onSettled = listener;
    this.#noteSettled();
  }

  /** The app changed the token. What waits belongs to the user of the former token. */
  markAsFormer(): void {
    for (const call of this.#pending) call.isOfFormerToken = true;
  }

  /** The new token belongs to the same user. */
  unmark(): void {
    for (const call of this.#pending) call.isOfFormerToken = false;
  }

  /** Another user is signed in: fails what waits for the former one. */
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

/** An error of the connection as the error of one call. */
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

/** Counts UTF-8 only where the number of characters leaves it open. */
function isLarger(text: string, limitBytes: number): boolean {
  if (text.length > limitBytes) return true;
  return text.length * 3 > limitBytes && new TextEncoder().encode(text).length > limitBytes;
}
