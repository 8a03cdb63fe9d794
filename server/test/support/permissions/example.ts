import type { Client } from "../drivers/driver.js";

/** Who may prepare what an example is about. */
export interface Preparing {
  /** An API key that may do everything. */
  server: Client;
  /** A user without any particular rights, who then makes the calls. */
  me: Client;
  id: string;
}

/** One call that passes if its caller may make it. */
export interface Example {
  operation: string;
  /** What tells it from other examples of the same operation. */
  about?: string;
  /** Whether users may make the call whose token says nothing of it. */
  users: "may" | "may not";
  /** Whether API keys may: what only users do, their scopes don't give them. */
  servers?: "may not";
  /** What comes of the call, if not success. */
  passesAs?: "not_found" | "conflict";
  /** Makes the board, room or counter that the call is about. */
  prepare(preparing: Preparing): Promise<{ input: object; channels: string[] }>;
  /** What the input also has, of whoever calls with a token. */
  inputWith?(token: string): object;
}
