import type { OperationName } from "@grandstand/shared/contract";
import type { HookName } from "../config/hooks.js";
import type { HookAnswer } from "./answer.js";
import type { HookUser } from "./hooks.js";

/** A question of any hook. Only questions about calls have `operation` and `input`. */
export interface AnyQuestion {
  hook: HookName;
  operation?: OperationName;
  user: HookUser;
  input?: unknown;
  address: string;
}

/** Answers the questions of some hooks. */
export interface HookSource {
  readonly name: "process" | "http";
  /** Whether it answers this hook. */
  has(hook: HookName): boolean;
  /** @throws when there is no answer that can be used, or none in time */
  ask(question: AnyQuestion): Promise<HookAnswer>;
}
