import { type HookName, hookNames } from "../config/hooks.js";
import { type HookAnswer, readAnswer } from "./answer.js";
import type { Hooks } from "./hooks.js";
import type { AnyQuestion, HookSource } from "./source.js";

/** Shorter than the time limit of a call: a hook that hangs fails before the call does, so that the log names the hook. */
const TIMEOUT_MS = 2_000;

/** Asks the hooks that the app passed to this process as functions. */
export class ProcessHooks implements HookSource {
  readonly name = "process";
  readonly #hooks: Partial<Record<HookName, (question: AnyQuestion) => unknown>>;

  /** @throws {TypeError} for a name that is not a hook, or a hook that is not a function */
  constructor(hooks: Hooks) {
    for (const [name, hook] of Object.entries(hooks)) {
      if (!hookNames.includes(name as HookName)) {
        throw new TypeError(`hooks: ${name} is not a hook; the hooks are ${hookNames.join(", ")}`);
      }
      if (hook !== undefined && typeof hook !== "function") {
        throw new TypeError(`hooks: ${name} must be a function`);
      }
    }
    // The cast is safe: each hook is asked only the question of its own name.
    this.#hooks = hooks as Partial<Record<HookName, (question: AnyQuestion) => unknown>>;
  }

  has(hook: HookName): boolean {
    return this.#hooks[hook] !== undefined;
  }

  async ask(question: AnyQuestion): Promise<HookAnswer> {
    const answer = this.#hooks[question.hook]!(question);
    return readAnswer(isThenable(answer) ? await inTime(Promise.resolve(answer)) : answer);
  }
}

function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return typeof (answer as PromiseLike<unknown> | null | undefined)?.then === "function";
}

function inTime(answer: Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${TIMEOUT_MS} ms`)), TIMEOUT_MS);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
