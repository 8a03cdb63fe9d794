import type { OperationName, OutputOf, ParsedInputOf } from "@grandstand/shared/contract";
import type { Call } from "./call.js";

/** Carries out one operation, after validation of the input and the permission check. */
export type Handler<N extends OperationName> = (input: ParsedInputOf<N>, call: Call) => Promise<OutputOf<N>>;

/** One handler per operation of the contract. A missing one does not compile. */
export type Handlers = { [N in OperationName]: Handler<N> };

/** The handlers of the operations `<Domain>.*`, complete and without others. */
export type DomainHandlers<Domain extends string> = {
  [N in OperationName as N extends `${Domain}.${string}` ? N : never]: Handler<N>;
};
