import { contract, isOperationName, type OperationName } from "@grandstand/shared/contract";
import { type ErrorCode, GrandstandError, type WireError } from "@grandstand/shared/errors";
import type { Ack } from "@grandstand/shared/frames";
import type { Operation } from "@grandstand/shared/operation";
import { actionOf } from "@grandstand/shared/scopes";
import { wireErrorOf } from "@grandstand/shared/wire-error-of";
import type { Logger } from "pino";
import type { Authenticator } from "../auth/authenticator.js";
import { withAddedCaps } from "../authz/grants.js";
import { checkMayCall, checkMayUseChannels } from "../authz/permission-rules.js";
import type { Auditor } from "../core/auditor.js";
import type { Call } from "../core/call.js";
import type { PresentedCredential } from "../core/caller.js";
import { callerId } from "../core/caller.js";
import type { Connection } from "../core/connection.js";
import type { EncodedHandlers, Handlers } from "../core/handler.js";
import type { HookGate, UserCaller } from "../hooks/gate.js";
import type { CallLimits } from "../limits/call-limits.js";
import { LimitReached, type QuotaState } from "../limits/limit-reached.js";
import { noObserver, type Observer, type TransportName } from "../observer/observer.js";
import { noProfiles, type ShownProfiles } from "../profiles/shown-profiles.js";
import { isRedisUnavailable } from "../redis/faults.js";
import { idempotencyOf } from "../redis/idempotency.js";
import { fullPace, type Pace } from "../redis/pace.js";
import { Deadlines } from "./deadlines.js";
import { checkInput } from "./input.js";

/** A call, decoded by its transport. */
export interface Request {
  operation: string;
  /** Decoded JSON, not checked. */
  input: unknown;
  /** The size of the input as it was received. */
  bytes: number;
  /** A live connection, whose caller is known, or the credential of a REST call. */
  from: Connection | Sender;
  /** Whether the data of the reply may be an `EncodedResult`. */
  takesEncoded?: boolean;
  /** The entity tags of the responses that the caller has already. */
  ifNoneMatch?: string | null;
  /** The caller's span, in W3C's format. */
  traceparent?: string | undefined;
}

/** The origin of a REST call. Without `source`, the token came in a header. */
interface Sender extends Partial<Omit<PresentedCredential, "token">> {
  token: string | null;
  address: string;
  userAgent?: string | undefined;
}

export interface Reply {
  ack: Ack;
  /** The state of the quota that the call was charged to; null if no quota was charged. */
  quotaState: QuotaState | null;
  /**
   * The transport calls this after it has passed the reply to the connection, before it sends anything else.
   */
  sent(): void;
}

/** What a call has produced so far besides its reply. */
interface Progress {
  quotaState: QuotaState | null;
  followUps: FollowUp[];
  /** The name of the API key of an operator in the console; null for any other caller. */
  operatorKey: string | null;
}

/** What a handler registered with `afterReply`. */
interface FollowUp {
  then: () => void;
  undo: () => void;
}

/** After how long a client should retry while Redis is unavailable. */
const RETRY_AFTER_MS = 1_000;
/** The cost of a call to an operation that does not exist. */
const UNKNOWN_COST = 1;
/**
 * A call without a result after this time is answered with `unavailable`. The reply to an operator's call may come later:
 * the node first writes the outcome to the audit log, and this time does not include that write.
 */
const CALL_TIMEOUT_MS = 2_500;

/** Takes every call of every transport: authenticate, limit, authorise, validate, ask hooks, carry out, map errors. */
export class Dispatcher {
  readonly #authenticator: Authenticator;
  readonly #limits: CallLimits;
  readonly #handlers: Handlers;
  readonly #encodedHandlers: EncodedHandlers;
  readonly #auditor: Auditor;
  readonly #log: Logger;
  readonly #observer: Observer;
  readonly #pace: Pace;
  readonly #hooks: HookGate | null;
  readonly #profiles: ShownProfiles;
  /**
   * Bounds the time of a call. The timeout of a Redis command is not enough for that: commands wait in a queue, and a
   * call may run several commands.
   */
  readonly #deadlines = new Deadlines(CALL_TIMEOUT_MS, unavailable);

  constructor(
    authenticator: Authenticator,
    limits: CallLimits,
    handlers: Handlers,
    auditor: Auditor,
    log: Logger,
    observer: Observer = noObserver,
    pace: Pace = fullPace,
    hooks: HookGate | null = null,
    profiles: ShownProfiles = noProfiles,
    encodedHandlers: EncodedHandlers = {},
  ) {
    this.#encodedHandlers = encodedHandlers;
    this.#profiles = profiles;
    this.#auditor = auditor;
    this.#authenticator = authenticator;
    this.#limits = limits;
    this.#handlers = handlers;
    this.#log = log;
    this.#observer = observer;
    this.#pace = pace;
    this.#hooks = hooks;
  }

  /** Never rejects: an error becomes the reply. */
  dispatch(request: Request): Promise<Reply> {
    const { tracer } = this.#observer;
    if (tracer === undefined) return this.#dispatch(request);
    const operation = nameOf(request.operation);
    return tracer.span(operation, "server", request.traceparent, async (span) => {
      const reply = await this.#dispatch(request);
      const code = reply.ack.ok ? "ok" : reply.ack.error.code;
      span.set({ "grandstand.transport": transportOf(request), "grandstand.code": code });
      if (code === "internal" || code === "unavailable") span.fail(code);
      return reply;
    });
  }

  async #dispatch(request: Request): Promise<Reply> {
    const progress: Progress = { quotaState: null, followUps: [], operatorKey: null };
    const { followUps } = progress;
    const startedAt = performance.now();
    const pending = this.#carryOut(request, progress);
    try {
      const data = await this.#deadlines.race(pending);
      if (progress.operatorKey !== null) await this.#audit(request, progress.operatorKey, "ok");
      this.#noteEnd(request, "ok", startedAt);
      const sent = () => this.#follow(request.operation, followUps, "then");
      return { ack: { ok: true, data }, quotaState: progress.quotaState, sent };
    } catch (error) {
      // The handler may still succeed after the timeout. The caller has received an error, so what the handler began on the
      // connection, such as a subscription, is undone. What it wrote to Redis stays.
      pending.then(
        () => this.#follow(request.operation, followUps, "undo"),
        () => {},
      );
      this.#noteRefusal(error, request);
      const quotaState = error instanceof LimitReached ? error.quotaState : progress.quotaState;
      const wireError = this.#wireError(error, request.operation);
      if (progress.operatorKey !== null) await this.#audit(request, progress.operatorKey, wireError.code);
      this.#noteEnd(request, wireError.code, startedAt);
      return { ack: { ok: false, error: wireError }, quotaState, sent: () => {} };
    }
  }

  /**
   * Maps the error of a request, handshake or frame that was refused before it became a call.
   * @param what names the request, handshake or frame in the log if the error is unexpected
   */
  refusal(error: unknown, transport: TransportName, what: string): WireError {
    const wireError = this.#wireError(error, what);
    this.#observer.note("refused", { transport, code: wireError.code });
    return wireError;
  }

  #noteEnd(request: Request, code: ErrorCode | "ok", startedAt: number): void {
    this.#observer.note("callEnded", {
      operation: nameOf(request.operation),
      transport: transportOf(request),
      code,
      ms: performance.now() - startedAt,
    });
  }

  /** Before the reply, records in the audit log what an operator changed or tried to change. */
  async #audit({ operation, input, from }: Request, operatorKey: string, outcome: string) {
    if (!isOperationName(operation) || !changes(operation)) return;
    await this.#auditor.record({ key: operatorKey, address: from.address, operation, input, outcome });
  }

  /**
   * Counts a refused call in two cases:
   * - The call came over a connection, and a limit refused it.
   * - The credential of the call is invalid. `#noteExpiredCookie` has the rule for a cookie.
   */
  #noteRefusal(error: unknown, { operation, from }: Request): void {
    if (error instanceof LimitReached) {
      if (!("token" in from)) this.#limits.noteRefused(from, costOf(operation));
    } else if (error instanceof GrandstandError && error.code === "unauthenticated") {
      if (!("token" in from)) this.#limits.noteFailureOn(from);
      else if (from.source === "cookie") this.#noteExpiredCookie(from.address, costOf(operation));
      else if (from.token !== null) this.#limits.noteFailure(from.address);
    }
  }

  /** Charges a call with an expired cookie like one without credentials. If no points are left, notes a failed credential. */
  #noteExpiredCookie(address: string, cost: number): void {
    Promise.resolve()
      .then(() => this.#limits.spend({ kind: "nobody" }, null, address, cost))
      .catch(() => this.#limits.noteFailure(address));
  }

  #follow(operation: string, followUps: FollowUp[], outcome: keyof FollowUp): void {
    try {
      for (const followUp of followUps) followUp[outcome]();
    } catch (error) {
      this.#log.error({ err: error, operation }, "a follow-up of a reply failed");
    }
  }

  /** Maps an error to what a caller may see. Unexpected errors are logged and become `internal`. */
  #wireError(error: unknown, operation: string): WireError {
    if (error instanceof LimitReached) {
      this.#observer.note("limitReached", { limit: error.limitName });
    }
    if (error instanceof GrandstandError) return wireErrorOf(error);
    if (isRedisUnavailable(error)) return wireErrorOf(unavailable);
    this.#log.error({ err: error, operation }, "a call failed");
    return { code: "internal", message: "Something went wrong on the server" };
  }

  async #carryOut(request: Request, progress: Progress) {
    const { operation: name, input: sent, bytes, from, takesEncoded = false, ifNoneMatch = null } = request;
    const waking = this.#pace.wake();
    if (waking !== null) await waking;
    if ("token" in from && from.token !== null) this.#limits.checkCredentialsOf(from.address);
    const [payer, connection] =
      "token" in from ? [await this.#authenticator.identify(from.token), null] : [from.caller, from];
    const spending = this.#limits.spend(payer, connection, from.address, costOf(name));
    progress.quotaState = spending instanceof Promise ? await spending : spending;
    // The caller is read here, because `auth.refresh` may have replaced the connection's caller while this call waited.
    // From here on, only hooks are awaited before the handler runs. After the hooks, `#carryOutHooked` reads the caller
    // again.
    const caller = connection?.caller ?? payer;
    if (!isOperationName(name)) {
      throw new GrandstandError("bad_request", `There is no operation ${String(name).slice(0, 64)}`, {
        issues: [{ path: "op", rule: "oneOf", message: "must be the name of an operation" }],
      });
    }
    const operation: Operation = contract[name];
    if (operation.rest === null && connection === null) {
      throw new GrandstandError("bad_request", `${name} needs a live connection`);
    }
    if (caller.kind === "server" && caller.isOperator) progress.operatorKey = caller.keyName;
    checkMayCall(name, caller);
    const { input, idempotencyKey } = checkInput(operation, sent, bytes);
    const isHooked = this.#hooks !== null && caller.kind === "user" && this.#hooks.concerns(name);
    if (!isHooked) checkMayUseChannels(name, caller, input);
    const call: Call = {
      caller,
      connection,
      userAgent: "token" in from ? (from.userAgent ?? null) : null,
      ifNoneMatch,
      idempotency:
        idempotencyKey === null ? null : idempotencyOf(callerId(caller), name, idempotencyKey, input),
      afterReply: (then, undo) => progress.followUps.push({ then, undo }),
    };
    if (isHooked) return this.#carryOutHooked(name, input, call, from.address);
    return this.#handle(name, input, call, takesEncoded);
  }

  /**
   * Asks the hooks, and then checks the rights: hooks may add rights, and the caller may have changed
   * meanwhile.
   */
  async #carryOutHooked(name: OperationName, sent: unknown, call: Call, address: string): Promise<unknown> {
    const { connection } = call;
    const { input, addedCaps } = await this.#hooks!.call(name, call.caller as UserCaller, sent, address);
    const caller = withAddedCaps(connection?.caller ?? call.caller, addedCaps);
    if (connection !== null) connection.caller = caller;
    checkMayCall(name, caller);
    checkMayUseChannels(name, caller, input);
    return this.#handle(name, input, { ...call, caller }, false);
  }

  /** Runs the handler that fits the transport, and adds the current profiles of users to the output. */
  async #handle(name: OperationName, input: unknown, call: Call, takesEncoded: boolean): Promise<unknown> {
    // `note` stores the profile that the caller's credential contains. For a connection, `note` was called when its caller
    // became known.
    if (call.connection === null) this.#profiles.note(call.caller);
    const encoded = takesEncoded ? this.#encodedHandlers[name] : undefined;
    if (encoded !== undefined) return (encoded as AnyHandler)(input, call);
    const handler = this.#handlers[name] as AnyHandler;
    const output = await handler(input, call);
    const reading = showsUsers(name) ? this.#profiles.show(output) : null;
    if (reading !== null) await reading;
    return output;
  }
}

/** A handler takes the parsed input of its operation. The compiler can't infer that type from the name. */
type AnyHandler = (input: unknown, call: Call) => Promise<unknown>;

function nameOf(operation: string): string {
  return isOperationName(operation) ? operation : "unknown";
}

function transportOf({ from }: Request): TransportName {
  return "token" in from ? "rest" : from.transport;
}

/** Whether an operation changes something, so that an operator's call of it is audited. */
function changes(name: OperationName): boolean {
  const operation: Operation = contract[name];
  return operation.isWrite || actionOf(operation) === "write";
}

/**
 * Whether the output of an operation may contain profiles. Subscriptions add the current profiles themselves.
 */
function showsUsers(name: OperationName): boolean {
  return /^(leaderboard|chat|presence)\./.test(name);
}

function costOf(operation: string): number {
  return isOperationName(operation) ? contract[operation].cost : UNKNOWN_COST;
}

const unavailable = new GrandstandError("unavailable", "The service can't answer right now", {
  retryAfterMs: RETRY_AFTER_MS,
});
