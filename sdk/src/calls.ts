import type { OperationName } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Ack } from "@grandstand/shared/frames";

export type Outcome = { ok: true; data: unknown } | { ok: false; error: GrandstandError };

/** What calls need of a connection. */
export interface CallWire {
  readonly isLive: boolean;
  emit(operation: string, input: unknown, ack: (ack: Ack) => void): void;
}

export interface CallTerms {
  /** How long the caller waits, over however many connections that takes. */
  timeoutMs: number;
  /** Whether it outlives its connection. If not, its loss is the call's end. */
  isResent: boolean;
}

interface PendingCall {
  operation: OperationName;
  input: unknown;
  isResent: boolean;
  wasSent: boolean;
  settle: (outcome: Outcome) => void;
}

/**
 * The calls that have no answer yet. A call that a broken connection left unanswered is sent again on the
 * next one; writes carry an idempotency key, so that the server gives the first answer and nothing counts
 * twice. Each call is settled exactly once.
 */
export class Calls {
  readonly #wire: CallWire;
  readonly #pending = new Set<PendingCall>();
  #ended: GrandstandError | null = null;

  constructor(wire: CallWire) {
    this.#wire = wire;
  }

  /**
   * Starts a call, now or as soon as there is a connection. `settle` is called the moment that the answer
   * arrives, before anything that arrived behind it: a promise would be later than a push in the same packet.
   */
  start(
    operation: OperationName,
    input: unknown,
    terms: CallTerms,
    settle: (outcome: Outcome) => void,
  ): void {
    if (this.#ended) {
      settle({ ok: false, error: this.#ended });
      return;
    }
    const timer = setTimeout(() => {
      call.settle({ ok: false, error: new GrandstandError("unavailable", overdue(call)) });
    }, terms.timeoutMs);
    const call: PendingCall = {
      operation,
      input,
      isResent: terms.isResent,
      wasSent: false,
      settle: (outcome) => {
        if (!this.#pending.delete(call)) return;
        clearTimeout(timer);
        settle(outcome);
      },
    };
    this.#pending.add(call);
    if (this.#wire.isLive) this.#send(call);
  }

  /** There is a connection: sends everything that waits, in the order it was started. */
  resume(): void {
    for (const call of [...this.#pending]) this.#send(call);
  }

  /** The connection is gone. */
  suspend(): void {
    const error = new GrandstandError("unavailable", "The connection was lost");
    for (const call of [...this.#pending]) {
      if (!call.isResent) call.settle({ ok: false, error });
    }
  }

  /** Settles all calls, and every later one, with `error`. */
  end(error: GrandstandError): void {
    this.#ended = error;
    for (const call of [...this.#pending]) call.settle({ ok: false, error });
  }

  #send(call: PendingCall): void {
    call.wasSent = true;
    try {
      this.#wire.emit(call.operation, call.input, (ack) => call.settle(outcomeOf(ack)));
    } catch (cause) {
      const error = new GrandstandError("bad_request", "The input can't be written as JSON", { cause });
      call.settle({ ok: false, error });
    }
  }
}

function outcomeOf(ack: Ack): Outcome {
  return ack.ok ? ack : { ok: false, error: GrandstandError.fromWire(ack.error) };
}

function overdue(call: PendingCall): string {
  return call.wasSent
    ? `${call.operation} was not answered in time; whether it took effect is not known`
    : `${call.operation} was not sent: there was no connection in time`;
}
