import type { InputOf, OperationName, OutputOf } from "@grandstand/shared/contract";

/** Calls an operation of the contract by its name. */
export type CallOperation = <N extends OperationName>(
  operation: N,
  input: InputOf<N>,
) => Promise<OutputOf<N>>;
