import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";

export interface CallOptions {
  /** How long the call may take, including the wait for a connection. The client's `callTimeoutMs` by default. */
  timeoutMs?: number | undefined;
  /**
   * Aborts the call: it rejects with the signal's reason. If the request was sent before, the server may
   * still carry it out.
   */
  signal?: AbortSignal | undefined;
}

/** Calls an operation of the contract by its name. */
export type CallOperation = <N extends OperationName>(
  operation: N,
  input: InputOf<N>,
  options?: CallOptions,
) => Promise<OutputOf<N>>;
