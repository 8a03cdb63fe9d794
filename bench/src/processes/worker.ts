import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Children } from "./children.js";
import type { AnswerMessage, CallMessage, Methods } from "./service.js";

/** No step of a benchmark takes longer: one that does hangs. */
const LONGEST_CALL_MS = 120_000;

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

type Answer<M extends Methods, N extends keyof M> = Awaited<ReturnType<M[N]>>;

/** A process that answers calls (see `serve`). */
export class Worker<M extends Methods> {
  readonly child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;

  constructor(child: ChildProcess, name: string) {
    this.child = child;
    child.on("message", this.#onAnswer);
    child.once("error", (error) => this.#failAll(error));
    child.once("exit", (code, signal) => {
      this.#failAll(new Error(`${name} ended (${signal ?? `status ${code}`})`));
    });
  }

  /** Starts `<module>.js`, named relative to the folder of the compiled benchmarks. */
  static start<M extends Methods>(children: Children, module: string): Worker<M> {
    const path = fileURLToPath(new URL(`../${module}.js`, import.meta.url));
    const child = children.start(process.execPath, [path], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    return new Worker<M>(child, module);
  }

  call<N extends keyof M & string>(method: N, argument: Parameters<M[N]>[0]): Promise<Answer<M, N>> {
    const call = this.#calls++;
    const message: CallMessage = { call, method, argument };
    return new Promise<Answer<M, N>>((resolve, reject) => {
      const tooLate = setTimeout(() => reject(new Error(`${method} took too long`)), LONGEST_CALL_MS);
      this.#waiting.set(call, {
        resolve: (value) => {
          clearTimeout(tooLate);
          resolve(value as Answer<M, N>);
        },
        reject: (error) => {
          clearTimeout(tooLate);
          reject(error);
        },
      });
      this.child.send(message, (error) => error && this.#settle(call)?.reject(error));
    });
  }

  readonly #onAnswer = (answer: AnswerMessage): void => {
    const waiting = this.#settle(answer.call);
    if ("error" in answer) waiting?.reject(new Error(answer.error));
    else waiting?.resolve(answer.value);
  };

  #settle(call: number): Waiting | undefined {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    return waiting;
  }

  #failAll(error: Error): void {
    for (const call of [...this.#waiting.keys()]) this.#settle(call)?.reject(error);
  }
}
