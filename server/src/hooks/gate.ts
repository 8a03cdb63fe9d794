import { contract, type OperationName } from "@grandstand/shared/contract";
import { GrandstandError } from "@grandstand/shared/errors";
import type { Operation } from "@grandstand/shared/operation";
import type { Logger } from "pino";
import type { HookName } from "../config/hooks.js";
import type { Caller, Capability } from "../core/caller.js";
import { plainJson } from "../core/plain-json.js";
import type { HookOutcome, Observer } from "../observer/observer.js";
import type { HookAnswer } from "./answer.js";
import { type CallHookName, type HookUser, hookedOperations } from "./hooks.js";
import type { AnyQuestion, HookSource } from "./source.js";

/** The least time between two log lines about failures of the same hook. */
const LOG_INTERVAL_MS = 10_000;
const RETRY_AFTER_MS = 1_000;

/** The error of a call or connection that a hook refused, or that is refused because a hook failed. */
export class HookRefusal extends GrandstandError {}

/** Wraps what a hook threw, so that the log names the hook: the cause may come from any library of the app. */
class HookFailure extends Error {
  constructor(hook: HookName, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : "it threw a value that is not an Error";
    super(`the hook ${hook} failed: ${reason}`, { cause });
    this.name = "HookFailure";
  }
}

export type UserCaller = Caller & { kind: "user" };

const hookOfOperation = new Map<string, CallHookName>(
  Object.entries(hookedOperations).flatMap(([hook, operations]) =>
    operations.map((operation) => [operation, hook as CallHookName] as const),
  ),
);

/** What hooks decided about a call or a connection that they allow. */
export interface Decision {
  /** The input to carry out. */
  input: unknown;
  addedCaps: readonly Capability[];
}

/**
 * Asks hooks about connections and calls of users, and refuses those that a hook refuses. Several sources of hooks are
 * asked one after the other. Each source gets the input with the changes of the earlier sources. The gate asks no hook
 * about calls with API keys, because the app itself makes these calls.
 */
export class HookGate {
  readonly #sources: readonly HookSource[];
  readonly #isFailOpen: boolean;
  readonly #log: Logger;
  readonly #observer: Observer;
  readonly #loggedAt = new Map<HookName, number>();

  /** @param isFailOpen if true, a hook that fails counts as a hook that allows everything and changes nothing */
  constructor(sources: readonly HookSource[], isFailOpen: boolean, log: Logger, observer: Observer) {
    this.#sources = sources;
    this.#isFailOpen = isFailOpen;
    this.#log = log;
    this.#observer = observer;
  }

  /** Whether any source has a hook for the operation. */
  concerns(operation: OperationName): boolean {
    const hook = hookOfOperation.get(operation);
    return hook !== undefined && this.#sources.some((source) => source.has(hook));
  }

  /**
   * Asks about a connection, or about a new token for it.
   * @returns the rights that the hooks add
   * @throws {HookRefusal} with the hook's code when a hook refuses; `unavailable` when a hook fails and `isFailOpen` is not set
   */
  async connect(caller: Caller, address: string): Promise<readonly Capability[]> {
    if (caller.kind !== "user" || !this.#sources.some((source) => source.has("connect"))) return [];
    const { addedCaps } = await this.#ask({ hook: "connect", user: hookUserOf(caller), address });
    return addedCaps;
  }

  /**
   * Asks about a call of an operation for which `concerns` is true.
   * @param input the validated input
   * @throws {HookRefusal} with the hook's code when a hook refuses; `unavailable` when a hook fails and `isFailOpen` is not set
   */
  call(operation: OperationName, caller: UserCaller, input: unknown, address: string): Promise<Decision> {
    const hook = hookOfOperation.get(operation)!;
    return this.#ask({ hook, operation, user: hookUserOf(caller), input, address });
  }

  async #ask(first: AnyQuestion): Promise<Decision> {
    let question = first;
    const addedCaps: Capability[] = [];
    for (const source of this.#sources) {
      if (!source.has(first.hook)) continue;
      const { refuse, code, caps, input } = await this.#answer(source, question);
      if (refuse !== undefined) throw refusal(refuse, code);
      if (caps !== undefined) addedCaps.push(...caps);
      if (input !== undefined) question = { ...question, input };
    }
    return { input: question.input, addedCaps };
  }

  /** Asks one source. `input` of the result is the whole input with the hook's changes, not the changed fields only. */
  async #answer(
    source: HookSource,
    question: AnyQuestion,
  ): Promise<Omit<HookAnswer, "input"> & { input?: unknown }> {
    const startedAt = performance.now();
    const { hook } = question;
    const note = (outcome: HookOutcome) =>
      this.#observer.note("hookAsked", {
        hook,
        source: source.name,
        outcome,
        ms: performance.now() - startedAt,
      });
    try {
      const { input: changes, ...answer } = await this.#spanOf(source, question);
      const input = changes === undefined ? undefined : changedInput(question, changes);
      note(answer.refuse !== undefined ? "refused" : input === undefined ? "allowed" : "changed");
      return { ...answer, ...(input !== undefined && { input }) };
    } catch (error) {
      note("failed");
      this.#logFailure(hook, source, error);
      if (this.#isFailOpen) return {};
      throw new HookRefusal("unavailable", "The app can't decide about this right now", {
        retryAfterMs: RETRY_AFTER_MS,
      });
    }
  }

  /** Asks a source within a span. The span belongs to the trace of the call. For a new connection, it begins a trace. */
  #spanOf(source: HookSource, question: AnyQuestion): Promise<HookAnswer> {
    const { tracer } = this.#observer;
    if (tracer === undefined) return source.ask(question);
    const kind = source.name === "http" ? "client" : "internal";
    return tracer.span(`hook ${question.hook}`, kind, tracer.traceparent, (span) => {
      span.set({ "grandstand.hook.source": source.name });
      return source.ask(question);
    });
  }

  #logFailure(hook: HookName, source: HookSource, error: unknown): void {
    const now = performance.now();
    if (now - (this.#loggedAt.get(hook) ?? Number.NEGATIVE_INFINITY) < LOG_INTERVAL_MS) return;
    this.#loggedAt.set(hook, now);
    const consequence = this.#isFailOpen ? "allowed" : "refused";
    const err = new HookFailure(hook, error);
    this.#log.warn({ err, hook, source: source.name, consequence }, "a hook failed");
  }
}

/**
 * The input with the changes of a hook.
 * @throws {Error} when the changes make the input invalid, which is a fault of the hook and not of the caller
 */
function changedInput({ operation, input }: AnyQuestion, changes: Record<string, unknown>): unknown {
  if (operation === undefined) throw new Error("the hook changed the input of a connection, which has none");
  const { input: schema }: Operation = contract[operation];
  const { data, error } = schema.safeParse({ ...(input as object), ...(plainJson(changes) as object) });
  if (data !== undefined) return data;
  const [issue] = error!.issues;
  throw new Error(`the hook made ${issue?.path.join(".") || "the input"} invalid: ${issue?.message}`);
}

function refusal(message: string, code: HookAnswer["code"] = "forbidden"): HookRefusal {
  // `retryAfterMs` keeps a client without a backoff from repeating the call at once.
  return new HookRefusal(code, message, code === "rate_limited" ? { retryAfterMs: RETRY_AFTER_MS } : {});
}

function hookUserOf({ user, role }: UserCaller): HookUser {
  const { id, name, avatar, isGuest } = user;
  return { id, name, avatar, isGuest, role: role ?? null };
}
