import type { OperationName, OutputOf, ParsedInputOf } from "@grandstand/shared/contract";
import type { Call } from "./call.js";
import type { EncodedResult } from "./encoded-result.js";

/** Carries out one operation. The input is valid, and the caller may call the operation. */
export type Handler<N extends OperationName> = (input: ParsedInputOf<N>, call: Call) => Promise<OutputOf<N>>;

/** One handler for every operation of the contract. */
export type Handlers = { [N in OperationName]: Handler<N> };

/**
 * Handlers that return encoded JSON, for transports that send it unchanged. An encoded handler adds the current profiles
 * of users itself, because the dispatcher adds profiles only to the output of `Handlers`. The rest of the JSON has the
 * same content as the output of the operation's handler in `Handlers`.
 */
export type EncodedHandlers = {
  [N in OperationName]?: (input: ParsedInputOf<N>, call: Call) => Promise<EncodedResult>;
};

/** The handlers of all operations `<Domain>.*`. */
export type DomainHandlers<Domain extends string> = {
  [N in OperationName as N extends `${Domain}.${string}` ? N : never]: Handler<N>;
};
