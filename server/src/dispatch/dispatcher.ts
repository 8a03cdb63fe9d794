import { contract, isOperationName } from "@grandstand/shared/contract";
import { GrandstandError, type WireError } from "@grandstand/shared/errors";
import type { Ack } from "@grandstand/shared/frames";
import type { Operation } from "@grandstand/shared/operation";
import type { Logger } from "pino";
import type { Authenticator } from "../auth/authenticator.js";
import type { Call } from "../calls/call.js";
import { callerId } from "../calls/caller.js";
import type { Connection } from "../calls/connection.js";
import type { Handlers } from "../calls/handlers.js";
import { isRedisAway } from "../redis/faults.js";
import { idempotencyOf } from "../redis/idempotency.js";
import { checkInput } from "./input.js";
import { checkCaller } from "./permission.js";

/** A call as a transport hands it over. */
export interface Request {
  operation: string;
  /** Decoded JSON, not checked. */
  input: unknown;
  /** How many bytes the input came in. */
  bytes: number;
  /** Who calls: a live connection, whose caller is known, or whoever presents a token. */
  from: Connection | { token: string | null; userAgent?: string | undefined };
}

export interface Reply {
  ack: Ack;
  /** The transport calls it once the reply has been handed to the connection, before it sends anything else. */
  sent(): void;
}

/** What a handler asked for, by how its call was answered. */
interface FollowUp {
  then: () => void;
  undo: () => void;
}

/** How soon Redis may be back. */
const RETRY_AFTER_MS = 1_000;
/** A call is answered within this time, whatever Redis does. */
const CALL_TIMEOUT_MS = 2_500;

/** The one way of every call, whatever its transport: authenticate, authorise, validate, carry out, map errors. */
export class Dispatcher {
  readonly #authenticator: Authenticator;
  readonly #handlers: Handlers;
  readonly #log: Logger;

  constructor(authenticator: Authenticator, handlers: Handlers, log: Logger) {
    this.#authenticator = authenticator;
    this.#handlers = handlers;
    this.#log = log;
  }

  /** Never rejects: what goes wrong is in the reply. */
  async dispatch(request: Request): Promise<Reply> {
    const followUps: FollowUp[] = [];
    const carryingOut = this.#carryOut(request, followUps);
    try {
      const data = await withinTime(carryingOut);
      const sent = () => this.#follow(request.operation, followUps, "then");
      return { ack: { ok: true, data }, sent };
    } catch (error) {
      // It may end well after all, and then must not leave what the caller was told does not exist.
      carryingOut.then(
        () => this.#follow(request.operation, followUps, "undo"),
        () => {},
      );
      return { ack: { ok: false, error: this.wireError(error, request.operation) }, sent: () => {} };
    }
  }

  #follow(operation: string, followUps: FollowUp[], way: keyof FollowUp): void {
    try {
      for (const followUp of followUps) followUp[way]();
    } catch (error) {
      this.#log.error({ err: error, operation }, "what follows a reply failed");
    }
  }

  /** An error as a caller may see it. What is not meant for callers is logged and becomes `internal`. */
  wireError(error: unknown, operation: string): WireError {
    if (error instanceof GrandstandError) return error.toWire();
    if (isRedisAway(error)) return away.toWire();
    this.#log.error({ err: error, operation }, "a call failed");
    return { code: "internal", message: "Something went wrong on the server" };
  }

  async #carryOut({ operation: name, input: sent, bytes, from }: Request, followUps: FollowUp[]) {
    const [caller, connection] =
      "token" in from ? [await this.#authenticator.identify(from.token), null] : [from.caller, from];
    if (!isOperationName(name)) {
      throw new GrandstandError("bad_request", `There is no operation ${String(name).slice(0, 64)}`, {
        issues: [{ path: "op", rule: "oneOf", message: "must be the name of an operation" }],
      });
    }
    const operation: Operation = contract[name];
    if (operation.rest === null && connection === null) {
      throw new GrandstandError("bad_request", `${name} needs a live connection`);
    }
    checkCaller(operation, caller);
    const { input, idempotencyKey } = checkInput(operation, sent, bytes);
    const call: Call = {
      caller,
      connection,
      userAgent: "token" in from ? (from.userAgent ?? null) : null,
      idempotency:
        idempotencyKey === null ? null : idempotencyOf(callerId(caller), name, idempotencyKey, input),
      afterReply: (then, undo) => followUps.push({ then, undo }),
    };
    // Each handler takes what its own schema gives, which the compiler can't follow through the name.
    return (this.#handlers[name] as (input: unknown, call: Call) => Promise<unknown>)(input, call);
  }
}

const away = new GrandstandError("unavailable", "The service can't answer right now", {
  retryAfterMs: RETRY_AFTER_MS,
});

/**
 * Redis has a timeout for each command, but commands queue behind others, and a call may take two.
 * @throws {GrandstandError} `unavailable` when there is no answer in time.
 */
function withinTime<T>(answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(away), CALL_TIMEOUT_MS);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}
