/** What a process of the benchmark can be asked to do, by name; over Node's channel to its child. */
// biome-ignore lint/suspicious/noExplicitAny: each method takes an argument of its own
export type Methods = Record<string, (argument: any) => unknown>;

export interface CallMessage {
  call: number;
  method: string;
  argument: unknown;
}

export type AnswerMessage = { call: number; value: unknown } | { call: number; error: string };

/** Answers the calls of the process that started this one, and ends with it. */
export function serve(methods: Methods): void {
  process.on("message", async ({ call, method, argument }: CallMessage) => {
    const answer: AnswerMessage = await Promise.resolve()
      .then(() => methods[method]!(argument))
      .then(
        (value) => ({ call, value }),
        (error: unknown) => ({ call, error: error instanceof Error ? error.stack! : String(error) }),
      );
    process.send?.(answer);
  });
  process.on("disconnect", () => process.exit());
}
