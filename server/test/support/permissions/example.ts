import type { Client } from "../drivers/driver.js";

/** The clients that prepare an example. */
export interface Preparing {
  /** A client with an API key that has all scopes. */
  server: Client;
  /** A client of the user that makes the calls later. Its token has no role, and no caps (lists of permitted channels). */
  me: Client;
  /** The id of that user. */
  id: string;
}

/** One call that succeeds when its caller has the right to make it. */
export interface Example {
  operation: string;
  /** A text that distinguishes the example from others of the same operation. */
  about?: string;
  /** Whether a user without caps and role may make the call. */
  users: "may" | "may not";
  /** Set for calls that only users can make, whatever scopes an API key has. */
  servers?: "may not";
  /** Set for a call that fails even when its caller has the right to make it: the error of that call. */
  passesAs?: "not_found" | "conflict";
  /** Creates the resources that the call needs. @returns the input, and the channels that it refers to */
  prepare(preparing: Preparing): Promise<{ input: object; channels: string[] }>;
  /** Fields of the input that depend on the caller's token. */
  inputWith?(token: string): object;
}
