import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";

export interface CallOptions {
  /** How long the call may take, including the wait for a connection. The client's `callTimeoutMs` by default. */
  timeoutMs?: number | undefined;
  /** Gives the call up: it rejects with the signal's reason. What was sent already may still be carried out. */
  signal?: AbortSignal | undefined;
}

/** Calls an operation of the contract by its name. */
export type CallOperation = <N extends OperationName>(
  operation: N,
  input: InputOf<N>,
  options?: CallOptions,
) => Promise<OutputOf<N>>;
