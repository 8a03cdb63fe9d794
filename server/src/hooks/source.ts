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

/** What answers the questions of hooks: functions in this process, or the app's backend over HTTP. */
export interface HookSource {
  readonly name: "process" | "http";
  /** Whether it answers this hook. */
  has(hook: HookName): boolean;
  /** @throws when the hook fails, gives an invalid answer, or does not answer in time */
  ask(question: AnyQuestion): Promise<HookAnswer>;
}
