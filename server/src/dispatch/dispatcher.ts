import { contract, isOperationName } from "@grandstand/shared/contract";
import { GrandstandError, type WireError } from "@grandstand/shared/errors";
import type { Ack } from "@grandstand/shared/frames";
import type { Operation } from "@grandstand/shared/operation";
import type { Logger } from "pino";
import type { Call } from "../calls/call.js";
import { type Caller, callerId } from "../calls/caller.js";
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
  caller: Caller;
  /** Null on REST. */
  connection: Connection | null;
}

export interface Reply {
  ack: Ack;
  /** The transport calls it once the reply has been handed to the connection, before it sends anything else. */
  sent(): void;
}

/** How soon Redis may be back. */
const RETRY_AFTER_MS = 1_000;

/** The one way of every call, whatever its transport: authorise, validate, carry out, map errors. */
export class Dispatcher {
  readonly #handlers: Handlers;
  readonly #log: Logger;

  constructor(handlers: Handlers, log: Logger) {
    this.#handlers = handlers;
    this.#log = log;
  }

  /** Never rejects: what goes wrong is in the reply. */
  async dispatch(request: Request): Promise<Reply> {
    const afterReply: (() => void)[] = [];
    const sent = () => {
      for (const then of afterReply) then();
    };
    try {
      const data = await this.#carryOut(request, afterReply);
      return { ack: { ok: true, data }, sent };
    } catch (error) {
      return { ack: { ok: false, error: this.wireError(error, request) }, sent };
    }
  }

  /** An error as a caller may see it. What is not meant for callers is logged and becomes `internal`. */
  wireError(error: unknown, { operation, caller }: Pick<Request, "operation" | "caller">): WireError {
    if (error instanceof GrandstandError) return error.toWire();
    if (isRedisAway(error)) {
      const message = "The service can't answer right now";
      return { code: "unavailable", message, retryAfterMs: RETRY_AFTER_MS };
    }
    this.#log.error({ err: error, operation, caller: callerId(caller) }, "a call failed");
    return { code: "internal", message: "Something went wrong on the server" };
  }

  async #carryOut(
    { operation: name, input: sent, bytes, caller, connection }: Request,
    afterReply: (() => void)[],
  ) {
    if (!isOperationName(name)) {
      throw new GrandstandError("bad_request", `There is no operation ${name.slice(0, 64)}`, {
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
      idempotency:
        idempotencyKey === null ? null : idempotencyOf(callerId(caller), name, idempotencyKey, input),
      afterReply: (then) => afterReply.push(then),
    };
    // Each handler takes what its own schema gives, which the compiler can't follow through the name.
    return (this.#handlers[name] as (input: unknown, call: Call) => Promise<unknown>)(input, call);
  }
}
