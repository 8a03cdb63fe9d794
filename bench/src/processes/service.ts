/** The methods that a child process offers to the benchmark, called over Node's IPC channel. */
// biome-ignore lint/suspicious/noExplicitAny: the argument types of methods differ
export type Methods = Record<string, (argument: any) => unknown>;

export interface CallMessage {
  call: number;
  method: string;
  argument: unknown;
}

export type ReplyMessage = { call: number; value: unknown } | { call: number; error: string };

/** Answers calls of the parent process, and exits when the parent does. */
export function serve(methods: Methods): void {
  process.on("message", async ({ call, method, argument }: CallMessage) => {
    const reply: ReplyMessage = await Promise.resolve()
      .then(() => methods[method]!(argument))
      .then(
        (value) => ({ call, value }),
        (error: unknown) => ({ call, error: error instanceof Error ? error.stack! : String(error) }),
      );
    process.send?.(reply);
  });
  process.on("disconnect", () => process.exit());
}
