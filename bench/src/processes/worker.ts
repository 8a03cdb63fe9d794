import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Children } from "./children.js";
import type { CallMessage, Methods, ReplyMessage } from "./service.js";

/** Longer than any step of a benchmark takes. */
const CALL_TIMEOUT_MS = 120_000;

interface PendingCall {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

type Reply<M extends Methods, N extends keyof M> = Awaited<ReturnType<M[N]>>;

/** A child process that answers calls with `serve` (service.ts). */
export class Worker<M extends Methods> {
  readonly child: ChildProcess;
  readonly #pending = new Map<number, PendingCall>();
  #calls = 0;

  constructor(child: ChildProcess, name: string) {
    this.child = child;
    child.on("message", this.#onReply);
    child.once("error", (error) => this.#failAll(error));
    child.once("exit", (code, signal) => {
      this.#failAll(new Error(`${name} exited (${signal ?? `status ${code}`})`));
    });
  }

  /** Starts `<module>.js`. @param module a path in the compiled bench package, such as `load/rest` */
  static start<M extends Methods>(children: Children, module: string): Worker<M> {
    const path = fileURLToPath(new URL(`../${module}.js`, import.meta.url));
    const child = children.start(process.execPath, [path], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    return new Worker<M>(child, module);
  }

  call<N extends keyof M & string>(method: N, argument: Parameters<M[N]>[0]): Promise<Reply<M, N>> {
    const call = this.#calls++;
    const message: CallMessage = { call, method, argument };
    return new Promise<Reply<M, N>>((resolve, reject) => {
      const timeout = setTimeout(
        () => reject(new Error(`${method} did not reply within ${CALL_TIMEOUT_MS} ms`)),
        CALL_TIMEOUT_MS,
      );
      this.#pending.set(call, {
        resolve: (value) => {
          clearTimeout(timeout);
          resolve(value as Reply<M, N>);
        },
        reject: (error) => {
          clearTimeout(timeout);
          reject(error);
        },
      });
      this.child.send(message, (error) => error && this.#take(call)?.reject(error));
    });
  }

  readonly #onReply = (reply: ReplyMessage): void => {
    const pending = this.#take(reply.call);
    if ("error" in reply) pending?.reject(new Error(reply.error));
    else pending?.resolve(reply.value);
  };

  #take(call: number): PendingCall | undefined {
    const pending = this.#pending.get(call);
    this.#pending.delete(call);
    return pending;
  }

  #failAll(error: Error): void {
    for (const call of [...this.#pending.keys()]) this.#take(call)?.reject(error);
  }
}
