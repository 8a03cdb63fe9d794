import type { OperationName, OutputOf, ParsedInputOf } from "@grandstand/shared/contract";
import type { Call } from "./call.js";

/** Carries out one operation. The input is checked, the caller may call it. */
export type Handler<N extends OperationName> = (input: ParsedInputOf<N>, call: Call) => Promise<OutputOf<N>>;

/** One handler for every operation of the contract: a missing one doesn't compile. */
export type Handlers = { [N in OperationName]: Handler<N> };

/** The handlers of the operations `<Domain>.*`: nothing more and nothing less compiles. */
export type DomainHandlers<Domain extends string> = {
  [N in OperationName as N extends `${Domain}.${string}` ? N : never]: Handler<N>;
};
